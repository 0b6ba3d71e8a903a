import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openModuleStore } from '../../../node/moduleStore.ts';

const root = mkdtempSync(join(tmpdir(), 'modules-'));
after(() => rmSync(root, { recursive: true, force: true }));

const GROUP = 'a'.repeat(32);
const name = (i: number): string => i.toString(16).padStart(32, '0');

test('what is written is read, by a second store as well', () => {
  const folder = join(root, 'plain');
  const store = openModuleStore(folder);
  assert.deepEqual(store.names(GROUP), []);
  assert.equal(store.read(GROUP, name(1)), null);
  store.write(GROUP, name(1), Uint8Array.of(1, 2, 3));
  store.write(GROUP, name(2), Uint8Array.of(4));
  const second = openModuleStore(folder);
  assert.deepEqual([...second.names(GROUP)].sort(), [name(1), name(2)]);
  assert.deepEqual(second.read(GROUP, name(1)), Uint8Array.of(1, 2, 3));
  second.remove(GROUP, name(1));
  assert.deepEqual(store.names(GROUP), [name(2)]);
});

test('the folder stays below its bound: what is oldest goes first', () => {
  const folder = join(root, 'bound');
  const store = openModuleStore(folder, 1_000);
  for (let i = 0; i < 10; i++) {
    store.write(GROUP, name(i), new Uint8Array(300));
    const seconds = 1_000 + i;
    const path = join(folder, GROUP, name(i));
    utimesSync(path, seconds, seconds);
  }
  assert.deepEqual([...store.names(GROUP)].sort(), [name(7), name(8), name(9)]);
  store.write(GROUP, name(11), new Uint8Array(1_001));
  assert.equal(store.read(GROUP, name(11)), null);
});

test('groups of earlier translators go, and files that are not ours are left alone', () => {
  const folder = join(root, 'groups');
  const store = openModuleStore(folder);
  mkdirSync(folder);
  writeFileSync(join(folder, 'readme'), 'mine');
  for (let i = 0; i < 9; i++) {
    store.write(name(i), name(0), Uint8Array.of(i));
    utimesSync(join(folder, name(i)), 1_000 + i, 1_000 + i);
  }
  const left = readdirSync(folder).sort();
  assert.deepEqual(left, [name(5), name(6), name(7), name(8), 'readme'].sort());
});

test('a folder that cannot be made is an empty store', () => {
  writeFileSync(join(root, 'file'), '');
  const store = openModuleStore(join(root, 'file', 'below'));
  store.write(GROUP, name(1), Uint8Array.of(1));
  assert.deepEqual(store.names(GROUP), []);
  assert.equal(store.read(GROUP, name(1)), null);
});
