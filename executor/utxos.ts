/**
 * What a transaction spends and creates. All of it stands in its executed form: a thread that has
 * that need not be told.
 */
import type { TxId, UtxoKey } from '../primitives/types.ts';
import { utxoKeyOf } from '../tx/accessKeys.ts';
import type { ChargeableTx, Input, TxPointer } from '../tx/types.ts';
import type { Changes, StateView } from './ports.ts';
import { skipText } from './texts.ts';

/** An executed transaction as far as it concerns coins, messages and UTXOs of contracts. */
export type Settled = {
  readonly id: TxId;
  readonly tx: ChargeableTx;
  readonly success: boolean;
};

type UtxoChanges = Pick<Changes, 'coins' | 'messagesSpent' | 'contractUtxos'>;

/** A message with data stays when the transaction fails. */
function isSpent(input: Input, success: boolean): boolean {
  return success || input.type !== 'message' || input.data.length === 0;
}

/** @returns null, or why the transaction is skipped after all */
export function utxoConflict({ id, tx, success }: Settled, view: StateView): string | null {
  for (const input of tx.inputs) {
    if (input.type !== 'message' || !isSpent(input, success)) continue;
    if (view.message(input.nonce) === null) return skipText.messageAlreadySpent(input.nonce);
  }
  for (const [index, output] of tx.outputs.entries()) {
    if (output.type === 'contract' || output.type === 'contractCreated') continue;
    if (output.amount === 0n) continue;
    if (view.coin(utxoKeyOf(id, index)) !== null) return skipText.outputAlreadyExists;
  }
  return null;
}

/**
 * Adds to `changes` what a transaction without conflict spends, coins with an amount, and the new
 * UTXOs of contracts.
 * @param isCoin whether a coin is there: without UTXO validation a made-up one leaves no trace
 */
export function addUtxoChanges(
  { id, tx, success }: Settled,
  txPointer: TxPointer,
  changes: UtxoChanges,
  isCoin: (key: UtxoKey) => boolean,
): void {
  for (const input of tx.inputs) {
    if (input.type === 'coin') {
      const key = utxoKeyOf(input.utxoId.txId, input.utxoId.outputIndex);
      if (isCoin(key)) changes.coins.set(key, null);
    } else if (input.type === 'message' && isSpent(input, success)) {
      changes.messagesSpent.add(input.nonce);
    }
  }
  for (let outputIndex = 0; outputIndex < tx.outputs.length; outputIndex += 1) {
    const output = tx.outputs[outputIndex]!;
    const utxo = { utxoId: { txId: id, outputIndex }, txPointer };
    if (output.type === 'contract') {
      const input = tx.inputs[output.inputIndex];
      if (input?.type === 'contract') changes.contractUtxos.set(input.contractId, utxo);
    } else if (output.type === 'contractCreated') {
      changes.contractUtxos.set(output.contractId, utxo);
    } else if (output.amount > 0n) {
      const { to: owner, amount, assetId } = output;
      changes.coins.set(utxoKeyOf(id, outputIndex), { owner, amount, assetId, txPointer });
    }
  }
}
