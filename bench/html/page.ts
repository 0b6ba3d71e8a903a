/** One self-contained page from the lines of a measurement. */
import { barsSvg, escaped, type Plot, plotSvg, type Series } from './plot.ts';

export type Line = Readonly<Record<string, string | number | null>>;

const STYLE = `
:root { color-scheme: light dark; --bg: #fbfbfa; --panel: #fff; --text: #1c1f1e; --soft: #5a625f;
  --line: #d9dedb; --warn: #8a3b00; --c0: #0a7d4f; --c1: #2459c4; --c2: #c2410c; --c3: #7c3aed;
  --c4: #0e7490; --c5: #be185d; --c6: #4d7c0f; --c7: #6b7280; }
@media (prefers-color-scheme: dark) { :root { --bg: #141716; --panel: #1c201e; --text: #e7ebe9;
  --soft: #a4aea9; --line: #39413d; --warn: #ffb37a; --c0: #4fd6a0; --c1: #7aa7ff; --c2: #ff9a62;
  --c3: #c4a1ff; --c4: #5cd0e6; --c5: #ff8fc0; --c6: #b3d86b; --c7: #b5bcc4; } }
body { margin: 0 auto; max-width: 1240px; padding: 16px; background: var(--bg); color: var(--text);
  font: 14px/1.5 system-ui, sans-serif; }
h1 { font-size: 20px; } h2 { font-size: 16px; margin: 24px 0 4px; }
p { max-width: 80ch; } .soft { color: var(--soft); } .warn { color: var(--warn); font-weight: 600; }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 380px), 1fr)); gap: 12px; }
figure { margin: 0; background: var(--panel); border: 1px solid var(--line); border-radius: 6px;
  padding: 10px; }
figcaption { font-weight: 600; margin-bottom: 4px; }
svg { width: 100%; height: auto; } svg text { fill: var(--soft); font: 11px system-ui, sans-serif; }
.grid { stroke: var(--line); } .goal { stroke: var(--warn); stroke-dasharray: 5 4; }
.line { fill: none; stroke-width: 2; }
${Array.from({ length: 8 }, (_, n) => `.line.c${n} { stroke: var(--c${n}); } circle.c${n}, rect.c${n} { fill: var(--c${n}); } i.c${n} { background: var(--c${n}); }`).join('\n')}
.legend { display: flex; flex-wrap: wrap; gap: 2px 14px; color: var(--soft); }
.legend i { display: inline-block; width: 10px; height: 10px; border-radius: 50%; margin-right: 5px; }
table { border-collapse: collapse; background: var(--panel); } .scroll { overflow: auto; }
th, td { border: 1px solid var(--line); padding: 3px 8px; text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; } details { margin: 16px 0; }
`;

const num = (line: Line, key: string): number => Number(line[key] ?? Number.NaN);
const str = (line: Line, key: string): string => String(line[key] ?? '');

/** Lines by the value of a field, in order of first appearance. */
function grouped(lines: readonly Line[], key: (line: Line) => string): Map<string, Line[]> {
  const groups = new Map<string, Line[]>();
  for (const line of lines) groups.set(key(line), [...(groups.get(key(line)) ?? []), line]);
  return groups;
}

function seriesBy(
  lines: readonly Line[],
  name: (line: Line) => string,
  x: string,
  y: string,
): Series[] {
  return [...grouped(lines, name)].map(([key, list]) => ({
    name: key,
    points: list.map((line) => [num(line, x), num(line, y)] as const),
  }));
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (tag: string, cells: readonly string[]): string =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  return `<div class="scroll"><table>${row('th', head)}${rows.map((each) => row('td', each)).join('')}</table></div>`;
}

function plots(list: readonly string[]): string {
  return `<div class="plots">${list.join('')}</div>`;
}

function schedulerPart(lines: readonly Line[]): string {
  const bars = lines.map((line) => [str(line, 'workload'), num(line, 'txPerSecond')] as const);
  return `<h2>Scheduler alone</h2><p class="soft">Partition, order and hand-out on one thread; nothing is executed.</p>${plots(
    [barsSvg('Scheduler, one thread', 'transactions a second', bars)],
  )}`;
}

function executionPart(lines: readonly Line[]): string {
  const threads = lines.filter((line) => num(line, 'workers') > 0);
  const sweep = (name: string): Line[] => threads.filter((line) => line['sweep'] === name);
  const nameOf = (line: Line): string =>
    `${str(line, 'workload')}${num(line, 'work') > 0 ? '' : ', short'}`;
  const byWorkers = sweep('workers');
  const calm = byWorkers.filter((line) => line['adversarial'] === 0);
  const half = Math.ceil(new Set(calm.map(nameOf)).size / 2);
  const names = [...new Set(calm.map(nameOf))];
  const some = (wanted: readonly string[]): Line[] =>
    calm.filter((line) => wanted.includes(nameOf(line)));
  const plot = (over: Partial<Plot> & Pick<Plot, 'title' | 'x' | 'series'>): string =>
    plotSvg({ y: 'speed-up over serial', ...over });
  const workers = (list: Line[], title: string): string =>
    plot({ title, x: 'workers', series: seriesBy(list, nameOf, 'workers', 'speedUp'), goal: 1 });
  const adversarial = byWorkers.filter((line) => line['adversarial'] === 1);
  const name = (line: Line): string => str(line, 'workload');
  const rows = byWorkers.map((line) => [
    nameOf(line),
    ...['workers', 'sets', 'workMs', 'criticalPathMs', 'bound', 'speedUp', 'efficiency'].map(
      (key) => str(line, key),
    ),
  ]);
  return (
    `<h2>Execution alone</h2><p class="soft">Checked transactions, one block. Speed-up against our best serial runner in the same interleaved run; efficiency = speed-up / min(workers, work / longest chain).</p>` +
    plots([
      workers(some(names.slice(0, half)), 'Speed-up against workers (1)'),
      workers(some(names.slice(half)), 'Speed-up against workers (2)'),
      workers(adversarial, 'Adversarial workloads'),
      plot({
        title: 'Efficiency against contention, 2 workers',
        x: 'Zipf theta',
        y: 'efficiency',
        series: seriesBy(sweep('theta'), name, 'theta', 'efficiency'),
        goal: 0.8,
      }),
      plot({
        title: 'Speed-up and bound against contention, 2 workers',
        x: 'Zipf theta',
        series: [
          ...seriesBy(sweep('theta'), name, 'theta', 'speedUp'),
          ...seriesBy(sweep('theta'), (line) => `${name(line)}: bound`, 'theta', 'bound'),
        ],
      }),
      plot({
        title: 'Speed-up against contracts, 2 workers',
        x: 'contracts',
        logX: true,
        series: [
          ...seriesBy(sweep('contracts'), name, 'contracts', 'speedUp'),
          ...seriesBy(sweep('contracts'), (line) => `${name(line)}: bound`, 'contracts', 'bound'),
        ],
      }),
      plot({
        title: 'Speed-up against block size, 2 workers, short transactions',
        x: 'transactions',
        logX: true,
        series: seriesBy(sweep('block'), name, 'count', 'speedUp'),
        goal: 1,
      }),
    ]) +
    table(['workload', 'workers', 'sets', 'W ms', 'CP ms', 'bound', 'speed-up', 'efficiency'], rows)
  );
}

function endToEndPart(lines: readonly Line[]): string {
  const label = (line: Line): string =>
    `${line['layer'] === 'http' ? `HTTP, ${str(line, 'workload')}` : 'predicates'}, ${num(line, 'workers')} workers`;
  const http = lines.filter((line) => line['layer'] === 'http');
  const latency = http.flatMap((line) => [
    [
      `${str(line, 'workload')}, ${num(line, 'workers')} w., p50`,
      num(line, 'latencyP50Ms'),
    ] as const,
    [
      `${str(line, 'workload')}, ${num(line, 'workers')} w., p99`,
      num(line, 'latencyP99Ms'),
    ] as const,
  ]);
  const stages = http.map((line) =>
    barsSvg(
      `Stages, ${label(line)}`,
      'share of the time',
      Object.entries(line).flatMap(([key, value]) =>
        key.startsWith('stage ') ? [[key.slice('stage '.length), Number(value)] as const] : [],
      ),
    ),
  );
  return (
    '<h2>End to end</h2><p class="soft">Predicates: from bytes to committed block, no socket. HTTP: signed, submitted one by one over 64 connections, until readable in a block; the load runs on the same machine.</p>' +
    plots([
      barsSvg(
        'Throughput',
        'transactions a second',
        lines.map((line) => [label(line), num(line, 'txPerSecond')] as const),
      ),
      barsSvg('Latency of submit', 'ms', latency),
      ...stages,
    ])
  );
}

/** Columns of the table. */
const SHOWN_STRATEGIES: readonly string[] = [
  'list',
  'list, dispatch, best batch',
  'list, dispatch',
  'list, dispatch and main thread',
  'components',
  'waves',
];

function simulationPart(lines: readonly Line[], overhead: Line | undefined): string {
  const byCase = grouped(lines, (line) => str(line, 'workload'));
  const figures = [...byCase].map(([label, list]) =>
    plotSvg({
      title: `Simulation: ${label}`,
      x: 'workers (simulated)',
      y: 'speed-up (simulated)',
      logX: true,
      series: seriesBy(list, (line) => str(line, 'strategy'), 'workers', 'speedUp'),
      goal: 20,
    }),
  );
  const rows = [...byCase].map(([label, list]) => {
    const at = (strategy: string): string =>
      String(
        list.find((l) => l['strategy'] === strategy && l['workers'] === 32)?.['speedUp'] ?? '–',
      );
    const [first] = list;
    const bound = Math.min(32, num(first ?? {}, 'workMs') / num(first ?? {}, 'criticalPathMs'));
    return [label, bound.toFixed(1), ...SHOWN_STRATEGIES.map(at)];
  });
  const costs =
    overhead === undefined
      ? ''
      : `Measured overhead: on the worker ${overhead['laneMs']} ms a lane and ${overhead['carryMs']} ms a transaction; on the main thread ${overhead['mainLaneMs']} ms and ${overhead['mainTxMs']} ms.`;
  return (
    `<h2>Simulation of 1 to 64 workers</h2><p class="warn">Simulation, not a measurement of parallel execution.</p>` +
    `<p class="soft">Run times of each transaction were measured on one thread; the real scheduler then ran in made-up time. "components" gives each disjoint set to one worker, "waves" waits after each conflict-free round; both, like "list", without any overhead. With dispatch a lane holds up to 64 transactions, as in a node, or what is best of 1, 4, 16 and 64. ${costs}</p>` +
    table(['32 workers', 'bound', ...SHOWN_STRATEGIES], rows) +
    plots(figures)
  );
}

/** @param lines as `createReport` writes them, parsed */
export function reportHtml(lines: readonly Line[]): string {
  const layer = (...names: string[]): Line[] =>
    lines.filter((line) => names.includes(str(line, 'layer')));
  const [first = {}] = lines;
  const control = layer('control')[0];
  const commit = str(first, 'commit');
  const machine = [str(first, 'cpu'), str(first, 'runtime'), `commit ${commit || 'unknown'}`];
  // What was not measured has no place: empty axes look like zero.
  const part = (text: (of: readonly Line[]) => string, ...names: string[]): string => {
    const of = layer(...names);
    return of.length === 0 ? '' : text(of);
  };
  const controlText =
    control === undefined
      ? ''
      : ` Two threads that only count were ${num(control, 'p50')} times as fast as one: no speed-up here can honestly be above that on two workers.`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Measurements</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Measurements</h1>
<p class="soft">${escaped(machine.join(' · '))}.${controlText}</p>
${part(schedulerPart, 'scheduler')}
${part(executionPart, 'execution')}
${part(endToEndPart, 'predicates', 'http')}
${part((of) => simulationPart(of, layer('overhead')[0]), 'simulation')}
<details><summary>All lines</summary><pre class="scroll">${escaped(lines.map((line) => JSON.stringify(line)).join('\n'))}</pre></details>
</body>
</html>
`;
}
