// Runs compiled tests with node's runner, which takes no globs in Node 20.
//   node scripts/test.mjs [--slow] [part of a path …]
// *.test.js always; *.slow.test.js only with --slow (npm run check).
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const args = process.argv.slice(2);
const slow = args.includes('--slow');
const wanted = args.filter((arg) => !arg.startsWith('--'));

function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else if (entry.name.endsWith('.test.js')) yield path;
  }
}

const chosen = [...files(join(root, 'dist', 'test'))]
  .filter((path) => slow || !path.endsWith('.slow.test.js'))
  .filter((path) => wanted.length === 0 || wanted.some((part) => path.includes(part)))
  .sort();
if (chosen.length === 0) {
  console.error('no test file matches: run `npm run build` first, or check the names given');
  process.exit(1);
}
const run = spawnSync(
  process.execPath,
  ['--test', '--test-reporter=spec', '--test-concurrency=2', ...chosen],
  { cwd: root, stdio: 'inherit', env: { ...process.env, NODE_NO_WARNINGS: '1' } },
);
process.exit(run.status ?? 1);
