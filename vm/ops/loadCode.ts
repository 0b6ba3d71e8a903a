/**
 * LDC: appends code of a contract, of a blob, or from memory to the executable region. Charges
 * inside: base, then by length.
 *
 * @source fuel-vm 0.66.4, load contract code
 */

import { FRAME_CODE_SIZE } from '../frameLayout.ts';
import { FP, type Machine, SP, SSP } from '../machine.ts';
import { PANIC } from '../panic.ts';
import type { Run, Step } from '../row.ts';
import { chargeBase, chargeUnits } from './charge.ts';
import { checkDeclared, copyStored, idAt, padded } from './world.ts';

const U64_MAX = 0xffff_ffff_ffff_ffffn;

export const ldc: Run = (m, source, offset, length, mode) => {
  const at = m.reg(source);
  const from = m.reg(offset);
  const len = m.reg(length);
  const paid = chargeBase(m, 'ldc');
  if (paid !== 0) return paid;
  if (mode === 0) return fromContract(m, Number(at), from, len);
  if (mode === 1) return fromBlob(m, Number(at), from, len);
  if (mode === 2) return fromMemory(m, at, from, len);
  return PANIC.InvalidImmediateValue;
};

/** null: rounding up leaves 64 bits. */
function paddedWord(length: bigint): bigint | null {
  const rounded = (length + 7n) & ~7n;
  return rounded > U64_MAX ? null : rounded;
}

function fromContract(m: Machine, idAddress: number, offset: bigint, length: bigint): Step {
  if (m.ctx.predicateIndex !== null) return PANIC.ContractInstructionNotAllowed;
  if (m.num(SSP) !== m.num(SP)) return PANIC.ExpectedUnallocatedStack;
  const wrong = m.checkRead(idAddress, 32);
  if (wrong !== 0) return wrong;
  const contract = idAt(m, idAddress);
  const size = paddedWord(length);
  if (size === null) return PANIC.MemoryOverflow;
  if (size > m.ctx.params.contractParams.contractMaxSize) return PANIC.ContractMaxSize;
  const missing = checkDeclared(m, contract);
  if (missing !== 0) return missing;
  const code = m.ctx.storage.contractCode(contract);
  if (code === null) return PANIC.ContractNotFound;
  return append(m, code, offset, size);
}

function fromBlob(m: Machine, idAddress: number, offset: bigint, length: bigint): Step {
  if (m.num(SSP) !== m.num(SP)) return PANIC.ExpectedUnallocatedStack;
  const wrong = m.checkRead(idAddress, 32);
  if (wrong !== 0) return wrong;
  const blob = m.ctx.storage.blob(idAt(m, idAddress));
  if (blob === null) return PANIC.BlobNotFound;
  return append(m, blob, offset, paddedWord(length) ?? U64_MAX);
}

function append(m: Machine, code: Uint8Array, offset: bigint, size: bigint): Step {
  const stored = BigInt(code.length);
  const at = m.num(SSP);
  const step =
    chargeUnits(m, 'ldc', stored > size ? stored : size) || m.growStack(at + Number(size));
  if (step !== 0) return step;
  moveStack(m, at + Number(size));
  copyStored(m, at, Number(size), code, offset);
  return growFrame(m, size);
}

function moveStack(m: Machine, to: number): void {
  m.setReg(SP, BigInt(to));
  m.setReg(SSP, BigInt(to));
}

/** The frame of a contract tells how much code it has. */
function growFrame(m: Machine, size: bigint): Step {
  if (m.contract === null) return 0;
  const at = m.num(FP) + FRAME_CODE_SIZE;
  const old = padded(Number(m.view.getBigUint64(at)));
  m.view.setBigUint64(at, BigInt(old) + size);
  return 0;
}

function fromMemory(m: Machine, source: bigint, offset: bigint, length: bigint): Step {
  if (m.num(SSP) !== m.num(SP)) return PANIC.ExpectedUnallocatedStack;
  if (length === 0n) return 0;
  const size = paddedWord(length) ?? U64_MAX;
  const at = m.num(SSP);
  const step = chargeUnits(m, 'ldc', size) || m.growStack(at + Number(size));
  if (step !== 0) return step;
  const from = Number(source + offset); // saturates beyond memory
  const len = Number(length);
  const unreadable = m.checkRead(from, len);
  if (unreadable !== 0) return unreadable;
  if (at < from + len && from < at + len) return PANIC.MemoryWriteOverlap;
  m.mem.copyWithin(at, from, from + len);
  m.mem.fill(0, at + len, at + Number(size));
  moveStack(m, at + Number(size));
  return growFrame(m, size);
}
