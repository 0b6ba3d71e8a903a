/** Finding a transaction by its id. */
import type { TxId } from '../../primitives/types.ts';
import type { ChainStore } from '../../state/types.ts';
import { txId } from '../../tx/id.ts';
import type { Transaction } from '../../tx/types.ts';
import type { NodeServices } from '../services.ts';
import type { TxNode } from './context.ts';
import { notFound } from './notFound.ts';

/** In the pool or in a block; null: unknown. */
export function findTx(services: NodeServices, id: TxId): TxNode | null {
  const pooled = services.txs.pooled(id);
  if (pooled) return { id, tx: pooled.tx, raw: pooled.raw };
  const stored = services.store.transaction(id);
  return stored && { id, tx: stored.tx, raw: stored.raw };
}

/** In a block. @throws CodedError NOT_FOUND */
export function committedTx(store: ChainStore, id: TxId): TxNode {
  const stored = store.transaction(id);
  if (stored) return { id, tx: stored.tx, raw: stored.raw };
  throw notFound('Transactions', { id });
}

/** A transaction that is in no block. */
export function txNode(services: NodeServices, tx: Transaction): TxNode {
  return { id: txId(tx, services.params().params.chainId), tx, raw: null };
}
