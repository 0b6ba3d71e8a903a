/** Compiled code and the interpreter by turns: what the run loop has to see. */
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { configureEngine, engineReport } from '../../../vm/engine.ts';
import { addi, flag, jal, jnzb, ldc, move, movi, ret, subi, sw } from '../../../vm/gen/op.ts';
import { IS, SSP, ZERO } from '../../../vm/machine.ts';
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
