/** A state in memory, made of changes one on top of the other. */
import { BlockOverlay } from '../../executor/overlay.ts';
import type { Changes, StateView } from '../../executor/ports.ts';
import type { BlockId, Tai64, TxId } from '../../primitives/types.ts';

const EMPTY: StateView = {
  coin: () => null,
  message: () => null,
  contractCode: () => null,
  contractUtxo: () => null,
  slot: () => null,
  balance: () => null,
  blob: () => null,
  uploadedBytecode: () => null,
  consensusParameters: () => null,
  stateTransitionBytecodeRoot: () => null,
  transactionExists: () => false,
  blockId: () => null,
  blockTime: () => null,
};

/** What {@link memoryState} keeps besides the changes. */
export type MemoryBlocks = ReadonlyMap<number, { readonly id: BlockId; readonly time: Tai64 }>;

/** @param layers oldest first; @param txIds of committed transactions */
export function memoryState(
  layers: readonly Changes[],
  txIds: Iterable<TxId> = [],
  blocks: MemoryBlocks = new Map(),
): StateView {
  const overlay = new BlockOverlay({
    ...EMPTY,
    blockId: (height) => blocks.get(height)?.id ?? null,
    blockTime: (height) => blocks.get(height)?.time ?? null,
  });
  for (const changes of layers) overlay.apply(changes);
  for (const id of txIds) overlay.markExecuted(id);
  return overlay;
}
