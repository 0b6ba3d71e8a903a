/** What a node in a tab finds in place of Node's modules. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as builtins from '../../../../node/browser/builtins.ts';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '..', '..');
const FOLDERS = ['txpool', 'executor', 'state', 'da', 'settlement', 'node', 'sdk'];
const IMPORT = /import\s+\{([^}]*)\}\s+from\s+'(node:[^']+)'/g;

function* sources(folder: string): Generator<string> {
  for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (entry.name.endsWith('.ts')) yield path;
  }
}

describe('builtins for the browser', () => {
  it('has every name that is imported from Node, and package.json leads there', () => {
    const { browser } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      browser: Record<string, string | false>;
    };
    const missing = new Set<string>();
    for (const folder of FOLDERS) {
      for (const file of sources(folder)) {
        for (const [, names = '', module = ''] of readFileSync(join(ROOT, file), 'utf8').matchAll(
          IMPORT,
        )) {
          if (browser[module] !== './dist/node/browser/builtins.js') {
            missing.add(`${module} in "browser" of package.json (${file})`);
          }
          for (const name of names.split(',').map((each) => each.trim())) {
            const [own = ''] = name.split(' as ');
            if (own === '' || own.startsWith('type ') || own in builtins) continue;
            missing.add(`${own} in node/browser/builtins.ts (${file})`);
          }
        }
      }
    }
    assert.deepEqual([...missing], []);
  });

  it('says what cannot work in a browser', () => {
    assert.throws(() => builtins.readFileSync(), { code: 'NEEDS_NODE', message: /readFileSync/ });
  });

  it('hashes as Node does', () => {
    const [a, b] = [Uint8Array.of(1, 2, 3), new Uint8Array(200).fill(9)];
    const own = builtins.createHash('sha256').update(a).update(b).digest('hex');
    assert.equal(own, createHash('sha256').update(a).update(b).digest('hex'));
  });
});
