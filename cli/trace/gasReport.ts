/** `fuelrail gas-report`: where the gas of transactions went, by contract, method and opcode. */
import type { CallTree, TraceGas } from '../../node/trace/types.ts';
import { CodedError } from '../../primitives/errors.ts';
import type { TxId } from '../../primitives/types.ts';
import { createClient } from '../../sdk/client/graphql.ts';
import { getBlock } from '../../sdk/client/lookup.ts';
import { readJson } from '../files.ts';
import { progressOnTerminal } from '../progress.ts';
import { parseId, print, table } from '../wallet/context.ts';
import { usage } from '../wallet/errors.ts';
import { askTrace, loadTrace } from './load.ts';
import { shortId } from './text.ts';

export type GasReportFlags = {
  readonly url: string;
  readonly fromBlock?: string;
  readonly toBlock?: string;
  readonly opcodes?: boolean;
  /** An earlier report, made with `--json`. */
  readonly compare?: string;
  readonly json?: boolean;
};

/** Gas of one method over many transactions. Gas in gas units. */
export type MethodGas = {
  readonly contract: string | null;
  readonly method: string | null;
  calls: number;
  /** Without what it called. */
  gas: bigint;
  readonly opcodes: Map<string, { count: number; gas: bigint }>;
};

export type GasReport = {
  readonly transactions: number;
  /** Of which nothing but the total is known, as they could not be run again. */
  readonly withoutDetails: number;
  /** Everything that was paid for, with what comes before a script. */
  readonly totalGas: bigint;
  /** Dearest first. */
  readonly methods: readonly MethodGas[];
};

/** Blocks of one report. */
export const REPORT_BLOCKS_MAX: number = 10_000;

export function gasReportOf(trees: Iterable<CallTree>): GasReport {
  const methods = new Map<string, MethodGas>();
  let transactions = 0;
  let withoutDetails = 0;
  let totalGas = 0n;
  for (const tree of trees) {
    transactions += 1;
    totalGas += BigInt(tree.totalGas);
    if (tree.source === 'receipts' && tree.call !== null) withoutDetails += 1;
    for (const each of [...tree.gas, ...predicateGas(tree)]) addGas(methods, each);
  }
  const sorted = [...methods.values()].sort((a, b) => (a.gas < b.gas ? 1 : -1));
  return { transactions, withoutDetails, totalGas, methods: sorted };
}

/** Predicates count as methods of nobody, by their address. */
function predicateGas({ predicates }: CallTree): TraceGas[] {
  return predicates.map(({ owner, gasUsed, opcodes }) => {
    const method = `predicate ${shortId(owner)}`;
    return { contract: null, method, calls: 1, gas: gasUsed, opcodes };
  });
}

function addGas(methods: Map<string, MethodGas>, added: TraceGas): void {
  const { contract, method } = added;
  const key = `${contract} ${method}`;
  const sum = methods.get(key) ?? { contract, method, calls: 0, gas: 0n, opcodes: new Map() };
  methods.set(key, sum);
  sum.calls += added.calls;
  sum.gas += BigInt(added.gas);
  for (const { name, count, gas } of added.opcodes) {
    const tally = sum.opcodes.get(name) ?? { count: 0, gas: 0n };
    sum.opcodes.set(name, tally);
    tally.count += count;
    tally.gas += BigInt(gas);
  }
}

/** A height, or how far it lies before the newest block. */
function heightOf(flag: string, text: string | undefined, latest: number): number {
  if (text === undefined || text === 'latest') return latest;
  if (!/^\d{1,10}$/.test(text)) return usage(`--${flag} is a height, not '${text}'`);
  const height = Number(text);
  if (height > latest) usage(`--${flag} ${height}: the newest block is ${latest}`);
  return height;
}

async function treesOfBlocks(flags: GasReportFlags): Promise<CallTree[]> {
  const client = createClient(flags);
  const latest = (await getBlock(client, 'latest'))?.height ?? 0;
  const first = heightOf('from-block', flags.fromBlock, latest);
  const last = heightOf('to-block', flags.toBlock, latest);
  if (first > last) usage(`--from-block ${first} lies behind --to-block ${last}`);
  if (last - first >= REPORT_BLOCKS_MAX) usage(`a report has at most ${REPORT_BLOCKS_MAX} blocks`);
  const trees: CallTree[] = [];
  const progress = progressOnTerminal({ total: last - first + 1, unit: 'blocks' });
  for (let height = first; height <= last; height += 1) {
    const answer = await askTrace<{ traces: CallTree[] }>(client, `/block/${height}`);
    if (answer === null) {
      throw new CodedError(
        'NO_TRACES',
        'this node cannot run transactions again; a gas report needs a node of fuelrail with --debug',
      );
    }
    trees.push(...answer.traces);
    progress.advance(1);
  }
  progress.end();
  return trees;
}

/** `fuelrail gas-report` @throws CodedError CLI_USAGE, NO_TRACES, NOT_FOUND */
export async function gasReport(ids: readonly string[], flags: GasReportFlags): Promise<void> {
  if (ids.length > 0 && (flags.fromBlock ?? flags.toBlock) !== undefined) {
    usage('give either transactions or blocks, not both');
  }
  const client = createClient(flags);
  const wanted = ids.map((id) => parseId('a transaction', id) as TxId);
  const trees = wanted.length === 0 ? await treesOfBlocks(flags) : [];
  for (const id of wanted) trees.push(await loadTrace(client, id));
  const report = gasReportOf(trees);
  if (flags.compare === undefined) {
    print(flags, jsonOf(report), reportText(report, flags.opcodes === true));
    return;
  }
  const before = parseReport(await readJson(flags.compare, 'the earlier report'), flags.compare);
  const changes = compareReports(before, report);
  print(flags, { changes }, changesText(changes));
}

/** A method in two reports. Own gas per call; null: it was not called. */
export type GasChange = {
  readonly contract: string | null;
  readonly method: string | null;
  readonly before: bigint | null;
  readonly after: bigint | null;
};

/** What comparing needs of a report. */
type Totals = {
  readonly methods: readonly Pick<MethodGas, 'contract' | 'method' | 'calls' | 'gas'>[];
};

/** @throws CodedError CLI_FILE when it is no report */
function parseReport(json: unknown, path: string): Totals {
  const { methods } = (json ?? {}) as { methods?: unknown };
  const isReport =
    Array.isArray(methods) &&
    methods.every((each) => typeof each?.calls === 'number' && /^\d+$/.test(String(each.gas)));
  if (!isReport) {
    throw new CodedError('CLI_FILE', `${path} is no report that gas-report --json made`);
  }
  return { methods: (methods as MethodGas[]).map((each) => ({ ...each, gas: BigInt(each.gas) })) };
}

/** By method name: a contract that is deployed again has another id. Largest change first. */
export function compareReports(before: Totals, after: Totals): GasChange[] {
  const perCall = ({ methods }: Totals): Map<string, { contract: string | null; gas: bigint }> => {
    const sums = new Map<string, { contract: string | null; calls: number; gas: bigint }>();
    for (const { contract, method, calls, gas } of methods) {
      const name = method ?? (contract === null ? '' : '?');
      const sum = sums.get(name) ?? { contract, calls: 0, gas: 0n };
      sums.set(name, { contract, calls: sum.calls + calls, gas: sum.gas + gas });
    }
    return new Map(
      [...sums].map(([name, { contract, calls, gas }]) => [
        name,
        { contract, gas: calls === 0 ? 0n : gas / BigInt(calls) },
      ]),
    );
  };
  const [old, now] = [perCall(before), perCall(after)];
  const size = ({ before: a, after: b }: GasChange): bigint => {
    const change = (b ?? 0n) - (a ?? 0n);
    return change < 0n ? -change : change;
  };
  return [...new Set([...now.keys(), ...old.keys()])]
    .map((name): GasChange => {
      const contract = now.get(name)?.contract ?? old.get(name)?.contract ?? null;
      const method = name === '' ? null : name;
      return {
        contract,
        method,
        before: old.get(name)?.gas ?? null,
        after: now.get(name)?.gas ?? null,
      };
    })
    .sort((a, b) => (size(a) < size(b) ? 1 : -1));
}

export function changesText(changes: readonly GasChange[]): string {
  const rows = changes.map(({ contract, method, before, after }) => {
    const name = method ?? (contract === null ? 'script' : '?');
    if (before === null) return [name, '', String(after), 'new'];
    if (after === null) return [name, String(before), '', 'not called'];
    const change = after - before;
    const percent =
      before === 0n ? '' : ` (${(Number((change * 1000n) / before) / 10).toFixed(1)} %)`;
    return [
      name,
      String(before),
      String(after),
      change === 0n ? 'same' : `${change > 0n ? '+' : ''}${change}${percent}`,
    ];
  });
  return table(['method', 'before', 'now', 'own gas per call'], rows);
}

function jsonOf(report: GasReport): unknown {
  return {
    ...report,
    methods: report.methods.map(({ opcodes, ...method }) => ({
      ...method,
      opcodes: [...opcodes].map(([name, tally]) => ({ name, ...tally })),
    })),
  };
}

const share = (part: bigint, whole: bigint): string =>
  whole === 0n ? '' : `${(Number((part * 1000n) / whole) / 10).toFixed(1)} %`;

/** As a table. `withOpcodes`: below each method what its instructions cost. */
export function reportText(report: GasReport, withOpcodes: boolean): string {
  const { transactions, withoutDetails, totalGas, methods } = report;
  const run = methods.reduce((sum, { gas }) => sum + gas, 0n);
  const rows = methods.flatMap((method) => {
    const { contract, calls, gas } = method;
    const name =
      contract === null
        ? (method.method ?? 'script')
        : `${shortId(contract)}.${method.method ?? '?'}`;
    const mean = calls === 0 ? 0n : gas / BigInt(calls);
    const line = [name, String(calls), String(gas), share(gas, run), String(mean)];
    return [line, ...(withOpcodes ? opcodeRows(method) : [])];
  });
  const contracts = new Set(methods.flatMap(({ contract }) => contract ?? []));
  const lines = [
    `${transactions} transactions, gas ${totalGas}, of which ${run} by programs`,
    ...(withoutDetails === 0
      ? []
      : [`${withoutDetails} of them could not be run again: their gas is only in the total`]),
  ];
  if (rows.length === 0) return [...lines, 'no program ran'].join('\n');
  const head = ['method', 'calls', 'own gas', 'share', 'per call'];
  const legend = [...contracts].map((id) => `${shortId(id)} = ${id}`);
  const below = legend.length === 0 ? [] : ['', ...legend];
  return [...lines, '', table(head, rows), ...below].join('\n');
}

/** Instructions that are shown below a method. */
const OPCODE_ROWS_MAX = 12;

function opcodeRows({ opcodes, gas }: MethodGas): string[][] {
  const sorted = [...opcodes].sort(([, a], [, b]) => (a.gas < b.gas ? 1 : -1));
  return sorted.slice(0, OPCODE_ROWS_MAX).map(([name, tally]) => {
    const mean = tally.count === 0 ? 0n : tally.gas / BigInt(tally.count);
    return [
      `  ${name}`,
      String(tally.count),
      String(tally.gas),
      share(tally.gas, gas),
      String(mean),
    ];
  });
}
