/**
 * `npm run vectors -- <folder> [--engine E] [--engine-seed N] [--only kind] [--limit N]`: checks
 * every `*.jsonl.gz` of a folder against this implementation. Exit code 1 when anything differs.
 */
import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { useEngineUnderTest } from '../support/engineOption.ts';
import { checkVector } from './check.ts';
import { readVectors } from './json.ts';
import { NOT_COMPARABLE } from './legacyHost.ts';

const SHOWN_MAX = 5;
const SUFFIX = '.jsonl.gz';

export type Tally = { readonly passed: number; readonly failed: number };

/** Checks one file and prints its line, with the first few differences. */
export function runFile(path: string, limit: number = Number.POSITIVE_INFINITY): Tally {
  let passed = 0;
  let failed = 0;
  let incomparable = 0;
  for (const vector of readVectors(path)) {
    if (passed + failed + incomparable >= limit) break;
    const difference = checkVector(vector);
    if (difference === null) passed++;
    else if (difference === NOT_COMPARABLE) incomparable++;
    else if (++failed <= SHOWN_MAX) console.log(`  ${vector.n}: ${difference}`);
  }
  const rest = incomparable === 0 ? '' : ` (${incomparable} not comparable: legacyHost.ts)`;
  console.log(`${basename(path)}: ${passed} passed, ${failed} failed${rest}`);
  return { passed, failed };
}

/** The vector files of a folder, in order of name. */
export function vectorFiles(folder: string): string[] {
  const found = readdirSync(folder).filter((name) => name.endsWith(SUFFIX));
  return found.sort().map((name) => join(folder, name));
}

function option(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name);
  return at === -1 ? undefined : args[at + 1];
}

function main(args: readonly string[]): number {
  const folder = args.find((arg, i) => !arg.startsWith('--') && !args[i - 1]?.startsWith('--'));
  if (folder === undefined || !statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    console.error(
      'usage: npm run vectors -- <folder with *.jsonl.gz> ' +
        '[--engine auto|interpreter|jit|random] [--engine-seed N] [--only kind] [--limit N]',
    );
    return 2;
  }
  useEngineUnderTest(args);
  const only = option(args, '--only');
  const limit = Number(option(args, '--limit') ?? Number.POSITIVE_INFINITY);
  let passed = 0;
  let failed = 0;
  for (const path of vectorFiles(folder)) {
    if (only !== undefined && basename(path) !== only + SUFFIX) continue;
    const tally = runFile(path, limit);
    passed += tally.passed;
    failed += tally.failed;
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = main(process.argv.slice(2));
}
