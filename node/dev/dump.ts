/**
 * The state as a snapshot directory, and back. What was built before is not in it: blocks,
 * transactions, salts of contracts. @source format of fuel-core-chain-config 0.48.2
 */
import { bytesToHex } from '../../primitives/bytes.ts';
import type { B256, ContractId, UtxoKey } from '../../primitives/types.ts';
import { type ChainConfig, chainConfigToJson, parseChainConfig } from '../../state/chainConfig.ts';
import { COLUMNS, type Column, partsOf, prefixOf } from '../../state/columns.ts';
import type { Engine } from '../../state/engine/port.ts';
import { parseLargeJson } from '../../state/jsonFields.ts';
import type { Snapshot } from '../../state/snapshot.ts';
import { parseStateConfig } from '../../state/stateConfig.ts';
import type { ChainStore } from '../../state/types.ts';
import { type LosslessJson, parseLosslessJson, stringifyLossless } from '../../tx/json.ts';
import type { ConsensusParameters } from '../../tx/params.ts';
import type { SnapshotFiles } from './types.ts';

/** Rows that one step of a walk holds. */
const STEP_ROWS = 1_000;

const METADATA: LosslessJson = {
  chain_config: 'chain_config.json',
  table_encoding: { Json: { filepath: 'state_config.json' } },
};

async function* rowsOf<K extends readonly unknown[], V>(
  engine: Engine,
  column: Column<K, V>,
): AsyncGenerator<[K, V]> {
  const prefix = prefixOf(column, ...([] as unknown as Partial<K>));
  let after: Uint8Array | undefined;
  for (;;) {
    const rows = await engine.scan({ prefix, after, limit: STEP_ROWS });
    for (const { key, value } of rows) yield [partsOf(column, key), column.value.decode(value)];
    after = rows.at(-1)?.key;
    if (rows.length < STEP_ROWS) return;
  }
}

const bare = (id: string): string => id.slice(2);
const hexOf = (bytes: Uint8Array): string => bare(bytesToHex(bytes));

function utxoJson(key: UtxoKey): { tx_id: string; output_index: number } {
  return { tx_id: key.slice(2, 66), output_index: Number.parseInt(key.slice(66), 16) };
}

function pointerJson(at: { readonly blockHeight: number; readonly txIndex: number }): {
  tx_pointer_block_height: number;
  tx_pointer_tx_idx: number;
} {
  return { tx_pointer_block_height: at.blockHeight, tx_pointer_tx_idx: at.txIndex };
}

async function coinsJson(engine: Engine): Promise<LosslessJson[]> {
  const coins: LosslessJson[] = [];
  for await (const [[key], coin] of rowsOf(engine, COLUMNS.coins)) {
    const { owner, amount, assetId } = coin;
    coins.push({
      ...utxoJson(key),
      ...pointerJson(coin),
      owner: bare(owner),
      amount,
      asset_id: bare(assetId),
    });
  }
  return coins;
}

async function messagesJson(engine: Engine): Promise<LosslessJson[]> {
  const messages: LosslessJson[] = [];
  for await (const [[nonce], message] of rowsOf(engine, COLUMNS.messages)) {
    messages.push({
      sender: bare(message.sender),
      recipient: bare(message.recipient),
      nonce: bare(nonce),
      amount: message.amount,
      data: hexOf(message.data),
      da_height: message.daHeight,
    });
  }
  return messages;
}

/** Rows of a column whose keys start with a contract, by that contract. */
async function byContract<V>(
  engine: Engine,
  column: Column<[ContractId, B256], V>,
  json: (key: B256, value: V) => LosslessJson,
): Promise<Map<ContractId, LosslessJson[]>> {
  const found = new Map<ContractId, LosslessJson[]>();
  for await (const [[id, key], value] of rowsOf(engine, column)) {
    const ofContract = found.get(id) ?? [];
    ofContract.push(json(key, value));
    found.set(id, ofContract);
  }
  return found;
}

async function contractsJson(engine: Engine): Promise<LosslessJson[]> {
  const states = await byContract(engine, COLUMNS.slots, (key, value) => ({
    key: bare(key),
    value: hexOf(value),
  }));
  const balances = await byContract(engine, COLUMNS.contractBalances, (assetId, amount) => ({
    asset_id: bare(assetId),
    amount,
  }));
  const utxos = new Map<ContractId, LosslessJson>();
  for await (const [[id], utxo] of rowsOf(engine, COLUMNS.contractUtxo)) {
    const where = { tx_id: bare(utxo.txId), output_index: utxo.outputIndex };
    utxos.set(id, { ...where, ...pointerJson(utxo) });
  }
  const contracts: LosslessJson[] = [];
  for await (const [[id], code] of rowsOf(engine, COLUMNS.contractCode)) {
    contracts.push({
      contract_id: bare(id),
      code: hexOf(code),
      ...(utxos.get(id) as { readonly [name: string]: LosslessJson }),
      states: states.get(id) ?? [],
      balances: balances.get(id) ?? [],
    });
  }
  return contracts;
}

async function blobsJson(engine: Engine): Promise<LosslessJson[]> {
  const blobs: LosslessJson[] = [];
  for await (const [[id], payload] of rowsOf(engine, COLUMNS.blobs)) {
    blobs.push({ blob_id: bare(id), payload: hexOf(payload) });
  }
  return blobs;
}

/** Everything that a new chain needs to go on from here. */
export async function dumpState(from: {
  readonly engine: Engine;
  readonly store: ChainStore;
  readonly params: { readonly version: number; readonly params: ConsensusParameters };
  readonly chainConfig: Pick<ChainConfig, 'chainName' | 'consensus'>;
}): Promise<SnapshotFiles> {
  const { engine, store, params } = from;
  const { height, daHeight, stateTransitionBytecodeVersion } = store.latest;
  const chainConfig = chainConfigToJson({
    ...from.chainConfig,
    consensusParameters: params.params,
    genesisStateTransitionVersion: stateTransitionBytecodeVersion,
    stateTransitionBytecode: new Uint8Array(0),
  });
  const stateConfig: LosslessJson = {
    coins: await coinsJson(engine),
    messages: await messagesJson(engine),
    blobs: await blobsJson(engine),
    contracts: await contractsJson(engine),
    last_block: {
      block_height: height,
      da_block_height: daHeight,
      consensus_parameters_version: params.version,
      state_transition_version: stateTransitionBytecodeVersion,
      blocks_root: bare(store.blocksRoot(height)),
    },
  };
  return {
    'metadata.json': `${stringifyLossless(METADATA, 2)}\n`,
    'chain_config.json': `${stringifyLossless(chainConfig, 2)}\n`,
    'state_config.json': `${stringifyLossless(stateConfig, 2)}\n`,
  };
}

/** @throws CodedError SNAPSHOT_INVALID, JSON_INVALID */
export function snapshotOf(files: SnapshotFiles): Snapshot {
  const chain = parseLosslessJson(files['chain_config.json']);
  return {
    chainConfig: parseChainConfig('chain_config.json', chain, new Uint8Array(0)),
    stateConfig: parseStateConfig('state_config.json', parseLargeJson(files['state_config.json'])),
  };
}
