/**
 * How a chain stands on Ethereum, for people to look at: batches, deposits, withdrawals, disputes.
 *
 * `GET /settlement` or `/v1/fuelrail/settlement`; amounts are decimal texts of units of the base
 * asset, lists are newest first and hold at most {@link ROWS_MAX}.
 */
import { CodedError } from '../primitives/errors.ts';
import type { B256, BlockHeight, TxId } from '../primitives/types.ts';
import {
  type CommitterProgress,
  connectRpc,
  openSettlement,
  type RelayerProgress,
  type SettlementContract,
  type SettlementEvent,
  SettlementLogs,
} from '../settlement/index.ts';
import type { ChainStore } from '../state/types.ts';
import { messageId } from '../tx/id.ts';
import { failedAnswer, jsonAnswer } from './answers.ts';
import type { NodeConfig } from './config.ts';
import type { ApiRequest, ApiResponse } from './graphql/api.ts';
import type { NodeRelayer } from './relayer.ts';

/** Rows of each list. */
export const ROWS_MAX = 50;
/** Blocks that are searched for withdrawals. */
const BLOCKS_SEARCHED = 5_000;
/** Ethereum blocks that are searched for deposits: about a month. */
const DEPOSIT_BLOCKS = 200_000n;
/** An answer serves everybody for so long. */
const FRESH_MS = 5_000;

export type BatchRow = {
  readonly number: number;
  readonly first: BlockHeight;
  readonly last: BlockHeight;
  readonly root: B256;
  readonly lastBlockId: B256;
  /** Seconds since 1970. */
  readonly time: number;
  readonly proposer: string;
  readonly final: boolean;
  readonly transaction: B256 | null;
};

type WithdrawalRow = {
  readonly messageId: B256;
  readonly height: BlockHeight;
  readonly sender: B256;
  readonly recipient: B256;
  readonly nonce: B256;
  readonly amount: string;
  readonly txId: TxId;
  readonly state: 'waiting' | 'committed' | 'final' | 'paid';
};

export type SettlementReport =
  | { readonly enabled: false }
  | {
      readonly enabled: true;
      /** `fuel`: Fuel's contracts; `own`: the project's; null: nothing is committed. */
      readonly kind: 'fuel' | 'own' | null;
      readonly relayer: RelayerProgress | null;
      readonly committer: CommitterProgress | null;
      readonly batches: readonly BatchRow[];
      readonly deposits: readonly object[];
      readonly withdrawals: readonly WithdrawalRow[];
      readonly disputes: readonly object[];
      /** Why Ethereum could not be asked; then only what the node knows is told. */
      readonly failure: string | null;
    };

export type SettlementView = { report(): Promise<SettlementReport> };

export type SettlementViewDeps = {
  readonly config: NodeConfig;
  readonly store: ChainStore;
  readonly relayer: Pick<NodeRelayer, 'events' | 'progress'>;
  readonly committer: () => CommitterProgress | null;
  readonly nowMs: () => number;
};

type OnEthereum = { readonly batches: BatchRow[]; readonly events: readonly SettlementEvent[] };

type Opened = { readonly contract: SettlementContract | null; readonly logs: SettlementLogs };

/** What Ethereum says; opened when it is first asked. */
class Ethereum {
  readonly #config: NodeConfig;
  #opened: Opened | null = null;

  constructor(config: NodeConfig) {
    this.#config = config;
  }

  async read(): Promise<OnEthereum> {
    const { contract, logs } = await this.#open();
    const events = await logs.events();
    if (contract !== null) return { batches: await batchesOf(contract, events), events };
    return { batches: await this.#commits(events), events };
  }

  async #open(): Promise<Opened> {
    if (this.#opened !== null) return this.#opened;
    const { rollup, committer, relayer } = this.#config;
    const rpc = await connectRpc((rollup ?? committer)!.url);
    const address = rollup?.settlement ?? committer!.chainState;
    const from = relayer?.deployHeight ?? 0n;
    this.#opened = {
      contract: rollup === null ? null : await openSettlement(rpc, address, address),
      logs: new SettlementLogs(rpc, [address, ...(relayer?.contracts ?? [])], from),
    };
    return this.#opened;
  }

  /** Fuel's contract commits single blocks. */
  async #commits(events: readonly SettlementEvent[]): Promise<BatchRow[]> {
    const { openChainState } = await import('../settlement/index.ts');
    const { url, chainState: address } = this.#config.committer!;
    const contract = await openChainState(await connectRpc(url), address, address);
    const { interval } = await contract.terms();
    const rows: BatchRow[] = [];
    for (const event of events.filter(({ type }) => type === 'commit').slice(-ROWS_MAX)) {
      if (event.type !== 'commit') continue;
      const { commit, blockId, transaction } = event;
      const last = commit * interval;
      const final = await contract.finalized(blockId, last).catch(() => false);
      const [first, time] = [Math.max(0, last - interval + 1), 0];
      const rest = { root: blockId, lastBlockId: blockId, time, proposer: address, final };
      rows.unshift({ number: commit, first, last, ...rest, transaction });
    }
    return rows;
  }
}

async function batchesOf(
  contract: SettlementContract,
  events: readonly SettlementEvent[],
): Promise<BatchRow[]> {
  const count = await contract.batchCount();
  const numbers = Array.from({ length: Math.min(count, ROWS_MAX) }, (_, i) => count - 1 - i);
  return await Promise.all(
    numbers.map(async (number) => {
      const [stored, final] = await Promise.all([
        contract.batchAt(number),
        contract.isFinal(number),
      ]);
      const { root, lastBlockId, first, last, timeS: time, proposer } = stored;
      const made = events.findLast(
        (each) => each.type === 'batch' && each.batch === number && each.root === root,
      );
      const row = { number, first, last, root, lastBlockId, time, proposer, final };
      return { ...row, transaction: made?.transaction ?? null };
    }),
  );
}

async function depositsOf({ relayer, store }: SettlementViewDeps): Promise<object[]> {
  const read = relayer.progress()?.read ?? 0n;
  const after = read > DEPOSIT_BLOCKS ? read - DEPOSIT_BLOCKS : 0n;
  const events = await relayer.events(after, read);
  const rows = events.flatMap((event) => {
    if (event.type !== 'message') return [];
    const { sender, recipient, nonce, amount, data, daHeight } = event.message;
    const known = store.messageStatus(nonce);
    const status = known === 'NOT_FOUND' ? 'WAITING' : known;
    const place = { daHeight: Number(daHeight), data: data.length };
    return [{ nonce, sender, recipient, amount: String(amount), status, ...place }];
  });
  return rows.slice(-ROWS_MAX).reverse();
}

function withdrawalsOf(
  store: ChainStore,
  { batches, events }: OnEthereum,
): readonly WithdrawalRow[] {
  const paid = new Set(events.flatMap((each) => (each.type === 'paid' ? [each.messageId] : [])));
  const rows: WithdrawalRow[] = [];
  const tip = store.latest.height;
  for (let height = tip; height > tip - BLOCKS_SEARCHED && rows.length < ROWS_MAX; height--) {
    const block = store.block(height);
    if (block === null) break;
    if (block.header.messageReceiptCount === 0) continue;
    const batch = batches.findLast(({ last }) => height <= last);
    const state = batch === undefined ? 'waiting' : batch.final ? 'final' : 'committed';
    for (const txId of [...block.transactionIds].reverse()) {
      for (const receipt of store.transaction(txId)?.receipts ?? []) {
        if (receipt.type !== 'messageOut') continue;
        const { sender, recipient, nonce, amount, data } = receipt;
        const id = messageId(sender, recipient, nonce, amount, data);
        const row = { sender, recipient, nonce, amount: String(amount), txId };
        rows.push({ messageId: id, height, ...row, state: paid.has(id) ? 'paid' : state });
      }
    }
  }
  return rows.slice(0, ROWS_MAX);
}

const NOTHING: OnEthereum = { batches: [], events: [] };

/** Asks Ethereum at most every few seconds, whoever looks. */
export function openSettlementView(deps: SettlementViewDeps): SettlementView {
  const { config, store, relayer, committer, nowMs } = deps;
  const kind = config.rollup !== null ? 'own' : config.committer !== null ? 'fuel' : null;
  if (kind === null && config.relayer === null) return { report: async () => ({ enabled: false }) };
  const ethereum = new Ethereum(config);
  const ask = async (): Promise<SettlementReport> => {
    let failure: string | null = null;
    let found = NOTHING;
    try {
      if (kind !== null) found = await ethereum.read();
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      failure = error.message;
    }
    const disputes = found.events.filter(({ type }) => type === 'dispute').slice(-ROWS_MAX);
    return {
      enabled: true,
      kind,
      relayer: relayer.progress(),
      committer: committer(),
      batches: found.batches,
      deposits: await depositsOf(deps),
      withdrawals: withdrawalsOf(store, found),
      disputes: disputes.reverse(),
      failure,
    };
  };
  let last: { atMs: number; answer: Promise<SettlementReport> } | null = null;
  return {
    report() {
      if (last === null || nowMs() - last.atMs >= FRESH_MS) last = { atMs: nowMs(), answer: ask() };
      return last.answer;
    },
  };
}

const PATHS: ReadonlySet<string> = new Set(['/settlement', '/v1/fuelrail/settlement']);

export function isSettlementPath(path: string): boolean {
  return PATHS.has(path);
}

/** @param request whose path {@link isSettlementPath} has */
export async function answerSettlement(
  view: SettlementView | undefined,
  request: ApiRequest,
): Promise<ApiResponse> {
  if (!['GET', 'HEAD', 'OPTIONS'].includes(request.method)) {
    return failedAnswer(405, 'METHOD_NOT_ALLOWED', 'only GET is answered here');
  }
  const report = request.method === 'OPTIONS' ? {} : await view?.report();
  return jsonAnswer(200, report ?? { enabled: false });
}
