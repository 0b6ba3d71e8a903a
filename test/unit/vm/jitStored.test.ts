import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type GasTable, gasTableOf } from '../../../vm/gas.ts';
import { ISA } from '../../../vm/isa.ts';
import { CodeCache, type CodeEntry } from '../../../vm/jit/cache.ts';
import { translated } from '../../../vm/jit/code.ts';
import {
  decodeStored,
  encodeStored,
  groupOf,
  type ModuleStore,
  storedName,
} from '../../../vm/jit/stored.ts';
import { until } from '../../support/until.ts';
import { op, PARAMS, words } from './support.ts';

const ROWS = ISA.map(({ code, gas }) => ({
  code,
  key: gas === 'inside' ? null : typeof gas === 'string' ? gas : gas.key,
}));
const GAS: GasTable = gasTableOf(PARAMS.gasCosts, ROWS);
const KIND = { gas: GAS, flag: 0, isFirst: true } as const;
/** A sum, a 256-bit product and a hash: with functions of kernels. */
const CODE = words(
  op(0x10, 16, 17, 18),
  op(0xa5, 16, 17, 18, 48),
  op(0x42, 16, 17, 18),
  op(0x24, 1),
);

/** A store in memory, and its content. */
function memoryStore(): { store: ModuleStore; files: Map<string, Uint8Array> } {
  const files = new Map<string, Uint8Array>();
  const store: ModuleStore = {
    names: (group) =>
      [...files.keys()]
        .filter((key) => key.startsWith(group))
        .map((key) => key.slice(group.length)),
    read: (group, name) => files.get(group + name) ?? null,
    write: (group, name, bytes) => void files.set(group + name, bytes),
    remove: (group, name) => void files.delete(group + name),
  };
  return { store, files };
}

function compiledWith(store: ModuleStore): { cache: CodeCache; entry: CodeEntry } {
  const cache = new CodeCache();
  cache.useStore(store);
  const entry = cache.entryOf(CODE, KIND);
  return { cache, entry };
}

test('what one cache compiled, the next one has before it is asked', async () => {
  const { store, files } = memoryStore();
  const first = compiledWith(store);
  first.cache.compile(first.entry);
  await until('the translation is kept', () => files.size === 1);
  const second = new CodeCache();
  second.useStore(store);
  assert.equal(second.find(words(op(0x24, 1)), KIND), null);
  await until('it comes back compiled', () => second.find(CODE, KIND)?.state === 'ready');
  assert.equal(second.counts.fromStore, 1);
  assert.equal(second.counts.compileMs, 0);
  const [a, b] = [first.entry.compiled!, second.find(CODE, KIND)!.compiled!];
  assert.deepEqual(b.exits, a.exits);
  assert.deepEqual(b.entries, a.entries);
  assert.deepEqual(b.imports, a.imports);
  assert.equal(b.moduleBytes, a.moduleBytes);
});

test('a damaged file is removed, and written again', async () => {
  const { store, files } = memoryStore();
  const name = groupOf(GAS) + storedName(CODE, KIND);
  const whole = encodeStored(CODE, KIND, translated({ bytes: CODE, ...KIND })!);
  const damaged = whole.slice();
  damaged[damaged.length - 9]! ^= 1;
  files.set(name, damaged);
  const { cache, entry } = compiledWith(store);
  await until('it is gone', () => files.size === 0);
  assert.equal(cache.counts.fromStore, 0);
  cache.compile(entry);
  await until('it is there again', () => files.size === 1);
  assert.deepEqual(files.get(name), whole);
});

test('every byte counts: a change or a cut anywhere is seen', () => {
  const whole = encodeStored(CODE, KIND, translated({ bytes: CODE, ...KIND })!);
  const back = decodeStored(whole)!;
  assert.deepEqual([back.code, back.flag, back.isFirst], [CODE, 0, true]);
  for (let at = 0; at < whole.length; at += 7) {
    const changed = whole.slice();
    changed[at]! ^= 0x10;
    assert.equal(decodeStored(changed), null, `byte ${at}`);
    assert.equal(decodeStored(whole.subarray(0, at)), null, `${at} bytes`);
  }
});

test('prices and kinds have places of their own', () => {
  const dearer: GasTable = { ...GAS, hot: GAS.hot.map((price) => price + 1) };
  assert.notEqual(groupOf(dearer), groupOf(GAS));
  assert.equal(groupOf({ ...GAS }), groupOf(GAS));
  const names = [0, 2].flatMap((flag) =>
    [true, false].map((isFirst) => storedName(CODE, { flag, isFirst })),
  );
  assert.equal(new Set(names).size, 4);
});
