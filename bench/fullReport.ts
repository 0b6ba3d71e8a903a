/**
 * `npm run bench -- report [--quick] [--out FILE] [layer …]`: all layers and sweeps, JSON lines on
 * stdout and in FILE.jsonl, plots in FILE.html.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { progressOnTerminal } from '../cli/progress.ts';
import { type Line, reportHtml } from './html/page.ts';
import { twoThreadControl } from './layers/control.ts';
import { executionLayer } from './layers/execution.ts';
import { httpLayer, predicateLayer } from './layers/node.ts';
import { FULL, QUICK, type Scale } from './layers/scale.ts';
import { schedulerLayer } from './layers/scheduler.ts';
import { simulationLayer } from './layers/simulation.ts';
import { createReport, type Report } from './report.ts';

type Layer = (report: Report, scale: Scale) => Promise<void> | void;

const LAYERS: Readonly<Record<string, Layer>> = {
  control: async (report) => {
    const ratio = await twoThreadControl(3);
    report.add('control/two threads', 'ratio', [ratio], { layer: 'control' });
  },
  scheduler: schedulerLayer,
  execution: executionLayer,
  predicates: predicateLayer,
  http: httpLayer,
  simulation: simulationLayer,
};

const DEFAULT_OUT = 'bench-report';

/** @returns the exit code */
export async function fullReport(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { quick: { type: 'boolean' }, out: { type: 'string', default: DEFAULT_OUT } },
  });
  const unknown = positionals.find((name) => LAYERS[name] === undefined);
  if (unknown !== undefined) {
    console.error(`there is no layer '${unknown}'; there are: ${Object.keys(LAYERS).join(', ')}`);
    return 2;
  }
  const scale = values.quick === true ? QUICK : FULL;
  const lines: string[] = [];
  const chosen = Object.entries(LAYERS).filter(
    ([name]) => positionals.length === 0 || positionals.includes(name),
  );
  const progress = progressOnTerminal({ total: chosen.length, unit: 'layers' });
  const report = createReport((line) => {
    lines.push(line);
    progress.hide();
    console.log(line);
  });
  const out = values.out.replace(/\.html$/, '');
  for (const [name, layer] of chosen) {
    const startedMs = performance.now();
    await layer(report, scale);
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    progress.hide();
    process.stderr.write(`${name}: ${seconds} s\n`);
    progress.advance(1);
    // After each layer: a run that is broken off leaves what it has.
    writeFileSync(`${out}.jsonl`, `${lines.join('\n')}\n`);
    writeFileSync(`${out}.html`, reportHtml(lines.map((line) => JSON.parse(line) as Line)));
  }
  progress.end();
  process.stderr.write(`${out}.html\n`);
  return 0;
}
