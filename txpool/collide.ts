/**
 * Two transactions that cannot both be in a chain: they spend the same coin or message, create
 * the same contract, or publish the same blob. (Using the same contract is no collision.)
 * The newcomer wins when its tip per gas beats that of the other one with all its dependents.
 */
import type { CodedError } from '../primitives/errors.ts';
import type { BlobId, ContractId, Nonce, TxId, UtxoKey } from '../primitives/types.ts';
import { utxoKeyOf } from '../tx/accessKeys.ts';
import { refusal } from './errors.ts';
import type { PoolNode } from './graph.ts';
import { compareRatios } from './ratio.ts';
import type { PooledTx } from './types.ts';

/** Each collided transaction with the first thing in dispute. */
export type Collisions = ReadonlyMap<PoolNode, CodedError>;

/** Who in the pool claims what. */
export class CollisionIndex {
  /** Creating transaction, then output index. */
  readonly #coinSpenders = new Map<TxId, Map<number, PoolNode>>();
  readonly #messageSpenders = new Map<Nonce, PoolNode>();
  readonly #contractCreators = new Map<ContractId, PoolNode>();
  readonly #contractUsers = new Map<ContractId, Set<PoolNode>>();
  readonly #blobCreators = new Map<BlobId, PoolNode>();

  /** @throws CodedError POOL_DUPLICATE when an output of `entry` is spent already */
  find(entry: PooledTx): Collisions {
    const found = new Map<PoolNode, CodedError>();
    const note = (node: PoolNode | undefined, error: () => CodedError): void => {
      if (node !== undefined && !found.has(node)) found.set(node, error());
    };
    const { tx } = entry;
    if (tx.type === 'blob') {
      note(this.#blobCreators.get(tx.blobId), () => refusal.collidedBlob(tx.blobId));
    }
    for (const input of tx.inputs) {
      if (input.type === 'coin') {
        const { txId, outputIndex } = input.utxoId;
        const key: UtxoKey = utxoKeyOf(txId, outputIndex);
        note(this.#coinSpenders.get(txId)?.get(outputIndex), () => refusal.collidedCoin(key));
      } else if (input.type === 'message') {
        const { nonce } = input;
        note(this.#messageSpenders.get(nonce), () => refusal.collidedMessage(nonce));
      }
    }
    const spentOutputs = this.#coinSpenders.get(entry.id);
    tx.outputs.forEach((output, index) => {
      if (output.type === 'contractCreated') {
        const { contractId } = output;
        note(this.#contractCreators.get(contractId), () => refusal.collidedContract(contractId));
      } else if (output.type !== 'contract' && spentOutputs?.has(index) === true) {
        throw refusal.duplicate(entry.id);
      }
    });
    return found;
  }

  /** Those in the pool that spend an output of `txId`. */
  spendersOf(txId: TxId): PoolNode[] {
    return [...(this.#coinSpenders.get(txId)?.values() ?? [])];
  }

  usersOf(contractId: ContractId): PoolNode[] {
    return [...(this.#contractUsers.get(contractId) ?? [])];
  }

  add(node: PoolNode): void {
    const { tx } = node.entry;
    if (tx.type === 'blob') this.#blobCreators.set(tx.blobId, node);
    for (const input of tx.inputs) {
      if (input.type === 'coin') {
        const { txId, outputIndex } = input.utxoId;
        const spenders = this.#coinSpenders.get(txId);
        if (spenders === undefined) this.#coinSpenders.set(txId, new Map([[outputIndex, node]]));
        else spenders.set(outputIndex, node);
      } else if (input.type === 'message') this.#messageSpenders.set(input.nonce, node);
      else {
        const users = this.#contractUsers.get(input.contractId);
        if (users === undefined) this.#contractUsers.set(input.contractId, new Set([node]));
        else users.add(node);
      }
    }
    for (const output of tx.outputs) {
      if (output.type === 'contractCreated') this.#contractCreators.set(output.contractId, node);
    }
  }

  remove(node: PoolNode): void {
    const { tx } = node.entry;
    if (tx.type === 'blob') this.#blobCreators.delete(tx.blobId);
    for (const input of tx.inputs) {
      if (input.type === 'coin') {
        const spenders = this.#coinSpenders.get(input.utxoId.txId);
        spenders?.delete(input.utxoId.outputIndex);
        if (spenders?.size === 0) this.#coinSpenders.delete(input.utxoId.txId);
      } else if (input.type === 'message') this.#messageSpenders.delete(input.nonce);
      else {
        const users = this.#contractUsers.get(input.contractId);
        users?.delete(node);
        if (users?.size === 0) this.#contractUsers.delete(input.contractId);
      }
    }
    for (const output of tx.outputs) {
      if (output.type === 'contractCreated') this.#contractCreators.delete(output.contractId);
    }
  }
}

/**
 * The newcomer must beat every transaction it collides with; one that depends on others in the
 * pool may replace a single transaction only.
 * @throws CodedError POOL_COLLIDED
 */
export function requireBetter(
  entry: PooledTx,
  collisions: Collisions,
  hasDependencies: boolean,
): void {
  if (hasDependencies && collisions.size > 1) throw refusal.collidedMany();
  for (const [node, error] of collisions) {
    if (compareRatios(entry.tip, entry.maxGas, node.tipSum, node.gasSum) <= 0) throw error;
  }
}
