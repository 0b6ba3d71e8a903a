import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashModule } from '../../../primitives/wasm/hashKernel.ts';
import { fourModule } from '../../../primitives/wasm/sha256Four.ts';
import { assemble, parseInstruction } from '../../../vm/asm.ts';
import { callModule } from '../../../vm/jit/callKernel.ts';
import { programWat } from '../../../vm/profileWat.ts';
import { watOf } from '../../../vm/wat.ts';
import { wideModules } from '../../../vm/wide/kernel.ts';
import { longRequest } from '../../diff/long/request.ts';
import { PARAMS } from './support.ts';

const LOOP = ['MOVI $16 10', 'SUBI $16 $16 1', 'JNZI $16 1', 'RET $one'];

test('a loop becomes a loop: gas, instruction, branch', () => {
  const text = programWat(assemble(LOOP.map(parseInstruction)), PARAMS)!;
  assert.match(text, /^func \$f0 {2};; locals: /);
  assert.match(text, /local\.get \$gas\n +i32\.const 2\n +i32\.sub\n +local\.tee \$gas/);
  assert.match(text, /i64\.const 10\n +local\.set/);
  assert.match(text, /i64\.eqz\n +i32\.eqz\n +if\n +br 1\n +end/);
  const lines = text.split('\n').map((line) => line.trim());
  const opened = lines.filter((line) => /^(block|loop|if)$/.test(line)).length;
  assert.equal(lines.filter((line) => line === 'end').length, opened);
});

test('programs without anything to compile have no text', () => {
  assert.equal(programWat(assemble([parseInstruction('RET $one')]), PARAMS), null);
});

test('everything that is emitted can be read: kernels and long programs', () => {
  assert.equal(watOf(hashModule(0)).length, 6);
  assert.deepEqual(
    wideModules(0).map((module) => watOf(module).length),
    [1, 13, 5],
  );
  assert.equal(watOf(fourModule(0)).length, 2);
  assert.equal(watOf(callModule()).length, 2);
  for (let i = 0; i < 20; i++) {
    const code = Buffer.from(longRequest(3, i)['script'] as string, 'hex');
    const text = programWat(new Uint8Array(code), PARAMS)!;
    assert.match(text, /^func \$f0/);
    assert.doesNotMatch(text, /undefined|NaN/);
  }
});
