/** What the documentation says of gas, and what the start of a node does not load. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../../support/nodeProcess.ts';

test('the gas in the documentation is the recorded one', () => {
  const text = readFileSync(join(ROOT, 'docs', 'settlement.md'), 'utf8');
  const gas = JSON.parse(
    readFileSync(join(ROOT, 'settlement', 'contracts', 'gas.json'), 'utf8'),
  ) as Record<string, number>;
  for (const [name, used] of Object.entries(gas)) {
    if (name === 'commitBatch') continue;
    // The second column says the statement; others may mention it.
    const row = text
      .split('\n')
      .find((line) => line.startsWith('|') && line.split('|')[2]?.includes(`\`${name}\``));
    assert.ok(row?.includes(`| ${Math.round(used / 1000)}k |`), `${name}: ${used}`);
  }
});

test('the library for Ethereum is loaded only when something is asked of Ethereum', () => {
  const wrong: string[] = [];
  for (const folder of [
    'settlement',
    'settlement/l1',
    'node',
    'cli',
    'cli/bridge',
    'cli/commands',
  ]) {
    for (const name of readdirSync(join(ROOT, folder))) {
      if (!name.endsWith('.ts')) continue;
      const text = readFileSync(join(ROOT, folder, name), 'utf8');
      if (/^import (?!type ).*from 'viem/m.test(text)) wrong.push(join(folder, name));
    }
  }
  assert.deepEqual(wrong, []);
});
