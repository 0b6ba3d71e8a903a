import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble, parseInstruction } from '../../../vm/asm.ts';
import { profile } from '../../../vm/profile.ts';
import { profileText } from '../../../vm/profileText.ts';
import { HostStorage } from '../../vectors/host.ts';
import { id, PARAMS, script } from './support.ts';

const code = (...lines: readonly string[]): Uint8Array => assemble(lines.map(parseInstruction));

const LOOP = code('MOVI $16 10', 'ADDI $17 $17 3', 'SUBI $16 $16 1', 'JNZI $16 1', 'RET $one');

/** Every look at the clock is a millisecond later than the one before. */
function ticking(): () => number {
  let now = 0;
  return () => ++now;
}

function profiled(program: Uint8Array, parts: Parameters<typeof script>[1] = {}) {
  const storage = new HostStorage(1);
  storage.codes.set(id(7), code('ADDI $40 $40 1', 'RET $40'));
  const input = {
    tx: script(program, parts),
    txId: id(1),
    params: PARAMS,
    gasPrice: 0n,
    storage,
    rules: '0.66',
    balances: { nonRetryable: new Map(), retryableBase: 0n, maxFee: 0n },
  } as const;
  return profile(input, ticking());
}

test('counts and gas of a loop, cut into its blocks', () => {
  const { instructions, gas, programs, result } = profiled(LOOP);
  assert.equal(instructions, 32);
  assert.equal(BigInt(gas), result.gasUsed);
  const [only] = programs;
  assert.equal(programs.length, 1);
  assert.equal(only!.contract, null);
  const counts = only!.blocks.map(({ offset, count, instructions: list }) => [
    offset,
    count,
    list.length,
  ]);
  assert.deepEqual(counts, [
    [0, 1, 1],
    [4, 10, 3],
    [16, 1, 1],
  ]);
  assert.equal(only!.blocks[1]!.instructions[1]!.text, 'SUBI $16 $16 1');
  const shares = only!.blocks.reduce((sum, block) => sum + block.timeShare, 0);
  assert.ok(Math.abs(shares - 1) < 1e-9 || shares === 0);
});

test('a called contract is a program of its own', () => {
  const call = code(
    'GTF $17 $zero 10',
    'ADDI $18 $17 48',
    'CALL $17 $zero $18 $cgas',
    'CALL $17 $zero $18 $cgas',
    'RET $one',
  );
  const data = new Uint8Array(80);
  data.set(Buffer.from(id(7).slice(2), 'hex'));
  const contract = {
    type: 'contract',
    utxoId: { txId: id(0), outputIndex: 0 },
    balanceRoot: id(0),
    stateRoot: id(0),
    txPointer: { blockHeight: 0, txIndex: 0 },
    contractId: id(7),
  } as const;
  const found = profiled(call, { scriptData: data, inputs: [contract], outputs: [] });
  assert.equal(found.result.reverted, false);
  const callee = found.programs.find((each) => each.contract === id(7))!;
  assert.equal(callee.calls, 2);
  assert.equal(callee.codeBytes, 8);
  assert.equal(callee.instructions, 4);
  const sum = found.programs.reduce((all, each) => all + each.gas, 0);
  assert.equal(BigInt(sum), found.result.gasUsed);
});

test('the table names the end, the blocks and the instructions; cheap blocks are summed up', () => {
  const found = profiled(LOOP);
  const text = profileText(found, { shareMin: 0 });
  assert.match(text, /^32 instructions, \d+ gas, ended with return$/m);
  assert.match(text, /block \+0x0004…\+0x000c, 3 instructions/);
  assert.match(text, /\+0x0008 {2}SUBI \$16 \$16 1/);
  assert.match(profileText(found, { shareMin: 0.5 }), /2 smaller blocks/);
  const panicked = profileText(profiled(code('SUBI $16 $16 1')));
  assert.match(panicked, /ended with panic ArithmeticOverflow/);
});
