/** Compiled code and the interpreter by turns: what the run loop has to see. */
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { configureEngine, engineReport } from '../../../vm/engine.ts';
import {
  add,
  addi,
  aloc,
  eck1,
  flag,
  gtf,
  jal,
  ji,
  jnzb,
  jnzi,
  ldc,
  log,
  move,
  movi,
  noop,
  ret,
  subi,
  sw,
  sww,
} from '../../../vm/gen/op.ts';
import { FUNCTION_WORDS_MAX } from '../../../vm/jit/code.ts';
import { CGAS, ERR, HP, IS, SSP, ZERO } from '../../../vm/machine.ts';
import { PANIC } from '../../../vm/panic.ts';
import { execute, script, words } from './support.ts';

const TURNS = 4_000;

afterEach(() => configureEngine({ setting: 'interpreter' }));

/** Receipts under both engines, which agree. `counts`: of the compiled run. */
function both(code: Uint8Array): {
  receipts: ReturnType<typeof execute>['receipts'];
  modules: number;
  stays: number;
} {
  configureEngine({ setting: 'interpreter' });
  const expected = execute(script(code));
  configureEngine({ setting: 'jit' });
  const before = engineReport();
  const result = execute(script(code));
  const after = engineReport();
  assert.deepEqual(result.receipts, expected.receipts);
  assert.equal(result.gasUsed, expected.gasUsed);
  return {
    receipts: result.receipts,
    modules: after.modules - before.modules,
    stays: after.stays - before.stays,
  };
}

/** Counts down and ends. */
const LOOP = [movi(19, TURNS), subi(19, 19, 1), jnzb(19, ZERO, 0), ret(1)];

test('a loop runs in few stays', () => {
  const { modules, stays } = both(words(...LOOP));
  assert.equal(modules, 1);
  assert.ok(stays > 0 && stays < 10, `${stays} stays`);
});

test('calls between functions of one code do not leave it', () => {
  // The function lies in another stretch than its callers, who stand in two.
  const far = FUNCTION_WORDS_MAX * 2 + 30;
  const there = [movi(20, far * 4), add(20, 20, IS)];
  const head = [movi(19, 200), ...there, jal(21, 20, 0), ji(FUNCTION_WORDS_MAX + 7)];
  const code = new Array<number>(far + 2).fill(noop());
  for (const [i, word] of head.entries()) code[i] = word;
  const back = [jal(21, 20, 0), subi(19, 19, 1), jnzi(19, 3), ret(22)];
  for (const [i, word] of back.entries()) code[FUNCTION_WORDS_MAX + 7 + i] = word;
  code[far - 1] = ji(0);
  code[far] = addi(22, 22, 1);
  code[far + 1] = jal(ZERO, 21, 0);
  const { modules, stays, receipts } = both(words(...code));
  assert.equal(modules, 1);
  assert.ok(stays < 10, `${stays} stays`);
  assert.equal(receipts[0]?.type === 'return' ? receipts[0].val : null, 400n);
});

test('functions of one code hand every register on, and steps see them', () => {
  const far = FUNCTION_WORDS_MAX + 5;
  for (const flagValue of [0, 2]) {
    const head = [movi(16, flagValue), flag(16)];
    for (let r = 16; r < 64; r++) head.push(movi(r, r * 4099), subi(r, r, r));
    head.push(ji(far));
    const code = new Array<number>(far + 40).fill(noop());
    for (const [i, word] of head.entries()) code[i] = word;
    const there: number[] = [];
    for (let r = 16; r < 64; r += 4) there.push(log(r, r + 1, r + 2, r + 3), addi(r + 1, r, 1));
    there.push(jnzi(20, head.length), log(17, 21, 61, 63));
    for (const [i, word] of there.entries()) code[far + i] = word;
    const back = [movi(20, 0), addi(63, 63, 1), ji(far), ret(1)];
    for (const [i, word] of back.entries()) code[head.length + i] = word;
    code.push(ret(17));
    const { receipts, modules } = both(words(...code));
    assert.equal(modules, flagValue === 0 ? 1 : 2);
    const logs = receipts.filter(({ type }) => type === 'log');
    assert.equal(logs.length, 2 * 12 + 1);
    const last = logs.at(-1);
    assert.equal(last?.type === 'log' ? last.rd : null, BigInt(63 * 4099 - 63 + 1));
  }
});

test('an empty allocation tells where the heap is', () => {
  const { stays, receipts } = both(
    words(movi(16, 24), aloc(16), movi(19, 50), aloc(ZERO), subi(19, 19, 1), jnzi(19, 3), ret(HP)),
  );
  assert.ok(stays < 5, `${stays} stays`);
  assert.equal(receipts[0]?.type === 'return' ? receipts[0].val : null, 2n ** 26n - 24n);
});

test('logs and fields of the transaction do not leave compiled code', () => {
  const SCRIPT_DATA_LENGTH = 0x004;
  const loop = [gtf(20, ZERO, SCRIPT_DATA_LENGTH), log(19, 20, CGAS, 0), subi(19, 19, 1)];
  const { stays, receipts } = both(words(movi(19, 200), ...loop, jnzi(19, 1), ret(1)));
  assert.equal(receipts.filter(({ type }) => type === 'log').length, 200);
  assert.ok(stays < 10, `${stays} stays`);
});

test('a panic of a step ends the program where it stands', () => {
  const { receipts } = both(words(movi(19, 3), log(19, 0, 0, 0), sww(19, 20, 19), ret(1)));
  const [first, panic] = receipts;
  assert.equal(first?.type, 'log');
  assert.equal(panic?.type === 'panic' ? panic.reason : null, PANIC.ExpectedInternalContext);
});

test('a step that sets $err hands over', () => {
  // The signature is all zeros: no key can be recovered from it.
  const code = words(
    movi(16, 256),
    aloc(16),
    movi(19, 20),
    eck1(HP, HP, HP),
    log(ERR, 19, 0, 0),
    noop(),
    log(ERR, 19, 0, 0),
    subi(19, 19, 1),
    jnzi(19, 3),
    ret(ERR),
  );
  const { receipts } = both(code);
  assert.deepEqual(
    receipts.slice(0, 2).map((each) => (each.type === 'log' ? each.ra : null)),
    [1n, 0n],
  );
});

test('code that LDC appended is compiled', () => {
  const FROM_MEMORY = 2;
  const head = [
    movi(16, LOOP.length * 4),
    addi(17, IS, 5 * 4),
    move(18, SSP),
    ldc(17, ZERO, 16, FROM_MEMORY),
    jal(ZERO, 18, 0),
  ];
  const { modules, stays, receipts } = both(words(...head, ...LOOP));
  assert.equal(receipts[0]?.type, 'return');
  assert.equal(modules, 2, 'the script and what it loaded');
  assert.ok(stays < 20, `${stays} stays`);
});

test('each value of $flag has code of its own', () => {
  const code = words(
    movi(20, 2),
    movi(21, 40),
    flag(20),
    subi(22, ZERO, 1),
    addi(23, 22, 2),
    flag(ZERO),
    subi(21, 21, 1),
    jnzb(21, ZERO, 4),
    ret(23),
  );
  const { modules, receipts } = both(code);
  assert.equal(modules, 2);
  assert.equal(receipts[0]?.type === 'return' ? receipts[0].val : null, 1n);
});

test('a program cannot write where its code is', () => {
  for (const offset of [0, 1]) {
    const { receipts } = both(words(movi(16, 7), sw(IS, 16, offset), ret(1)));
    const [panic] = receipts;
    assert.equal(panic?.type === 'panic' ? panic.reason : null, PANIC.MemoryOwnership);
  }
});

test('random turns of the engines change nothing', () => {
  configureEngine({ setting: 'interpreter' });
  const code = words(...LOOP);
  const expected = execute(script(code));
  for (let seed = 0; seed < 20; seed++) {
    configureEngine({ setting: 'random', seed });
    assert.deepEqual(execute(script(code)).receipts, expected.receipts, `seed ${seed}`);
  }
});
