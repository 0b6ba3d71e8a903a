/** What has happened at the contracts of a chain on Ethereum: commits, convictions, payments. */
import type { B256 } from '../../primitives/types.ts';
import type { L1Address } from './ports.ts';
import { type Rpc, rpcHex } from './rpc.ts';

const ABI = [
  'event BatchCommitted(uint256 indexed batch, uint32 first, uint32 last, bytes32 root, bytes32 lastBlockId, uint64 inboxCount, bytes daPointer)',
  'event Convicted(uint256 indexed batch, string fraud, address challenger)',
  'event MessageRelayed(bytes32 indexed id, address indexed recipient, uint64 amount)',
  'event CommitSubmitted(uint256 indexed commitHeight, bytes32 blockHash)',
] as const;
/** Fuel's portal has an event of the same name with other fields. */
const PORTAL_ABI = [
  'event MessageRelayed(bytes32 indexed messageId, bytes32 indexed sender, bytes32 indexed recipient, uint64 amount)',
] as const;

/** Where an event stands on Ethereum. */
export type EventPlace = { readonly transaction: B256; readonly block: bigint };

export type SettlementEvent = EventPlace &
  (
    | { readonly type: 'batch'; readonly batch: number; readonly root: B256 }
    | {
        readonly type: 'dispute';
        readonly batch: number;
        readonly fraud: string;
        readonly challenger: L1Address;
      }
    | { readonly type: 'paid'; readonly messageId: B256 }
    | { readonly type: 'commit'; readonly commit: number; readonly blockId: B256 }
  );

type LogRow = {
  readonly topics: readonly [B256, ...B256[]];
  readonly data: `0x${string}`;
  readonly transactionHash: B256;
  readonly blockNumber: string;
};

/** Blocks in one request for logs. */
const PAGE_BLOCKS = 5_000;
/** Blocks that may still be taken back: they are read again. */
const UNSETTLED_BLOCKS = 64n;
/** Events that are kept; older ones go. */
export const SETTLEMENT_EVENTS_MAX = 5_000;

/** Reads on from where the last call ended. */
export class SettlementLogs {
  readonly #rpc: Rpc;
  readonly #contracts: readonly L1Address[];
  #events: SettlementEvent[] = [];
  #next: bigint;

  /** @param from Ethereum block before which nothing happened */
  constructor(rpc: Rpc, contracts: readonly L1Address[], from: bigint) {
    this.#rpc = rpc;
    this.#contracts = contracts;
    this.#next = from;
  }

  /** Oldest first. @throws CodedError L1_… */
  async events(): Promise<readonly SettlementEvent[]> {
    const latest = BigInt((await this.#rpc('eth_blockNumber', [])) as string);
    const again = this.#next > UNSETTLED_BLOCKS ? this.#next - UNSETTLED_BLOCKS : 0n;
    const found: SettlementEvent[] = [];
    for (let from = again; from <= latest; from += BigInt(PAGE_BLOCKS)) {
      const end = from + BigInt(PAGE_BLOCKS) - 1n;
      found.push(...(await this.#page(from, end < latest ? end : latest)));
    }
    const kept = this.#events.filter(({ block }) => block < again);
    this.#events = [...kept, ...found].slice(-SETTLEMENT_EVENTS_MAX);
    this.#next = latest + 1n;
    return this.#events;
  }

  async #page(from: bigint, to: bigint): Promise<SettlementEvent[]> {
    const { decodeEventLog, parseAbi } = await import('viem');
    const range = { fromBlock: rpcHex(from), toBlock: rpcHex(to) };
    const filter = { address: this.#contracts, ...range };
    const rows = (await this.#rpc('eth_getLogs', [filter])) as LogRow[];
    const abis = [parseAbi(ABI), parseAbi(PORTAL_ABI)];
    return rows.flatMap((row) => {
      for (const abi of abis) {
        try {
          const { topics, data } = row;
          const log = decodeEventLog({ abi, topics: topics as never, data });
          return eventOf(log as unknown as Decoded, row);
        } catch {
          // An event of another kind.
        }
      }
      return [];
    });
  }
}

type Decoded = { readonly eventName: string; readonly args: Record<string, unknown> };

function eventOf({ eventName, args }: Decoded, row: LogRow): SettlementEvent[] {
  const place = { transaction: row.transactionHash, block: BigInt(row.blockNumber) };
  switch (eventName) {
    case 'BatchCommitted':
      return [
        { type: 'batch', batch: Number(args['batch']), root: args['root'] as B256, ...place },
      ];
    case 'Convicted': {
      const challenger = (args['challenger'] as string).toLowerCase() as L1Address;
      const [batch, fraud] = [Number(args['batch']), args['fraud'] as string];
      return [{ type: 'dispute', batch, fraud, challenger, ...place }];
    }
    case 'MessageRelayed':
      return [{ type: 'paid', messageId: (args['id'] ?? args['messageId']) as B256, ...place }];
    case 'CommitSubmitted': {
      const [commit, blockId] = [Number(args['commitHeight']), args['blockHash'] as B256];
      return [{ type: 'commit', commit, blockId, ...place }];
    }
    default:
      return [];
  }
}
