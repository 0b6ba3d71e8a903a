// Compiles to dist/, bundles the pages, and records which node did it: bin/fuel-core needs it with an empty environment.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
const done = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.json'], {
  cwd: root,
  stdio: 'inherit',
});
if (done.status !== 0) process.exit(done.status ?? 1);
const pages = spawnSync(process.execPath, [join(root, 'scripts', 'pages.mjs')], {
  cwd: root,
  stdio: 'inherit',
});
if (pages.status !== 0) process.exit(pages.status ?? 1);
mkdirSync(join(root, 'dist'), { recursive: true });
writeFileSync(join(root, 'dist', 'node-path'), `${process.execPath}\n`);
