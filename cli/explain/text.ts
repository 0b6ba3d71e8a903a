/** Explanations as text for a terminal. */
import type {
  BlockExplanation,
  ExplainedKey,
  Neighbour,
  PoolExplanation,
  TxExplanation,
} from '../../node/explain/types.ts';
import type { WhatIfReport } from '../../node/explain/whatIf.ts';

/** Rows of a table; the rest is counted. */
const ROW_COUNT_MAX = 20;
const TIMELINE_WIDTH = 60;

const short = (id: string): string => (id.length > 20 ? `${id.slice(0, 10)}…${id.slice(-6)}` : id);

function amount(value: number, unit: 'ms' | 'gas'): string {
  if (unit === 'gas') return `${Math.round(value)} gas`;
  return `${value < 1 ? value.toFixed(3) : value.toFixed(2)} ms`;
}

/** Columns as wide as their widest cell; numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const shown = rows.slice(0, ROW_COUNT_MAX);
  const widths = head.map((text, c) =>
    Math.max(text.length, ...shown.map((row) => (row[c] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, c) =>
        /^\d[\d.,]*( ms| gas| %)?$/.test(cell)
          ? cell.padStart(widths[c] as number)
          : cell.padEnd(widths[c] as number),
      )
      .join('  ')
      .trimEnd();
  const lines = [line(head), ...shown.map(line)];
  if (rows.length > shown.length) lines.push(`… and ${rows.length - shown.length} more`);
  return lines.map((text) => `  ${text}`).join('\n');
}

function keysText(keys: readonly ExplainedKey[]): string {
  return keys.map(({ text, txCount }) => `${text} (${txCount})`).join(', ');
}

function whyText(why: readonly string[]): string {
  return why.map((sentence) => `  - ${sentence}`).join('\n');
}

/** One row a worker: `#` where it ran. */
export function timeline({ lanes, totals }: BlockExplanation): string {
  if (lanes.length === 0) return '  not kept: it ran before the node started, or too long ago';
  const end = Math.max(totals.wallMs ?? 0, ...lanes.map(({ endMs }) => endMs));
  const workers = [...new Set(lanes.map(({ worker }) => worker))].sort((a, b) => a - b);
  const rows = workers.map((worker) => {
    const cells = Array.from({ length: TIMELINE_WIDTH }, () => '.');
    for (const lane of lanes.filter((each) => each.worker === worker)) {
      const from = Math.floor((lane.startMs / end) * TIMELINE_WIDTH);
      const to = Math.ceil((lane.endMs / end) * TIMELINE_WIDTH);
      cells.fill('#', from, Math.max(from + 1, to));
    }
    const name = worker < 0 ? 'main' : `worker ${worker}`;
    return `  ${name.padEnd(10)}|${cells.slice(0, TIMELINE_WIDTH).join('')}|`;
  });
  return [...rows, `  ${''.padEnd(10)} 0${`${end.toFixed(2)} ms`.padStart(TIMELINE_WIDTH)}`].join(
    '\n',
  );
}

function totalsText({ totals, costUnit, criticalPath, source, mode }: BlockExplanation): string {
  const { work, bound, speedUp, efficiency, wallMs, workerCount } = totals;
  const where = mode === 'threads' ? `${workerCount} threads` : 'the main thread';
  const lines = [
    source === 'measured'
      ? `  measured on ${where}`
      : '  no report of how it ran: costs are gas, recomputed from the stored transactions',
    `  work ${amount(work, costUnit)}, longest chain ${amount(totals.criticalPath, costUnit)} in ${criticalPath.length} transactions`,
  ];
  if (wallMs !== null && speedUp !== null && efficiency !== null) {
    lines.push(
      `  took ${amount(wallMs, 'ms')}: ${speedUp.toFixed(2)} times as fast as one after another; ` +
        `at best ${bound.toFixed(2)} (efficiency ${efficiency.toFixed(2)})`,
    );
  }
  return lines.join('\n');
}

function forecastText({ forecast }: BlockExplanation): string {
  const parts = forecast.map(({ workers, speedUp }) => `${workers}: ${speedUp.toFixed(1)}×`);
  return `  simulated, without overhead, by workers: ${parts.join('  ')}`;
}

function pathText({ criticalPath, txs, edges }: BlockExplanation): string {
  const rows = criticalPath.map((index, at) => {
    const before = criticalPath[at - 1];
    const edge = edges.find(({ from, to }) => from === before && to === index);
    const because = at === 0 ? '' : (edge?.keys.map(({ text }) => text).join(', ') ?? '');
    return [String(index), short(txs[index]?.id ?? ''), because];
  });
  return table(['index', 'transaction', 'waits for the one above because of'], rows);
}

export function blockText(block: BlockExplanation): string {
  const { height, id, txs, sets, setCount, edgeCount, skipped, costUnit } = block;
  const parts = [
    `Block ${height} ${short(id)}: ${txs.length} transactions, ${setCount} disjoint sets, ${edgeCount} conflicts`,
    totalsText(block),
    forecastText(block),
    `Why\n${whyText(block.why)}`,
  ];
  if (txs.length > 0) {
    const together = sets.map((set, n) => ({ set, n })).filter(({ set }) => set.txs.length > 1);
    const rows = together.map(({ set, n }) => [
      String(n),
      String(set.txs.length),
      String(set.chainTxCount),
      amount(set.work, costUnit),
      keysText(set.keys),
    ]);
    const lines = rows.length === 0 ? [] : [table(['set', 'txs', 'chain', 'work', 'shared'], rows)];
    const alone = setCount - together.length;
    if (alone > 0) lines.push(`  ${alone} of one transaction`);
    parts.push(`Disjoint sets\n${lines.join('\n')}`);
    parts.push(`Timeline\n${timeline(block)}`);
  }
  if (block.criticalPath.length > 1) parts.push(`Longest chain\n${pathText(block)}`);
  if (skipped.length > 0) {
    const rows = skipped.map((each) => [short(each.id), each.reason]);
    parts.push(`Skipped\n${table(['transaction', 'reason'], rows)}`);
  }
  return parts.join('\n\n');
}

function neighboursText(list: readonly Neighbour[]): string {
  if (list.length === 0) return '  nobody';
  return table(
    ['index', 'transaction', 'because of'],
    list.map(({ id, index, keys }) => [
      index < 0 ? '-' : String(index),
      short(id),
      keys.map(({ text }) => text).join(', '),
    ]),
  );
}

export function txText(tx: TxExplanation): string {
  const { block, where } = tx;
  const parts = [`Transaction ${tx.id}`];
  if (block !== null) {
    const lane = block.lane;
    const ran =
      lane === null
        ? ''
        : `, ran on ${lane.worker < 0 ? 'the main thread' : `worker ${lane.worker}`} from ${amount(lane.startMs, 'ms')}`;
    parts.push(
      `  in block ${block.height} at index ${block.index}, set of ${block.set.txCount}` +
        `${block.isCritical ? ', on the longest chain' : ''}\n` +
        `  cost ${amount(block.cost, block.costUnit)}, could start after ${amount(block.earliestStart, block.costUnit)}${ran}`,
    );
  } else if (where === 'pool') parts.push('  in the pool');
  parts.push(`Why\n${whyText(tx.why)}`);
  parts.push(`Declares\n${tx.declares.map(({ text }) => `  ${text}`).join('\n')}`);
  if (where === 'pool') parts.push(`Disputes keys with\n${neighboursText(tx.waitedFor)}`);
  else {
    parts.push(`Waited for\n${neighboursText(tx.waitedFor)}`);
    parts.push(`Awaited by\n${neighboursText(tx.awaitedBy)}`);
  }
  return parts.join('\n\n');
}

export function poolText(pool: PoolExplanation): string {
  const parts = [
    `Pool: ${pool.txCount} transactions in ${pool.setCount} disjoint sets`,
    `Why\n${whyText(pool.why)}`,
  ];
  if (pool.sets.length > 0) {
    const rows = pool.sets.map((set, n) => [
      String(n),
      String(set.txCount),
      String(set.chainTxCount),
      `${set.gas} gas`,
      keysText(set.keys) || '-',
    ]);
    parts.push(`Biggest sets\n${table(['set', 'txs', 'chain', 'max gas', 'shared'], rows)}`);
  }
  return parts.join('\n\n');
}

export function whatIfText(report: WhatIfReport): string {
  const { before, after } = report;
  const row = (name: string, pick: (shape: typeof before) => string): string[] => [
    name,
    pick(before),
    pick(after),
  ];
  const rows = [
    row('transactions', ({ txCount }) => String(txCount)),
    row('disjoint sets', ({ setCount }) => String(setCount)),
    row('conflicts', ({ edgeCount }) => String(edgeCount)),
    row('work', ({ workMs }) => amount(workMs, 'ms')),
    row('longest chain', ({ criticalPathMs }) => amount(criticalPathMs, 'ms')),
    row('  transactions', ({ criticalTxCount }) => String(criticalTxCount)),
    ...before.simulated.map(({ workers }, at) =>
      row(`simulated, ${workers} workers`, ({ simulated }) =>
        amount(simulated[at]?.wallMs ?? 0, 'ms'),
      ),
    ),
    ['gas', report.gas.before, report.gas.after],
  ];
  // Who only moved because of others says nothing.
  const moved = report.differences.filter(({ what }) => what.length === 1 && what[0] === 'place');
  const rest = report.differences.filter((each) => !moved.includes(each));
  const differences = rest.map(({ id, before: was, after: is, what }) => [
    short(id),
    what.join(', '),
    was === null ? '-' : (was.reason ?? was.status),
    is === null ? '-' : (is.reason ?? is.status),
  ]);
  const { coins, slots, balances } = report.state;
  const shown =
    differences.length === 0
      ? '  none'
      : table(['transaction', 'what', 'was', 'would be'], differences);
  return [
    `What if, block ${report.height}\n${table(['', 'as it was', 'changed'], rows)}`,
    `Results that differ: ${report.differenceCount - moved.length} (${moved.length} more only moved)\n${shown}`,
    `State after the block: ${coins} coins, ${slots} slots, ${balances} balances differ`,
    whyText(report.notes),
  ].join('\n\n');
}
