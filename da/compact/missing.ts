/** What a registry lacks of the outputs that blocks spend. */
import { CodedError } from '../../primitives/errors.ts';
import type { BlockHeight } from '../../primitives/types.ts';
import { decodeTx } from '../../tx/codec/transaction.ts';
import type { ContractInput, Input, Transaction } from '../../tx/types.ts';
import type { BlockToWrite } from './encode.ts';
import type { Registry } from './history.ts';

export type MissingPlace = { readonly height: BlockHeight; readonly txIndex: number };

function decoded(raw: Uint8Array): Transaction | null {
  try {
    return decodeTx(raw).tx;
  } catch (error) {
    if (error instanceof CodedError) return null;
    throw error;
  }
}

function spendersOf(tx: Transaction | null, leavesResultsOut: boolean): readonly Input[] {
  if (tx === null) return [];
  if (tx.type === 'mint') return [{ type: 'contract', ...tx.inputContract } as ContractInput];
  // The place of a contract follows from execution.
  const isLeftOut = (input: Input): boolean => input.type === 'contract' && leavesResultsOut;
  return tx.inputs.filter((input) => !isLeftOut(input));
}

/** Where earlier transactions lie that the blocks spend and the registry does not know. */
export function missingPlaces(
  blocks: readonly BlockToWrite[],
  registry: Registry,
): readonly MissingPlace[] {
  const firstHeight = blocks[0]?.block.header.height ?? 0;
  const missing: Map<string, MissingPlace> = new Map();
  for (const { block } of blocks) {
    for (const raw of block.transactions) {
      for (const input of spendersOf(decoded(raw), registry.leavesResultsOut)) {
        if (input.type === 'message' || registry.spent(input) !== null) continue;
        const { blockHeight: height, txIndex } = input.txPointer;
        // What lies in these blocks is seen before it is spent.
        if (height < firstHeight) missing.set(`${height} ${txIndex}`, { height, txIndex });
      }
    }
  }
  return [...missing.values()];
}
