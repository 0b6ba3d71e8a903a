// Bundles explorer and playground into DIST/node/explorer/static: a script each, what they share
// and what is loaded late in chunks of its own.
//   node scripts/pages.mjs [DIST]
import { copyFileSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const page = join(root, 'node', 'explorer', 'page');
const out = join(process.argv[2] ?? join(root, 'dist'), 'node', 'explorer', 'static');

// Large, and never called in a tab: the pages sign little, and their node is on no other layer.
const leaveOut = {
  name: 'leave out',
  setup: ({ onResolve, onLoad }) => {
    const unused = /^(viem|viem\/.*|prom-client|piscina)$|secp256k1Wasm\.ts$|\/executor\/pool\.ts$/;
    onResolve({ filter: unused }, () => ({ path: 'nothing', namespace: 'nothing' }));
    // What a browser lacks and nobody thought of is missing when it is called, not when this runs.
    onResolve({ filter: /^node:/ }, () => ({ path: 'builtins', namespace: 'builtins' }));
    onLoad({ filter: /.*/, namespace: 'builtins' }, () => ({
      contents: "module.exports = require('./node/browser/builtins.ts')",
      resolveDir: root,
    }));
    onLoad({ filter: /.*/, namespace: 'nothing' }, () => ({ contents: 'module.exports = {};' }));
  },
};

// Nobody who builds at the same time, or runs a node, meets half of it.
const fresh = `${out}.${process.pid}`;
mkdirSync(fresh, { recursive: true });
await build({
  absWorkingDir: root,
  entryPoints: ['explorer', 'playground'].map((name) => join(page, `${name}.ts`)),
  outdir: fresh,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  minify: true,
  legalComments: 'none',
  chunkNames: 'chunk-[hash]',
  // The whole library is ten times what is used of it, and cannot be shaken.
  alias: {
    'hash-wasm': join(
      dirname(require.resolve('hash-wasm/package.json')),
      'dist',
      'keccak.umd.min.js',
    ),
  },
  plugins: [leaveOut],
  logLevel: 'warning',
  logOverride: { 'import-is-undefined': 'silent' },
});
for (const name of ['index.html', 'playground.html', 'style.css']) {
  copyFileSync(join(page, name), join(fresh, name));
}
rmSync(out, { recursive: true, force: true });
renameSync(fresh, out);
