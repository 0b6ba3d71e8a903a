import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type GasTable, gasTableOf } from '../../../vm/gas.ts';
import { ISA } from '../../../vm/isa.ts';
import { CACHE_BYTES_MAX, CodeCache, type CodeEntry } from '../../../vm/jit/cache.ts';
import { CODE_BYTES_MAX } from '../../../vm/jit/code.ts';
import { until } from '../../support/until.ts';
import { op, PARAMS, words } from './support.ts';

const ADDI = 0x50;
const RET = 0x24;

function gasTable(): GasTable {
  const rows = ISA.map(({ code, gas }) => ({
    code,
    key: gas === 'inside' ? null : typeof gas === 'string' ? gas : gas.key,
  }));
  return gasTableOf(PARAMS.gasCosts, rows);
}

const KIND = { gas: gasTable(), flag: 0, isFirst: true } as const;

/** Sums, each program another one. */
function program(number: number, length = 200): Uint8Array {
  const sums = Array.from(
    { length },
    (_, i) => (op(ADDI, 16 + (i % 8), 17) | (number & 4095)) >>> 0,
  );
  return words((0x7240_0000 | number) >>> 0, ...sums, op(RET, 1));
}

function compiled(cache: CodeCache, code: Uint8Array): CodeEntry {
  const entry = cache.entryOf(code, KIND);
  cache.compile(entry);
  return entry;
}

test('equal contents are compiled once; gas table, flag and place tell them apart', () => {
  const cache = new CodeCache();
  const entry = compiled(cache, program(1));
  assert.equal(entry.state, 'ready');
  assert.equal(compiled(cache, program(1)), entry);
  assert.equal(cache.counts.modules, 1);
  assert.equal(cache.counts.hits, 1);
  assert.notEqual(cache.entryOf(program(1), { ...KIND, flag: 2 }), entry);
  assert.notEqual(cache.entryOf(program(1), { ...KIND, isFirst: false }), entry);
  const other: GasTable = { ...KIND.gas };
  assert.notEqual(cache.entryOf(program(1), { ...KIND, gas: other }), entry);
});

test('contents with one sum are not mixed up', () => {
  const cache = new CodeCache();
  // The sum leaves most bytes out, the second too.
  const [a, b] = [new Uint8Array(4_096), new Uint8Array(4_096)];
  b[1] = 1;
  const first = cache.entryOf(a, KIND);
  const second = cache.entryOf(b, KIND);
  assert.equal(first.key, second.key);
  assert.notEqual(first, second);
  assert.equal(cache.entryOf(b, KIND), second);
});

test('of contents with one sum few are kept', () => {
  const cache = new CodeCache();
  for (let i = 0; i < 100; i++) {
    const code = new Uint8Array(4_096);
    code[1] = i;
    const entry = cache.entryOf(code, KIND);
    assert.equal(cache.entryOf(code, KIND), entry);
  }
  assert.equal(cache.counts.evicted, 92);
  assert.ok(cache.bytes < 8 * 5_000);
});

test('the bytes stay below the limit, and what was used last stays', () => {
  const one = new CodeCache();
  compiled(one, program(0));
  const limit = one.bytes * 5;
  const cache = new CodeCache(limit);
  const kept = compiled(cache, program(0));
  for (let i = 1; i < 40; i++) {
    compiled(cache, program(i));
    assert.ok(cache.bytes <= limit, `${cache.bytes} of ${limit} bytes`);
    assert.equal(compiled(cache, program(0)), kept, 'used every time');
  }
  assert.ok(cache.counts.evicted >= 34, `${cache.counts.evicted} made room`);
  assert.notEqual(compiled(cache, program(1)), undefined);
  assert.equal(cache.counts.modules, 41, 'the second was forgotten');
});

test('a thousand contracts of 10 KB, an eighth compiled, stay below the limit', () => {
  const cache = new CodeCache();
  for (let i = 0; i < 1_000; i++) {
    const entry = cache.entryOf(program(i, 2_500), KIND);
    if (i % 8 === 0) cache.compile(entry);
    assert.ok(cache.bytes <= CACHE_BYTES_MAX);
  }
  assert.ok(cache.counts.evicted > 0);
  assert.ok(cache.bytes > CACHE_BYTES_MAX / 2);
});

test('what is too long, empty or without a plain instruction is refused', () => {
  const cache = new CodeCache();
  assert.equal(compiled(cache, new Uint8Array(CODE_BYTES_MAX + 4)).state, 'refused');
  assert.equal(compiled(cache, words(0, 0, 0)).state, 'refused');
  assert.equal(cache.counts.refused, 2);
});

test('background compiling ends with the same code, unless it was compiled at once', async () => {
  const cache = new CodeCache();
  const entry = cache.entryOf(program(7), KIND);
  const urgent = cache.entryOf(program(8), KIND);
  cache.compileSoon(entry);
  cache.compileSoon(urgent);
  assert.equal(entry.state, 'pending');
  cache.compile(urgent);
  assert.equal(urgent.state, 'ready');
  const wanted = urgent.compiled;
  await until('it is compiled', () => entry.state !== 'pending');
  assert.equal(entry.state, 'ready');
  assert.equal(cache.counts.inBackground, 1);
  assert.equal(urgent.compiled, wanted);
  assert.equal(cache.counts.modules, 2);
});

test('a content is kept once it has cost some gas, in one stay or in many', () => {
  const cache = new CodeCache();
  const [short, long] = [program(20), program(21)];
  assert.equal(cache.noteRun(short, KIND, 4_000), null);
  assert.equal(cache.noteRun(short, KIND, 4_000), null);
  assert.equal(cache.find(short, KIND), null);
  assert.equal(cache.bytes, 0);
  const kept = cache.noteRun(short, KIND, 4_000);
  assert.notEqual(kept, null);
  assert.equal(cache.find(short, KIND), kept);
  assert.notEqual(cache.noteRun(long, KIND, 50_000), null);
});

test('what compiling is expected to take grows with the code and follows what it took', () => {
  const cache = new CodeCache();
  const before = cache.expectedMs(10_000);
  assert.ok(before > cache.expectedMs(100));
  for (let i = 0; i < 30; i++) compiled(cache, program(100 + i));
  assert.notEqual(cache.expectedMs(10_000), before);
  assert.ok(cache.expectedMs(10_000) <= before * 5);
});
