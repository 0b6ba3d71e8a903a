import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ZERO_B256 } from '../../../primitives/types.ts';
import { CGAS, FP, GGAS, HP, Machine, MEM_BYTES, SP, SSP } from '../../../vm/machine.ts';
import { PANIC } from '../../../vm/panic.ts';
import { RECEIPTS_MAX } from '../../../vm/receipts.ts';
import { emptyContext } from './machineSupport.ts';

const machine = new Machine();

/** A stack of [0, 100), of which [40, 80) is owned, and a heap of 16 bytes. */
function ready(): Machine {
  machine.start(emptyContext());
  machine.growStack(100);
  machine.setNum(SSP, 40);
  machine.setNum(SP, 80);
  machine.growHeap(16);
  return machine;
}

test('registers are 64 bits wide', () => {
  const m = ready();
  for (const value of [0n, 1n, 0xffff_ffffn, 1n << 32n, (1n << 64n) - 1n]) {
    m.setReg(20, value);
    assert.equal(m.reg(20), value);
    assert.equal(m.num(20), Number(value));
  }
  m.setNum(20, 2 ** 40 + 5);
  assert.equal(m.reg(20), (1n << 40n) + 5n);
});

test('gas is charged exactly over 64 bits, and a context loses all when it is short', () => {
  const m = ready();
  const all = (1n << 64n) - 1n;
  for (const price of [0n, 1n, 0xffff_ffffn, 1n << 32n, (1n << 53n) + 1n, all - 7n]) {
    m.setReg(GGAS, all);
    m.setReg(CGAS, all - 5n);
    assert.equal(m.chargeGas(price), price > all - 5n ? PANIC.OutOfGas : 0);
    assert.equal(m.reg(CGAS), all - 5n - price);
    assert.equal(m.reg(GGAS), all - price);
  }
  m.setReg(GGAS, 100n);
  m.setReg(CGAS, 30n);
  assert.equal(m.chargeGas(31), PANIC.OutOfGas);
  assert.deepEqual([m.reg(CGAS), m.reg(GGAS)], [0n, 70n]);
  assert.equal(m.chargeGas(0), 0);
});

test('reading: below the high-water mark or in the heap', () => {
  const m = ready();
  assert.equal(m.checkRead(0, 100), 0);
  assert.equal(m.checkRead(0, 101), PANIC.UninitalizedMemoryAccess);
  assert.equal(m.checkRead(MEM_BYTES - 16, 16), 0);
  assert.equal(m.checkRead(MEM_BYTES - 17, 17), PANIC.UninitalizedMemoryAccess);
  assert.equal(m.checkRead(MEM_BYTES - 16, 17), PANIC.MemoryOverflow);
  assert.equal(m.checkRead(2 ** 64, 0), PANIC.MemoryOverflow);
  assert.equal(m.checkRead(200, 0), PANIC.UninitalizedMemoryAccess);
});

test('writing: between $ssp and $sp, or in the heap of the running context', () => {
  const m = ready();
  assert.equal(m.checkWrite(40, 40), 0);
  assert.equal(m.checkWrite(39, 1), PANIC.MemoryOwnership);
  assert.equal(m.checkWrite(79, 2), PANIC.MemoryOwnership);
  assert.equal(m.checkWrite(40, 0), 0);
  assert.equal(m.checkWrite(80, 0), PANIC.MemoryOwnership);
  assert.equal(m.checkWrite(MEM_BYTES - 16, 16), 0);
  const heapEnd = m.num(HP);
  m.frames.push({ to: ZERO_B256, code: new Uint8Array(0), at: 0, heapEnd });
  assert.equal(m.checkWrite(MEM_BYTES - 16, 16), PANIC.MemoryOwnership);
  assert.equal(m.checkWrite(MEM_BYTES - 16, 0), 0);
  m.growHeap(8);
  assert.equal(m.checkWrite(MEM_BYTES - 24, 8), 0);
  assert.equal(m.checkWrite(MEM_BYTES - 24, 9), PANIC.MemoryOwnership);
});

test('the heap grows into unused stack memory, clears it, and stops at $sp', () => {
  const m = ready();
  m.growStack(1000);
  m.mem.fill(7, 80, 1000);
  assert.equal(m.growHeap(MEM_BYTES), PANIC.MemoryOverflow);
  assert.equal(m.growHeap(MEM_BYTES - 16 - 79), PANIC.MemoryGrowthOverlap);
  assert.equal(m.num(HP), MEM_BYTES - 16);
  assert.equal(m.growHeap(MEM_BYTES - 16 - 500), 0);
  assert.equal(m.stackHigh, 500);
  assert.equal(m.mem[499], 7);
  assert.equal(m.mem[500], 0);
  assert.equal(m.growStack(501), PANIC.MemoryGrowthOverlap);
  assert.equal(m.growStack(MEM_BYTES + 1), PANIC.MemoryOverflow);
});

test('a machine that is used again starts with clean memory and registers', () => {
  const m = ready();
  m.mem.fill(9, 0, 100);
  m.mem.fill(9, MEM_BYTES - 16, MEM_BYTES);
  m.setNum(FP, 77);
  m.start(emptyContext());
  assert.equal(m.mem.indexOf(9), -1);
  assert.deepEqual([m.num(FP), m.num(1), m.num(HP), m.stackHigh], [0, 1, MEM_BYTES, 0]);
});

test('two places of the receipts are kept for the end', () => {
  const m = ready();
  const log = { type: 'revert', id: ZERO_B256, ra: 0n, pc: 0n, is: 0n } as const;
  for (let i = 0; i < RECEIPTS_MAX - 2; i++) assert.equal(m.pushReceipt(log), 0);
  assert.equal(m.pushReceipt(log), PANIC.TooManyReceipts);
});
