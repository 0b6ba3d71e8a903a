/**
 * `npm run bench [-- name …]`: runs the compiled `bench/**` files whose path contains one of the
 * names (all without one); prints one JSON line for each result.
 * `npm run bench -- report [--quick]`: all layers, as a page with plots (`fullReport.ts`).
 * `npm run bench -- soak [--minutes 10]`: full load for long, memory and latency over time.
 * `npm run bench -- stages [--count 50000]`: where a transfer's CPU time goes (Linux).
 */
import { readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { progressOnTerminal } from '../cli/progress.ts';
import { fullReport } from './fullReport.ts';
import { soak } from './node/soak.ts';
import { stages } from './node/stages.ts';
import { type Bench, createReport } from './report.ts';

const HERE = dirname(fileURLToPath(import.meta.url));

function* benchFiles(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* benchFiles(path);
    else if (entry.name.endsWith('.bench.js')) yield path;
  }
}

function numberAfter(args: readonly string[], flag: string, otherwise: number): number {
  const at = args.indexOf(flag);
  return at < 0 ? otherwise : Number(args[at + 1]);
}

async function main(names: readonly string[]): Promise<number> {
  if (names[0] === 'report') return await fullReport(names.slice(1));
  if (names[0] === 'soak') return await soak(numberAfter(names, '--minutes', 10));
  if (names[0] === 'stages') return await stages(numberAfter(names, '--count', 50_000));
  const all = [...benchFiles(HERE)].sort();
  const chosen = all.filter(
    (path) => names.length === 0 || names.some((name) => relative(HERE, path).includes(name)),
  );
  if (chosen.length === 0) {
    const known = all.map((path) => relative(HERE, path)).join(', ');
    console.error(`no measurement matches ${names.join(', ')}; there are: ${known}`);
    return 2;
  }
  const progress = progressOnTerminal({ total: chosen.length, unit: 'measurements' });
  const report = createReport((line) => {
    progress.hide();
    console.log(line);
  });
  for (const path of chosen) {
    const bench = (await import(pathToFileURL(path).href)) as Bench;
    await bench.run(report);
    progress.advance(1);
  }
  progress.end();
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
