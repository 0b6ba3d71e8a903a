/** A block as the state tree takes it in: fresh from execution, or out of the chain store. */
import type { ExecutedTx, SealedBlock } from '../../executor/ports.ts';
import { CodedError } from '../../primitives/errors.ts';
import type { AssetId, BlockHeight } from '../../primitives/types.ts';
import { type BlockDelta, deltaOf } from '../../state/deltas.ts';
import { restChanges } from '../../state/restTree.ts';
import type { TreeBlock, TreeGenesis, TreeTx } from '../../state/stateTree.ts';
import type { ChainStore } from '../../state/types.ts';
import type { BlockHeader } from '../../tx/block.ts';
import { coinKey, coinValue, messageTreeKey, messageValue } from '../../tx/stateSteps.ts';

type Outcome = Pick<ExecutedTx, 'id' | 'tx' | 'raw' | 'success' | 'receipts'>;

/** With the bytes of its transactions. */
export type SourcedBlock = TreeBlock & { readonly raws: readonly Uint8Array[] };

function treeTx(outcome: Outcome, blockHeight: BlockHeight, txIndex: number): TreeTx {
  const { id, tx, success, receipts } = outcome;
  let sent = 0n;
  if (success) for (const each of receipts) if (each.type === 'messageOut') sent += each.amount;
  const usesData = success || tx.type !== 'script';
  return { id, tx, pointer: { blockHeight, txIndex }, usesData, sent };
}

function treeBlock(
  header: BlockHeader,
  outcomes: readonly Outcome[],
  { inbox, rest }: BlockDelta,
  baseAsset: AssetId,
): SourcedBlock {
  const { height, id } = header;
  const txs = outcomes.map((outcome, index) => treeTx(outcome, height, index));
  const raws = outcomes.map(({ raw }) => raw);
  return { height, blockId: id, baseAsset, inbox, txs, raws, rest };
}

/** A block that has just been executed. */
export function freshTreeBlock(block: SealedBlock, baseAsset: AssetId): SourcedBlock {
  return treeBlock(block.header, block.transactions, deltaOf(block), baseAsset);
}

/** A block of the store. @throws CodedError STATE_TREE_NO_DELTAS, BLOCK_NOT_FOUND */
export function storedTreeBlock(
  store: ChainStore,
  height: BlockHeight,
  baseAsset: AssetId,
): SourcedBlock {
  const block = store.block(height);
  if (block === null) {
    throw new CodedError('BLOCK_NOT_FOUND', `the chain has no block ${height} yet`, { height });
  }
  const delta = store.delta(height);
  if (delta === null) {
    throw new CodedError(
      'STATE_TREE_NO_DELTAS',
      `block ${height} was committed without --state-tree, so its state root cannot be made: ` +
        'start with an empty --db-path and let the node derive the chain again',
      { height },
    );
  }
  const outcomes = block.transactionIds.map((id) => store.transaction(id)!);
  return treeBlock(block.header, outcomes, delta, baseAsset);
}

/** The state of the first block. */
export function treeGenesis({ header, changes }: SealedBlock, baseAsset: AssetId): TreeGenesis {
  const coins: [Uint8Array, Uint8Array][] = [];
  for (const [key, coin] of changes.coins) {
    if (coin !== null) coins.push([coinKey(key), coinValue(coin)]);
  }
  const messages: [Uint8Array, Uint8Array][] = [];
  for (const message of changes.messagesAdded.values()) {
    messages.push([messageTreeKey(message.nonce), messageValue(message)]);
  }
  let held = 0n;
  for (const balances of changes.balances.values()) held += balances.get(baseAsset) ?? 0n;
  const { height, id } = header;
  return { height, blockId: id, rest: restChanges(changes), coins, messages, held };
}
