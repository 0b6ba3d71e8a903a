/** Explains a block from its transactions' declared lists and, when there is one, its report. */
import type { ScheduleReport } from '../../executor/ports.ts';
import type { ContractId } from '../../primitives/types.ts';
import type { Receipt } from '../../tx/receipt.ts';
import type { Transaction } from '../../tx/types.ts';
import {
  criticalPath,
  earliestStarts,
  edgesOf,
  executionAccess,
  type Graph,
  graphOf,
  hotKeys,
  keysOfEdge,
  setNumbers,
} from './graph.ts';
import { readableKey } from './keys.ts';
import { simulate } from './simulate.ts';
import type {
  BlockExplanation,
  ExplainedKey,
  ExplainedLane,
  ExplainedSet,
  Forecast,
  Neighbour,
  Totals,
  TxExplanation,
} from './types.ts';
import { type WhyInput, whyBlock, whyTx } from './why.ts';

/** Edges in one answer. */
export const EDGE_COUNT_MAX = 5_000;
/** Keys named for each set. */
const SET_KEY_COUNT_MAX = 5;
/** Sets in one answer, the biggest first; single transactions are sets too. */
export const SET_COUNT_MAX = 1_000;
const FORECAST_WORKERS: readonly number[] = [1, 2, 4, 8, 16, 32];
/** Where carrying costs nothing, nobody needs batches. */
const FORECAST_BATCH_TX_COUNT = 1;
/** Time on threads, by the work done there, from which on it is worth a sentence. */
const BUSY_FACTOR = 1.25;

/** A transaction of the block, the mint excluded. */
export type BlockTx = {
  readonly id: string;
  readonly tx: Exclude<Transaction, { type: 'mint' }>;
  readonly success: boolean;
  readonly totalGas: bigint;
  readonly receipts: readonly Receipt[];
};

/** How it ran: what explaining needs of a report. */
export type Timeline = Pick<
  ScheduleReport,
  'workerCount' | 'wallMs' | 'mode' | 'whySerial' | 'lanes'
>;

export type BlockToExplain = {
  readonly height: number;
  readonly id: string;
  /** In block order. */
  readonly txs: readonly BlockTx[];
  readonly skipped: readonly { readonly id: string; readonly reason: string }[];
  /** null: not measured here, or forgotten. */
  readonly timeline: Timeline | null;
  readonly canRunAgain: boolean;
};

/** Graph and costs of a block: what all explanations start from. */
export type Analysis = {
  readonly block: BlockToExplain;
  readonly graph: Graph;
  readonly costs: readonly number[];
  readonly costUnit: 'ms' | 'gas';
  readonly lanes: readonly ExplainedLane[];
  readonly why: WhyInput;
};

/** Contracts that receipts name: called, paid, or speaking. */
export function contractsInReceipts(receipts: readonly Receipt[]): Set<string> {
  const named = new Set<string>();
  for (const receipt of receipts) {
    if ('id' in receipt) named.add(receipt.id as string);
    if ('to' in receipt) named.add(receipt.to as string);
    if ('contractId' in receipt) named.add(receipt.contractId as string);
  }
  return named;
}

function unusedContracts({ tx, receipts, success }: BlockTx): ContractId[] {
  // What failed may have stopped before its calls.
  if (!success) return [];
  const named = contractsInReceipts(receipts);
  return tx.inputs.flatMap((input) =>
    input.type === 'contract' && !named.has(input.contractId) ? [input.contractId] : [],
  );
}

export function analyse(block: BlockToExplain): Analysis {
  const { txs, timeline } = block;
  const graph = graphOf(txs.map(({ tx, id }) => executionAccess(tx, id as `0x${string}`)));
  const indexOf = new Map(txs.map(({ id }, i) => [id, i]));
  const measured = new Map<number, number>();
  const lanes = (timeline?.lanes ?? []).map((lane) => {
    const known = lane.txs.flatMap(({ id, runMs }) => {
      const index = indexOf.get(id);
      if (index === undefined) return [];
      measured.set(index, (measured.get(index) ?? 0) + runMs);
      return [{ index, runMs }];
    });
    return { ...lane, txs: known };
  });
  // Forced transactions run before the lanes: their time is not known, and taken as none.
  const isMeasured = measured.size > 0;
  const costs = txs.map(
    ({ totalGas }, i) => measured.get(i) ?? (isMeasured ? 0 : Number(totalGas)),
  );
  return {
    block,
    graph,
    costs,
    costUnit: isMeasured || txs.length === 0 ? 'ms' : 'gas',
    lanes: isMeasured ? lanes : [],
    why: {
      graph,
      costs,
      whySerial: timeline?.whySerial ?? null,
      usedThreads: timeline?.mode === 'threads',
      unused: txs.map(unusedContracts),
    },
  };
}

function keysFor(graph: Graph, set: readonly number[], countMax: number): ExplainedKey[] {
  if (set.length < 2) return [];
  return hotKeys(graph, set, countMax).map(({ key, txs }) => ({
    ...readableKey(key),
    txCount: txs.length,
  }));
}

function explainSets({ graph, costs }: Analysis): ExplainedSet[] {
  const steps = earliestStarts(
    graph,
    costs.map(() => 1),
  );
  return graph.sets
    .map((set) => ({
      txs: set,
      work: set.reduce((sum, i) => sum + (costs[i] ?? 0), 0),
      chainTxCount: set.reduce((max, i) => Math.max(max, (steps[i] ?? 0) + 1), 0),
      keys: keysFor(graph, set, SET_KEY_COUNT_MAX),
    }))
    .sort((a, b) => b.work - a.work || (a.txs[0] ?? 0) - (b.txs[0] ?? 0))
    .slice(0, SET_COUNT_MAX);
}

function totalsOf({ block, graph, costs, costUnit }: Analysis): Totals {
  const work = costs.reduce((sum, cost) => sum + cost, 0);
  const path = criticalPath(graph, costs).cost;
  const { timeline } = block;
  const workerCount = timeline?.workerCount ?? 0;
  const bound = path > 0 ? Math.min(Math.max(workerCount, 1), work / path) : 1;
  const wallMs = costUnit === 'ms' && timeline !== null ? timeline.wallMs : null;
  const speedUp = wallMs === null || wallMs === 0 ? null : work / wallMs;
  const efficiency = speedUp === null ? null : speedUp / bound;
  return { work, criticalPath: path, bound, workerCount, wallMs, speedUp, efficiency };
}

/** Speed-up of the real scheduler on 1 … 32 workers without any overhead: simulated. */
export function forecast(graph: Graph, costs: readonly number[]): Forecast[] {
  const work = costs.reduce((sum, cost) => sum + cost, 0);
  return FORECAST_WORKERS.map((workers) => {
    const { wallMs } = simulate({
      predecessors: graph.predecessors,
      costs,
      workerCount: workers,
      batchTxCountMax: FORECAST_BATCH_TX_COUNT,
    });
    return { workers, speedUp: wallMs === 0 ? 1 : work / wallMs };
  });
}

/** Threads were taken for longer than the transactions ran. */
function whyBusy({ block, lanes, costs, costUnit }: Analysis): string[] {
  if (block.timeline?.mode !== 'threads' || costUnit !== 'ms') return [];
  const work = costs.reduce((sum, cost) => sum + cost, 0);
  const taken = lanes.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
  if (taken < work * BUSY_FACTOR) return [];
  return [
    `Threads were taken for ${taken.toFixed(1)} ms to do ${work.toFixed(1)} ms of work; the rest is ` +
      'carrying transactions to them and back, and reading state.',
  ];
}

export function explainBlock(block: BlockToExplain): BlockExplanation {
  const analysis = analyse(block);
  const { graph, costs, costUnit } = analysis;
  const numbers = setNumbers(graph);
  const { edges, total } = edgesOf(graph, EDGE_COUNT_MAX);
  const isMeasured = costUnit === 'ms' && block.timeline !== null;
  // Sets are sorted for reading; numbers follow that order.
  const sets = explainSets(analysis);
  const place = new Map(sets.map(({ txs }, n) => [numbers[txs[0] ?? 0], n]));
  return {
    height: block.height,
    id: block.id,
    source: isMeasured ? 'measured' : 'recomputed',
    costUnit,
    mode: block.timeline?.mode ?? null,
    totals: totalsOf(analysis),
    forecast: forecast(graph, costs),
    txs: block.txs.map(({ id, tx, success, totalGas }, index) => ({
      index,
      id,
      type: tx.type,
      success,
      gas: String(totalGas),
      set: place.get(numbers[index]) ?? -1,
      cost: costs[index] ?? 0,
      waitsFor: graph.predecessors[index] ?? [],
      awaitedBy: graph.successors[index] ?? [],
    })),
    skipped: block.skipped,
    sets,
    setCount: graph.sets.length,
    edges: edges.map(({ from, to, keys }) => ({ from, to, keys: keys.map(readableKey) })),
    edgeCount: total,
    criticalPath: criticalPath(graph, costs).txs,
    lanes: analysis.lanes,
    why: [...whyBlock(analysis.why), ...whyBusy(analysis)],
    canRunAgain: block.canRunAgain,
  };
}

/** Neighbours named in one answer. */
export const NEIGHBOUR_COUNT_MAX = 100;

function neighbours(
  { block, graph }: Analysis,
  index: number,
  direction: 'before' | 'behind',
): Neighbour[] {
  const list = (direction === 'before' ? graph.predecessors : graph.successors)[index] ?? [];
  return list.slice(0, NEIGHBOUR_COUNT_MAX).map((other) => {
    const [from, to] = direction === 'before' ? [other, index] : [index, other];
    return {
      id: block.txs[other]?.id ?? '',
      index: other,
      keys: keysOfEdge(graph, from, to).map(readableKey),
    };
  });
}

/** @param index of the transaction in the block */
export function explainTxInBlock(block: BlockToExplain, index: number): TxExplanation {
  const analysis = analyse(block);
  const { graph, costs, costUnit, lanes } = analysis;
  const access = graph.accesses[index];
  const number = setNumbers(graph)[index] as number;
  const lane = lanes.find(({ txs }) => txs.some((each) => each.index === index)) ?? null;
  const beforeMs = lane === null ? 0 : runBefore(lane, index);
  return {
    id: block.txs[index]?.id ?? '',
    where: 'block',
    block: {
      height: block.height,
      index,
      set: { number, txCount: graph.sets[number]?.length ?? 0 },
      isCritical: criticalPath(graph, costs).txs.includes(index),
      earliestStart: earliestStarts(graph, costs)[index] ?? 0,
      cost: costs[index] ?? 0,
      costUnit,
      lane: lane === null ? null : { worker: lane.worker, startMs: lane.startMs + beforeMs },
    },
    declares: [...(access?.writes ?? []), ...(access?.reads ?? [])].map(readableKey),
    waitedFor: neighbours(analysis, index, 'before'),
    awaitedBy: neighbours(analysis, index, 'behind'),
    why: whyTx(analysis.why, index),
  };
}

function runBefore({ txs }: ExplainedLane, index: number): number {
  let sum = 0;
  for (const each of txs) {
    if (each.index === index) break;
    sum += each.runMs;
  }
  return sum;
}
