/** The genesis of a fork: the rules of the other chain, its height, and no state of its own. */

import { hexToBytes } from '../../../primitives/bytes.ts';
import { CodedError } from '../../../primitives/errors.ts';
import { addressOfSecret } from '../../../primitives/secp256k1.ts';
import { type B256, ZERO_B256 } from '../../../primitives/types.ts';
import type { Snapshot } from '../../../state/snapshot.ts';
import { GAS_ENTRIES, type GasTableVersion } from '../../../tx/gasTable.ts';
import type { ConsensusParameters, GasCosts, GasCostValue } from '../../../tx/params.ts';
import { TABLE_NAMES } from '../../graphql/gasCosts.ts';
import type { RemoteChain, RemoteParams } from './questions.ts';

/** Newest first: the first whose entries are all there is the table. */
const TABLES: readonly GasTableVersion[] = [7, 6, 5, 4, 3, 2, 1];
const U64_MAX = (1n << 64n) - 1n;

/** Names of the API by names of the table; for costs that grow, the newer of two names. */
const API_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries(TABLE_NAMES).map(([api, table]) => [table, api]),
);

function costOf(value: RemoteParams['gasCosts'][string] | undefined): GasCostValue | null {
  if (value == null) return null;
  if (typeof value === 'string') return BigInt(value);
  const base = BigInt(value.base);
  if (value.unitsPerGas !== undefined) {
    return { type: 'light', base, unitsPerGas: BigInt(value.unitsPerGas) };
  }
  return { type: 'heavy', base, gasPerUnit: BigInt(value.gasPerUnit ?? '0') };
}

/** @throws CodedError FORK_PARAMS */
export function gasCostsOf(remote: RemoteParams['gasCosts']): GasCosts {
  for (const version of TABLES) {
    const costs = new Map<string, GasCostValue>();
    for (const { key, dependent } of GAS_ENTRIES[version]) {
      const dearer = dependent ? costOf(remote[API_NAMES.get(key) ?? key]) : null;
      const cost = dearer ?? costOf(remote[API_NAMES.get(key) ?? key] ?? remote[key]);
      if (cost !== null) costs.set(key, cost);
    }
    if (costs.size === GAS_ENTRIES[version].length) return { version, costs };
  }
  throw new CodedError('FORK_PARAMS', 'the gas table of the other chain is none that is known');
}

/** @throws CodedError FORK_PARAMS */
export function paramsOf(remote: RemoteParams): ConsensusParameters {
  const { txParams, predicateParams, scriptParams, contractParams, feeParams } = remote;
  const big = (from: Readonly<Record<string, string>>, name: string): bigint => {
    const text = from[name];
    if (text === undefined) throw new CodedError('FORK_PARAMS', `the other chain has no ${name}`);
    return BigInt(text);
  };
  const gasCosts = gasCostsOf(remote.gasCosts);
  const isNew = gasCosts.version === 7;
  return {
    version: remote.blockTransactionSizeLimit === undefined ? 1 : 2,
    txParams: {
      maxInputs: Number(big(txParams, 'maxInputs')),
      maxOutputs: Number(big(txParams, 'maxOutputs')),
      maxWitnesses: Number(big(txParams, 'maxWitnesses')),
      maxGasPerTx: big(txParams, 'maxGasPerTx'),
      maxSizeBytes: big(txParams, 'maxSize'),
      maxBytecodeSubsections: Number(big(txParams, 'maxBytecodeSubsections')),
    },
    predicateParams: {
      maxPredicateLength: big(predicateParams, 'maxPredicateLength'),
      maxPredicateDataLength: big(predicateParams, 'maxPredicateDataLength'),
      maxMessageDataLength: big(predicateParams, 'maxMessageDataLength'),
      maxGasPerPredicate: big(predicateParams, 'maxGasPerPredicate'),
    },
    scriptParams: {
      version: isNew ? 2 : 1,
      maxScriptLength: big(scriptParams, 'maxScriptLength'),
      maxScriptDataLength: big(scriptParams, 'maxScriptDataLength'),
      maxStorageSlotLength: isNew ? big(scriptParams, 'maxStorageSlotLength') : null,
    },
    contractParams: {
      contractMaxSize: big(contractParams, 'contractMaxSize'),
      maxStorageSlots: big(contractParams, 'maxStorageSlots'),
    },
    feeParams: {
      gasPriceFactor: big(feeParams, 'gasPriceFactor'),
      gasPerByte: big(feeParams, 'gasPerByte'),
    },
    chainId: BigInt(remote.chainId),
    gasCosts,
    baseAssetId: remote.baseAssetId,
    blockGasLimit: BigInt(remote.blockGasLimit),
    blockTransactionSizeLimit: BigInt(remote.blockTransactionSizeLimit ?? U64_MAX),
    privilegedAddress: remote.privilegedAddress,
  };
}

/** @param secret of the key that signs blocks here @throws CodedError FORK_PARAMS */
export function forkSnapshot(chain: RemoteChain, secret: B256): Snapshot {
  return {
    chainConfig: {
      chainName: chain.name,
      consensusParameters: paramsOf(chain.params),
      genesisStateTransitionVersion: Number(chain.stateTransitionBytecodeVersion),
      stateTransitionBytecode: new Uint8Array(0),
      consensus: {
        type: 'poaV2',
        genesisSigningKey: addressOfSecret(hexToBytes(secret)),
        signingKeyOverrides: new Map(),
      },
    },
    stateConfig: {
      coins: [],
      messages: [],
      contracts: [],
      blobs: [],
      lastBlock: {
        blockHeight: chain.height,
        daBlockHeight: BigInt(chain.daHeight),
        consensusParametersVersion: Number(chain.consensusParametersVersion),
        stateTransitionVersion: Number(chain.stateTransitionBytecodeVersion),
        // The API does not show it: the next block does not link to the other chain.
        blocksRoot: ZERO_B256,
      },
    },
  };
}
