/** The committed chain as frames refer to it. */
import type { DaBlock, DaInboxEvent } from '../da/block.ts';
import type { ChainHistory } from '../da/compact/history.ts';
import { CodedError } from '../primitives/errors.ts';
import type { BlockHeight, TxId } from '../primitives/types.ts';
import type { ChainStore } from '../state/types.ts';

/** References to the chain in a store. The ids of the block that was asked last are kept. */
export function storeHistory(store: ChainStore): ChainHistory {
  let height: BlockHeight = -1;
  let ids: readonly TxId[] = [];
  return {
    transactionAt(at, txIndex) {
      if (at !== height) {
        // Beyond the tip nothing is kept: it may be there the next time.
        if (at < 0 || at > store.latest.height) return null;
        ids = store.block(at)?.transactionIds ?? [];
        height = at;
      }
      const id = ids[txIndex];
      const stored = id === undefined ? null : store.transaction(id);
      return stored === null ? null : { id: stored.id, tx: stored.tx };
    },
  };
}

/**
 * Committed blocks for a writer to refer to, newest first, without what came from Ethereum.
 * @param first the oldest that is on the layer
 */
export function* blocksBelow(
  store: ChainStore,
  below: BlockHeight,
  first: BlockHeight,
): Generator<{ block: DaBlock; ids: readonly TxId[] }> {
  for (let height = below - 1; height >= first; height -= 1) {
    if (store.block(height) === null) return;
    yield daBlockOf(store, height, []);
  }
}

/** A committed block as the layer gets it. */
export function daBlockOf(
  store: ChainStore,
  height: BlockHeight,
  inbox: readonly DaInboxEvent[],
): { block: DaBlock; ids: readonly TxId[] } {
  const stored = store.block(height);
  if (stored === null) {
    throw new CodedError('STATE_CORRUPT', 'a block that is to be posted is missing', { height });
  }
  const transactions = store.blockTransactionBytes(height);
  if (transactions === null) {
    throw new CodedError('STATE_CORRUPT', 'transactions of a block are missing', { height });
  }
  const { header, consensus } = stored;
  return { block: { header, consensus, transactions, inbox }, ids: stored.transactionIds };
}
