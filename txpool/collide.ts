/**
 * Two transactions that cannot both be in a chain: they spend the same coin or message, create
 * the same contract, or publish the same blob. (Using the same contract is no collision.)
 * The newcomer wins when its tip per gas beats that of the other one with all its dependents.
 *
 * Who claims what is read from the chains of the conflict graph.
 */
import type { CodedError } from '../primitives/errors.ts';
import { utxoKeyOf } from '../tx/accessKeys.ts';
import { refusal } from './errors.ts';
import { createdKeys, keyOfInput, type PoolKey, type PoolNode } from './graph.ts';
import { compareRatios } from './ratio.ts';
import type { PooledTx } from './types.ts';

/** Each collided transaction with the first thing in dispute. */
export type Collisions = ReadonlyMap<PoolNode, CodedError>;

const NONE: Collisions = new Map();

/** Those in the pool that use what `key` names without creating it. */
export function usersOf(key: PoolKey): PoolNode[] {
  const users: PoolNode[] = [];
  for (let at = key.first; at !== null; at = at.next) if (!at.creates) users.push(at.owner.item);
  return users;
}

/** The one in the pool that spends the coin or message of `key`. */
function spenderOf(key: PoolKey): PoolNode | null {
  for (let at = key.first; at !== null; at = at.next) if (!at.creates) return at.owner.item;
  return null;
}

/**
 * @param keys what `entry` declares, as held
 * @throws CodedError POOL_DUPLICATE when an output of `entry` is spent already
 */
export function findCollisions(entry: PooledTx, keys: readonly PoolKey[]): Collisions {
  // Nobody else in the pool names any of its keys: most.
  if (keys.every((key) => key.txCount === 0)) return NONE;
  const found = new Map<PoolNode, CodedError>();
  const note = (node: PoolNode | null, error: () => CodedError): void => {
    if (node !== null && !found.has(node)) found.set(node, error());
  };
  const { tx } = entry;
  const created = createdKeys(entry, keys);
  if (tx.type === 'blob') {
    const { blobId } = tx;
    note(created.at(-1)?.creator ?? null, () => refusal.collidedBlob(blobId));
  }
  tx.inputs.forEach((input, index) => {
    if (input.type === 'contract') return;
    const spender = spenderOf(keyOfInput(entry, keys, index));
    if (input.type === 'message') note(spender, () => refusal.collidedMessage(input.nonce));
    else {
      const { txId, outputIndex } = input.utxoId;
      note(spender, () => refusal.collidedCoin(utxoKeyOf(txId, outputIndex)));
    }
  });
  let at = 0;
  for (const output of tx.outputs) {
    if (output.type === 'contract') continue;
    const key = created[at] as PoolKey;
    at += 1;
    if (output.type === 'contractCreated') {
      note(key.creator, () => refusal.collidedContract(output.contractId));
    } else if (spenderOf(key) !== null) throw refusal.duplicate(entry.id);
  }
  return found;
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
