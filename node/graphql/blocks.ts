/** Blocks, headers and consensus. */
import { CodedError } from '../../primitives/errors.ts';
import type { BlockHeight, BlockId, Tai64 } from '../../primitives/types.ts';
import type { ChainStore, StoredBlock } from '../../state/types.ts';
import type { BlockHeader, Consensus } from '../../tx/block.ts';
import type { ApiContext, ResolverTable, TxNode } from './context.ts';
import { notFound } from './notFound.ts';
import { type Connection, type PageArgs, paginate } from './pagination.ts';
import { parseU32 } from './scalars.ts';

/** @throws CodedError NOT_FOUND */
export function requireBlock(store: ChainStore, height: BlockHeight): StoredBlock {
  const block = store.block(height);
  if (block) return block;
  throw notFound('FuelBlocks', { height });
}

const firstHeights = new WeakMap<ChainStore, BlockHeight>();

/** Height of the genesis block; heights are contiguous, so it is found by halving. */
export function firstHeight(store: ChainStore): BlockHeight {
  const known = firstHeights.get(store);
  if (known !== undefined) return known;
  let low = 0;
  let high = store.latest.height;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (store.blockId(middle) === null) low = middle + 1;
    else high = middle;
  }
  firstHeights.set(store, low);
  return low;
}

/** Heights beyond `after` in walking order, at most `limit`. */
function heightsFrom(
  store: ChainStore,
  after: BlockHeight | undefined,
  reverse: boolean,
  limit: number,
): BlockHeight[] {
  const lowest = firstHeight(store);
  const highest = store.latest.height;
  const heights: BlockHeight[] = [];
  const start = reverse
    ? Math.min(after === undefined ? highest : after - 1, highest)
    : Math.max(after === undefined ? lowest : after + 1, lowest);
  for (
    let height = start;
    height >= lowest && height <= highest && heights.length < limit;
    height += reverse ? -1 : 1
  ) {
    heights.push(height);
  }
  return heights;
}

/** A page of blocks; cursors are decimal heights. */
export function pageOfBlocks(store: ChainStore, args: PageArgs): Promise<Connection<StoredBlock>> {
  return paginate(args, {
    parseCursor: parseU32,
    cursorOf: (block: StoredBlock) => String(block.header.height),
    has: (height) => store.blockId(height) !== null,
    rows: ({ after, reverse, limit }) =>
      heightsFrom(store, after, reverse, limit).map((height) => requireBlock(store, height)),
  });
}

function findBlock(
  store: ChainStore,
  id: BlockId | null | undefined,
  height: BlockHeight | null | undefined,
): StoredBlock | null {
  if (id != null && height != null) {
    throw new CodedError('BAD_ARGUMENT', "Can't provide both an id and a height");
  }
  if (id != null) {
    const found = store.blockHeightOf(id);
    return found === null ? null : store.block(found);
  }
  if (height == null) throw new CodedError('BAD_ARGUMENT', 'Missing either id or height');
  return store.block(height);
}

function transactionsOf(store: ChainStore, block: StoredBlock): TxNode[] {
  return block.transactionIds.map((id) => {
    const stored = store.transaction(id);
    if (stored) return { id, tx: stored.tx, raw: stored.raw };
    throw notFound('Transactions', { id });
  });
}

export const BLOCKS: ResolverTable = {
  Query: {
    block: (
      _: unknown,
      args: { id?: BlockId | null; height?: BlockHeight | null },
      { services }: ApiContext,
    ) => findBlock(services.store, args.id, args.height),
    blocks: (_: unknown, args: PageArgs, { services }: ApiContext) =>
      pageOfBlocks(services.store, args),
  },
  Mutation: {
    produceBlocks: (
      _: unknown,
      args: { startTimestamp?: Tai64 | null; blocksToProduce: number },
      { services }: ApiContext,
    ) => {
      if (!services.config.debug) {
        throw new CodedError('DEBUG_OFF', '`debug` must be enabled to use this endpoint');
      }
      return services.blocks.produceBlocks(args.blocksToProduce, args.startTimestamp ?? null);
    },
  },
  Block: {
    version: () => 'V1',
    id: (block: StoredBlock) => block.header.id,
    height: (block: StoredBlock) => block.header.height,
    header: (block: StoredBlock) => block.header,
    transactions: (block: StoredBlock, _: unknown, { services }: ApiContext) =>
      transactionsOf(services.store, block),
  },
  Header: {
    version: () => 'V1',
    txIdCommitment: (_: BlockHeader) => null,
  },
  Consensus: {
    __resolveType: (consensus: Consensus) =>
      consensus.type === 'genesis' ? 'Genesis' : 'PoAConsensus',
  },
};
