/** The chain configuration: name, consensus, parameters. @source fuel-core-chain-config 0.48.2 */

import { concatBytes, hexToBytes, utf8 } from '../primitives/bytes.ts';
import { CodedError } from '../primitives/errors.ts';
import { sha256Hex } from '../primitives/hash.ts';
import type { Address, B256, BlockHeight } from '../primitives/types.ts';
import { U32_MAX } from '../primitives/u64.ts';
import type { LosslessJson } from '../tx/json.ts';
import type { ConsensusParameters } from '../tx/params.ts';
import { consensusParametersToJson, parseConsensusParameters } from '../tx/paramsJson.ts';
import { PostcardWriter, writeParamsPostcard } from '../tx/paramsPostcard.ts';
import {
  idOf,
  isPresent,
  type Located,
  member,
  memberNames,
  snapshotInvalid,
  textOf,
  u32Of,
} from './jsonFields.ts';

/** Who signs blocks. */
export type ConsensusConfig =
  | { readonly type: 'poa'; readonly signingKey: Address }
  | {
      readonly type: 'poaV2';
      readonly genesisSigningKey: Address;
      /** From this height on another key signs; ascending. */
      readonly signingKeyOverrides: ReadonlyMap<BlockHeight, Address>;
    };

export type ChainConfig = {
  readonly chainName: string;
  readonly consensusParameters: ConsensusParameters;
  /** null: not given, counts as 0. */
  readonly genesisStateTransitionVersion: number | null;
  /** Never executed, but part of the genesis commitment. */
  readonly stateTransitionBytecode: Uint8Array;
  readonly consensus: ConsensusConfig;
};

/** Address that signs the block at `height`. */
export function signingKeyAt(consensus: ConsensusConfig, height: BlockHeight): Address {
  if (consensus.type === 'poa') return consensus.signingKey;
  let key = consensus.genesisSigningKey;
  for (const [from, override] of consensus.signingKeyOverrides) if (from <= height) key = override;
  return key;
}

function parseConsensus(at: Located): ConsensusConfig {
  const old = member(at, 'PoA');
  if (isPresent(old)) return { type: 'poa', signingKey: idOf(member(old, 'signing_key')) };
  const current = member(at, 'PoAV2');
  if (!isPresent(current)) {
    throw snapshotInvalid(at.file, at.path, 'must have the member PoA or PoAV2');
  }
  const overrides = member(current, 'signing_key_overrides');
  const entries = memberNames(overrides).map((height): [BlockHeight, Address] => {
    if (!/^\d{1,10}$/.test(height) || Number(height) > U32_MAX) {
      throw snapshotInvalid(at.file, overrides.path, `has the key "${height}"; use block heights`);
    }
    return [Number(height), idOf(member(overrides, height))];
  });
  return {
    type: 'poaV2',
    genesisSigningKey: idOf(member(current, 'genesis_signing_key')),
    signingKeyOverrides: new Map(entries.sort(([a], [b]) => a - b)),
  };
}

function parseParams(at: Located): ConsensusParameters {
  try {
    return parseConsensusParameters(at.value);
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== 'PARAMS_INVALID') throw error;
    const where = String(error.context['path'] ?? '');
    const path = where === at.path || where === '' ? at.path : `${at.path}.${where}`;
    // The parser's message repeats the path in front of what is wrong.
    const what = error.message.replace(/^consensus parameters: \S+ /, '');
    throw snapshotInvalid(at.file, path, what);
  }
}

/**
 * Reads the JSON form. `bytecode`: content of `state_transition_bytecode.wasm`, empty without one.
 * @throws CodedError SNAPSHOT_INVALID
 */
export function parseChainConfig(
  file: string,
  json: LosslessJson,
  bytecode: Uint8Array,
): ChainConfig {
  const root: Located = { file, path: '', value: json };
  const version = member(root, 'genesis_state_transition_version');
  return {
    chainName: textOf(member(root, 'chain_name')),
    consensusParameters: parseParams(member(root, 'consensus_parameters')),
    genesisStateTransitionVersion: isPresent(version) ? u32Of(version) : null,
    stateTransitionBytecode: bytecode,
    consensus: parseConsensus(member(root, 'consensus')),
  };
}

/** The JSON form, ids without 0x; write the text with `stringifyLossless`. */
export function chainConfigToJson(config: ChainConfig): LosslessJson {
  const { consensus, genesisStateTransitionVersion: version } = config;
  return {
    chain_name: config.chainName,
    consensus_parameters: consensusParametersToJson(config.consensusParameters),
    ...(version === null ? {} : { genesis_state_transition_version: version }),
    consensus:
      consensus.type === 'poa'
        ? { PoA: { signing_key: consensus.signingKey.slice(2) } }
        : {
            PoAV2: {
              genesis_signing_key: consensus.genesisSigningKey.slice(2),
              signing_key_overrides: Object.fromEntries(
                [...consensus.signingKeyOverrides].map(([from, key]) => [from, key.slice(2)]),
              ),
            },
          },
  };
}

function writeConsensus(w: PostcardWriter, consensus: ConsensusConfig): void {
  if (consensus.type === 'poa') {
    w.varint(0);
    w.raw(hexToBytes(consensus.signingKey));
    return;
  }
  w.varint(1);
  w.raw(hexToBytes(consensus.genesisSigningKey));
  w.varint(consensus.signingKeyOverrides.size);
  for (const [from, key] of consensus.signingKeyOverrides) {
    w.varint(from);
    w.raw(hexToBytes(key));
  }
}

/** Commitment of the genesis block: sha256 over the postcard form and the bytecode. */
export function chainConfigHash(config: ChainConfig): B256 {
  const w = new PostcardWriter();
  w.bytes(utf8(config.chainName));
  writeParamsPostcard(w, config.consensusParameters);
  // EXACT: an absent version leaves no trace, not even the tag of an optional value.
  if (config.genesisStateTransitionVersion !== null) {
    w.varint(1);
    w.varint(config.genesisStateTransitionVersion);
  }
  writeConsensus(w, config.consensus);
  return sha256Hex(concatBytes(w.done(), config.stateTransitionBytecode));
}
