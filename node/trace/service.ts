/**
 * What a transaction did, call by call. It is run again on the state before it, which the node
 * knows for its latest blocks (`explain/history.ts`); of older ones the receipts tell.
 */
import { BlockInProgress } from '../../executor/block.ts';
import { BlockOverlay } from '../../executor/overlay.ts';
import type { BlockEnv, ExecutedTx, StateView, TxToExecute } from '../../executor/ports.ts';
import { processRelayed } from '../../executor/relayed.ts';
import { runTx, type TxOutcome } from '../../executor/runTx.ts';
import { runSerially } from '../../executor/serial.ts';
import { bytesToHex, equalBytes, isB256 } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import type { BlockHeight, TxId } from '../../primitives/types.ts';
import type { ChainStore, StoredTx } from '../../state/types.ts';
import { decodeTx } from '../../tx/codec/index.ts';
import { txId } from '../../tx/id.ts';
import type { ConsensusParameters } from '../../tx/params.ts';
import type { TxPointer } from '../../tx/types.ts';
import type { BlockHistory, KeptBlock } from '../explain/history.ts';
import { traceFromReceipts } from './fromReceipts.ts';
import { runPredicates } from './predicates.ts';
import { TraceRecorder } from './recorder.ts';
import { traceCallOf } from './tree.ts';
import type { CallTree, TraceBalanceChange, TracePredicate, TraceSlotChange } from './types.ts';

/** Transactions of a block that are traced at once. */
export const TRACE_TX_COUNT_MAX: number = 2_000;
/** Requests that may wait; traces are work for the main thread. */
export const TRACE_WAITING_MAX: number = 16;

export interface TraceService {
  /** @throws CodedError TRACE_UNKNOWN_TX, TRACE_BUSY */
  transaction(id: string): Promise<CallTree>;
  /**
   * All transactions of a block but its mint, in order.
   * @throws CodedError TRACE_UNKNOWN_BLOCK, TRACE_TOO_BIG, TRACE_BUSY
   */
  block(which: string): Promise<CallTree[]>;
  /**
   * What a transaction that is in no block would do on the latest state. Coins and signatures are
   * not checked, predicates are run but decide nothing, and it costs nothing.
   * @param raw canonical bytes
   * @throws CodedError TRACE_OFF, TRACE_BUSY, TRACE_REFUSED, TX_DECODE
   */
  raw(raw: Uint8Array): Promise<CallTree>;
}

export type TraceDeps = {
  readonly store: ChainStore;
  readonly history: BlockHistory;
  readonly params: () => { readonly params: ConsensusParameters };
  /** Running transactions again costs as much as making blocks: for development nodes. */
  readonly allowsRunning: boolean;
  /** Of a run on top of the latest block. */
  readonly nextEnv: () => BlockEnv;
};

type Ran = {
  readonly recorder: TraceRecorder;
  readonly predicates: readonly TracePredicate[];
  readonly slots: readonly TraceSlotChange[];
  readonly balances: readonly TraceBalanceChange[];
};

export function createTracer(deps: TraceDeps): TraceService {
  return new Tracer(deps);
}

class Tracer implements TraceService {
  readonly #deps: TraceDeps;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(deps: TraceDeps) {
    this.#deps = deps;
  }

  transaction(id: string): Promise<CallTree> {
    return this.#inTurn(async () => {
      const stored = isB256(id) ? this.#deps.store.transaction(id) : null;
      if (stored === null) {
        throw new CodedError(
          'TRACE_UNKNOWN_TX',
          `transaction ${id} is in no block of this node: a trace needs one that was executed`,
        );
      }
      const { blockHeight } = stored.pointer;
      const [tree] = await this.#trees(blockHeight, [stored]);
      return tree as CallTree;
    });
  }

  block(which: string): Promise<CallTree[]> {
    return this.#inTurn(async () => {
      const { store } = this.#deps;
      const height = this.#heightOf(which);
      const block = height === null ? null : store.block(height);
      if (height === null || block === null) {
        throw new CodedError(
          'TRACE_UNKNOWN_BLOCK',
          `there is no block '${which}': give a height up to ${store.latest.height}, an id, or latest`,
        );
      }
      if (block.transactionIds.length > TRACE_TX_COUNT_MAX + 1) {
        throw new CodedError(
          'TRACE_TOO_BIG',
          `block ${height} has more than ${TRACE_TX_COUNT_MAX} transactions: trace single ones`,
        );
      }
      const txs = block.transactionIds.flatMap((id) => store.transaction(id) ?? []);
      return this.#trees(
        height,
        txs.filter(({ tx }) => tx.type !== 'mint'),
      );
    });
  }

  raw(raw: Uint8Array): Promise<CallTree> {
    return this.#inTurn(async () => {
      if (!this.#deps.allowsRunning) {
        throw new CodedError('TRACE_OFF', 'the node runs transactions only with --debug');
      }
      const { tx } = decodeTx(raw);
      if (tx.type === 'mint') throw new CodedError('TRACE_REFUSED', 'a mint is made by a block');
      const env = this.#deps.nextEnv();
      const id = txId(tx, env.params.chainId);
      const job: TxToExecute = { id, tx, raw, verified: true };
      const recorder = new TraceRecorder();
      const how = { txIndex: 0, gasPrice: env.gasPrice, collectMissing: true, observe: recorder };
      const overlay = new BlockOverlay(this.#deps.store);
      const result = runTx(env, overlay, job, how);
      if (!result.ok) throw new CodedError('TRACE_REFUSED', result.reason);
      const { outcome } = result;
      return executedTree(outcome.executed, ranOf(job, { env, recorder, outcome, overlay }), null);
    });
  }

  #heightOf(which: string): BlockHeight | null {
    const { store } = this.#deps;
    if (which === 'latest') return store.latest.height;
    if (/^\d{1,10}$/.test(which)) return Number(which);
    return isB256(which) ? store.blockHeightOf(which) : null;
  }

  async #trees(height: BlockHeight, wanted: readonly StoredTx[]): Promise<CallTree[]> {
    const { history, allowsRunning } = this.#deps;
    let why: string | null = null;
    if (!allowsRunning) why = 'the node runs transactions again only with --debug';
    else if (!history.canRunAgain(height)) {
      why = `the state before block ${height} is no longer known: the node remembers the latest blocks since its start`;
    }
    if (why !== null) return wanted.map((stored) => this.#tree(stored, why));
    const ids = new Set(wanted.map(({ id }) => id));
    const ran = await history.before(height, (view) =>
      this.#runBlock(history.kept(height) as KeptBlock, view, ids),
    );
    const forced = 'it was forced by the settlement layer, or has no script';
    const differs = 'running it again ended otherwise than in its block';
    return wanted.map((stored) => {
      const how = ran.get(stored.id);
      return this.#tree(stored, how === null ? differs : forced, how ?? undefined);
    });
  }

  /** Runs a block again as far as the last wanted transaction. null: it ended otherwise. */
  async #runBlock(
    kept: KeptBlock,
    view: StateView,
    wanted: ReadonlySet<TxId>,
  ): Promise<Map<TxId, Ran | null>> {
    const { store } = this.#deps;
    const block = new BlockInProgress(kept.env, view);
    processRelayed(block, kept.events);
    const forced = new Set(block.executed.map(({ id }) => id));
    const ids = store.block(kept.height)?.transactionIds ?? [];
    const last = ids.findLastIndex((id) => wanted.has(id));
    const ran = new Map<TxId, Ran | null>();
    for (const id of ids.slice(0, last + 1)) {
      const stored = store.transaction(id);
      if (stored === null || stored.tx.type === 'mint' || forced.has(id)) continue;
      const job: TxToExecute = { id, tx: stored.tx, raw: stored.raw, verified: true };
      if (wanted.has(id)) ran.set(id, runObserved(block, job, stored));
      else runSerially(block, job);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return ran;
  }

  #tree(stored: StoredTx, whyReceipts: string | null, ran?: Ran): CallTree {
    if (ran !== undefined) return executedTree(stored, ran, stored.pointer);
    const { id, pointer, tx, raw, success, reason, receipts } = stored;
    const { blockHeight, txIndex } = pointer;
    const totalGas = String(stored.totalGas);
    const totalFee = String(stored.totalFee);
    const { maxInputs } = this.#deps.params().params.txParams;
    const known = { id, blockHeight, txIndex, success, reason, totalGas, totalFee };
    return traceFromReceipts({ ...known, tx, raw, receipts, maxInputs, whyReceipts });
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= TRACE_WAITING_MAX) {
      throw new CodedError('TRACE_BUSY', `${TRACE_WAITING_MAX} traces are waited for: ask again`);
    }
    this.#waiting += 1;
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => {});
    try {
      return await mine;
    } finally {
      this.#waiting -= 1;
    }
  }
}

/** The trace of what was run. @param pointer null: in no block */
function executedTree(
  { id, tx, success, reason, totalGas, totalFee, receipts }: ExecutedTx,
  { recorder, predicates, slots, balances }: Ran,
  pointer: TxPointer | null,
): CallTree {
  return {
    id,
    blockHeight: pointer?.blockHeight ?? null,
    txIndex: pointer?.txIndex ?? null,
    success,
    reason,
    totalGas: String(totalGas),
    totalFee: String(totalFee),
    kind: tx.type,
    source: 'execution',
    whyReceipts: null,
    predicates,
    call: tx.type === 'script' ? traceCallOf(receipts, recorder) : null,
    instructions: recorder.instructions,
    code: recorder.code,
    slots,
    balances,
    gas: recorder.gas(),
  };
}

/** null: it did not end as it did in its block, so the state is not that of then. */
function runObserved(block: BlockInProgress, job: TxToExecute, stored: StoredTx): Ran | null {
  const recorder = new TraceRecorder();
  const { env, overlay } = block;
  const options = { txIndex: block.executed.length, gasPrice: env.gasPrice, observe: recorder };
  const result = runTx(env, overlay, job, options);
  if (!result.ok) return null;
  const { outcome } = result;
  const { success, totalGas } = outcome.executed;
  const isSame = success === stored.success && totalGas === stored.totalGas;
  const ran = isSame ? ranOf(job, { env, recorder, outcome, overlay }) : null;
  overlay.apply(outcome.changes);
  block.include(outcome);
  return ran;
}

/** How a run went. `overlay`: the state before. */
type Run = {
  readonly env: BlockEnv;
  readonly recorder: TraceRecorder;
  readonly outcome: TxOutcome;
  readonly overlay: StateView;
};

function ranOf({ id, tx }: TxToExecute, { env, recorder, outcome, overlay }: Run): Ran {
  return {
    recorder,
    predicates: runPredicates(tx, id, { ...env, blobs: overlay }),
    slots: slotsOf(outcome, overlay),
    balances: balancesOf(outcome, overlay),
  };
}

const hexOf = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : bytesToHex(bytes);

function slotsOf({ changes }: TxOutcome, view: StateView): TraceSlotChange[] {
  const slots: TraceSlotChange[] = [];
  for (const [contract, written] of changes.slots) {
    const isNew = changes.contractCode.has(contract);
    for (const [key, after] of written) {
      const before = isNew ? null : view.slot(contract, key);
      const isSame =
        before === null || after === null ? before === after : equalBytes(before, after);
      if (!isSame) slots.push({ contract, key, before: hexOf(before), after: hexOf(after) });
    }
  }
  return slots;
}

function balancesOf({ changes }: TxOutcome, view: StateView): TraceBalanceChange[] {
  const text = (amount: bigint | null): string | null => (amount === null ? null : String(amount));
  return [...changes.balances].flatMap(([contract, written]) =>
    [...written].flatMap(([assetId, after]) => {
      const before = view.balance(contract, assetId);
      if (before === after) return [];
      return [{ contract, assetId, before: text(before), after: text(after) }];
    }),
  );
}
