/**
 * Joining what lanes changed, and putting right what depends on the place of a transaction in its
 * block.
 *
 * Lanes run before it is known which earlier transactions will be skipped, so they number
 * transactions provisionally: first index of the round + position in the round. Only transaction
 * pointers of this block carry that number: in coins and contract UTXOs that were created here and
 * in the inputs that used them. Nothing inside the VM sees it.
 */
import { assert } from '../primitives/errors.ts';
import type { BlockHeight } from '../primitives/types.ts';
import { utxoKeyOf } from '../tx/accessKeys.ts';
import type { Transaction, TxPointer } from '../tx/types.ts';
import type { Changes } from './ports.ts';

function mergeMap<K, V>(into: Map<K, V>, from: ReadonlyMap<K, V>): void {
  if (from.size === 0) return;
  for (const [key, value] of from) into.set(key, value);
}

function mergeRows<K, R, V>(into: Map<K, Map<R, V>>, from: ReadonlyMap<K, Map<R, V>>): void {
  if (from.size === 0) return;
  for (const [key, row] of from) {
    const known = into.get(key);
    if (known === undefined) into.set(key, new Map(row));
    else mergeMap(known, row);
  }
}

/** Adds `from`, which happened later or elsewhere, to `into`. */
export function mergeChanges(into: Changes, from: Changes): void {
  mergeMap(into.coins, from.coins);
  for (const nonce of from.messagesSpent) into.messagesSpent.add(nonce);
  mergeMap(into.messagesAdded, from.messagesAdded);
  mergeMap(into.contractCode, from.contractCode);
  mergeMap(into.contractSalt, from.contractSalt);
  mergeMap(into.contractUtxos, from.contractUtxos);
  mergeRows(into.slots, from.slots);
  mergeRows(into.balances, from.balances);
  mergeMap(into.blobs, from.blobs);
  mergeMap(into.uploadedBytecodes, from.uploadedBytecodes);
  mergeMap(into.consensusParameters, from.consensusParameters);
  mergeMap(into.stateTransitionBytecodes, from.stateTransitionBytecodes);
}

/**
 * The keys that `changes` writes, in the name space of access lists. Coins are left out: which of
 * them a transaction writes stands in its inputs and outputs, no program decides it.
 */
function writtenKeys(changes: Changes): string[] {
  const keys: string[] = [];
  for (const nonce of changes.messagesSpent) keys.push(`m:${nonce}`);
  const contracts = new Set([
    ...changes.contractCode.keys(),
    ...changes.contractUtxos.keys(),
    ...changes.slots.keys(),
    ...changes.balances.keys(),
  ]);
  for (const id of contracts) keys.push(`c:${id}`);
  for (const id of changes.blobs.keys()) keys.push(`b:${id}`);
  return keys;
}

/**
 * A lane wrote nothing that it did not declare: lanes that run side by side declare disjoint keys,
 * so what they wrote is disjoint too.
 * @throws AssertionError otherwise
 */
export function assertDeclared(changes: Changes, declared: ReadonlySet<string>): void {
  for (const key of writtenKeys(changes)) {
    assert(declared.has(key), `a lane writes only what it declared, not ${key}`);
  }
  assert(
    changes.consensusParameters.size + changes.uploadedBytecodes.size === 0 &&
      changes.stateTransitionBytecodes.size === 0,
    'upgrades and uploads never run in a lane',
  );
}

/** Final index of a transaction by its provisional one; pointers outside the round stay. */
export type FinalIndex = {
  readonly height: BlockHeight;
  /** Provisional index of the first transaction of the round. */
  readonly firstIndex: number;
  /** By position in the round; null: skipped. */
  readonly indices: readonly (number | null)[];
};

function finalPointer(pointer: TxPointer, final: FinalIndex): TxPointer {
  const position = pointer.txIndex - final.firstIndex;
  if (pointer.blockHeight !== final.height || position < 0) return pointer;
  const index = final.indices[position];
  if (index === pointer.txIndex) return pointer;
  assert(typeof index === 'number', 'nothing depends on a skipped transaction');
  return { blockHeight: pointer.blockHeight, txIndex: index };
}

/**
 * Puts the pointers in the inputs of an executed transaction right.
 * @returns the same object when nothing was to change
 */
export function patchInputs<T extends Transaction>(tx: T, final: FinalIndex): T {
  if (tx.type === 'mint') return tx;
  let changed = false;
  const inputs = tx.inputs.map((input) => {
    if (input.type === 'message') return input;
    const txPointer = finalPointer(input.txPointer, final);
    if (txPointer === input.txPointer) return input;
    changed = true;
    return { ...input, txPointer };
  });
  return changed ? { ...tx, inputs } : tx;
}

/** Puts the pointers of what `tx` left in `changes` right, unless a later one replaced it. */
export function patchCreated(
  changes: Changes,
  executed: { readonly id: `0x${string}`; readonly tx: Transaction },
  final: FinalIndex,
): void {
  const { id, tx } = executed;
  if (tx.type === 'mint') return;
  tx.outputs.forEach((output, index) => {
    if (output.type === 'contract' || output.type === 'contractCreated') {
      const input = output.type === 'contract' ? tx.inputs[output.inputIndex] : undefined;
      const contractId =
        output.type === 'contractCreated'
          ? output.contractId
          : input?.type === 'contract'
            ? input.contractId
            : null;
      const utxo = contractId === null ? undefined : changes.contractUtxos.get(contractId);
      if (contractId === null || utxo === undefined || utxo.utxoId.txId !== id) return;
      const txPointer = finalPointer(utxo.txPointer, final);
      changes.contractUtxos.set(contractId, { ...utxo, txPointer });
      return;
    }
    const key = utxoKeyOf(id, index);
    const coin = changes.coins.get(key);
    if (coin == null) return;
    changes.coins.set(key, { ...coin, txPointer: finalPointer(coin.txPointer, final) });
  });
}
