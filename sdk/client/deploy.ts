/** Deploying contracts. */
import { CodedError } from '../../primitives/errors.ts';
import type { Address, B256, ContractId } from '../../primitives/types.ts';
import { contractId, initialStateRoot } from '../../tx/contractId.ts';
import type { CreateTx, StorageSlot } from '../../tx/types.ts';
import { assemblePlan, type Plan } from './assemble.ts';
import { getChainInfo } from './chain.ts';
import type { Client } from './graphql.ts';

/** What is deployed: it decides on the id of the contract. */
export type Deployment = {
  readonly bytecode: Uint8Array;
  readonly salt: B256;
  readonly storageSlots: readonly StorageSlot[];
};

export type DeployPlan = Plan<CreateTx> & { readonly contractId: ContractId };

const LIMIT = '{ chain { consensusParameters { contractParams { contractMaxSize } } } }';
const EXISTS = 'query contract($id: ContractId!) { contract(id: $id) { id } }';

/** The id that a deployment will have. */
export function deployedId({ bytecode, salt, storageSlots }: Deployment): ContractId {
  return contractId(bytecode, salt, initialStateRoot(storageSlots));
}

/** In the order that the protocol asks for. @throws CodedError STORAGE_SLOTS when a key repeats */
function sortedSlots(slots: readonly StorageSlot[]): StorageSlot[] {
  const sorted = [...slots].sort((a, b) => (a.key < b.key ? -1 : 1));
  const twice = sorted.find(({ key }, i) => sorted[i + 1]?.key === key);
  if (twice !== undefined) {
    throw new CodedError('STORAGE_SLOTS', `the slot ${twice.key} is given more than once`);
  }
  return sorted;
}

/**
 * Plans a deployment; what it costs stands in the plan.
 * @throws CodedError CONTRACT_EXISTS, CONTRACT_TOO_LARGE, STORAGE_SLOTS, GRAPHQL, PLAN_CHANGED
 */
export async function planDeploy(
  client: Client,
  from: Address,
  deployment: Deployment,
): Promise<DeployPlan> {
  const { bytecode, salt } = deployment;
  if (bytecode.length === 0) throw new CodedError('BYTECODE_EMPTY', 'the bytecode is empty');
  const storageSlots = sortedSlots(deployment.storageSlots);
  const id = deployedId({ ...deployment, storageSlots });
  type Limits = {
    chain: { consensusParameters: { contractParams: { contractMaxSize: string } } };
  };
  const { contractParams } = (await client.request<Limits>(LIMIT)).chain.consensusParameters;
  if (BigInt(bytecode.length) > BigInt(contractParams.contractMaxSize)) {
    throw new CodedError(
      'CONTRACT_TOO_LARGE',
      `the bytecode has ${bytecode.length} bytes, the chain takes ${contractParams.contractMaxSize}`,
    );
  }
  if ((await client.request<{ contract: unknown }>(EXISTS, { id })).contract !== null) {
    throw new CodedError('CONTRACT_EXISTS', `${id} is deployed already; give another salt`);
  }
  const chain = await getChainInfo(client);
  const start: CreateTx = {
    type: 'create',
    bytecodeWitnessIndex: 0,
    salt,
    storageSlots,
    policies: { maxFee: 0n },
    inputs: [],
    outputs: [
      { type: 'contractCreated', contractId: id, stateRoot: initialStateRoot(storageSlots) },
    ],
    witnesses: [bytecode],
  };
  const plan = await assemblePlan(client, start, { chain, from, spends: [] });
  return { ...plan, contractId: id };
}

/**
 * Slots as `forc build` writes them: a list of `{"key","value"}`, hex with or without `0x`.
 * @throws CodedError STORAGE_SLOTS
 */
export function parseStorageSlots(json: unknown): StorageSlot[] {
  const b256 = (value: unknown, what: string): B256 => {
    const digits = typeof value === 'string' ? value.replace(/^0x/, '').toLowerCase() : '';
    if (/^[0-9a-f]{64}$/.test(digits)) return `0x${digits}`;
    throw new CodedError('STORAGE_SLOTS', `${what} is not 32 bytes of hex: ${String(value)}`);
  };
  if (!Array.isArray(json)) {
    throw new CodedError('STORAGE_SLOTS', 'storage slots are a list of {"key": …, "value": …}');
  }
  return json.map((each: { key?: unknown; value?: unknown }, i) => ({
    key: b256(each?.key, `the key of slot ${i}`),
    value: b256(each?.value, `the value of slot ${i}`),
  }));
}
