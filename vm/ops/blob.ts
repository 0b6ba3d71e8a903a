/** BSIZ and BLDD: reading blobs. Both charge inside. @source fuel-vm 0.66.4, blob */

import { FIRST_WRITABLE } from '../machine.ts';
import { PANIC } from '../panic.ts';
import type { Run } from '../row.ts';
import { chargeBase, chargeUnits } from './charge.ts';
import { copyStored, idAt } from './world.ts';

/** dst = length of the blob whose id is at an address. Unit: bytes. */
export const bsiz: Run = (m, dst, idAddress) => {
  const at = m.num(idAddress);
  const wrong = chargeBase(m, 'bsiz') || m.checkRead(at, 32);
  if (wrong !== 0) return wrong;
  const blob = m.ctx.storage.blob(idAt(m, at));
  if (blob === null) return PANIC.BlobNotFound;
  const step = chargeUnits(m, 'bsiz', blob.length);
  if (step !== 0) return step;
  if (dst < FIRST_WRITABLE) return PANIC.ReservedRegisterNotWritable;
  m.setReg(dst, BigInt(blob.length));
  return 0;
};

/** Copies a part of a blob into memory, with zeros behind its end. */
export const bldd: Run = (m, dst, idAddress, offset, length) => {
  const at = m.num(idAddress);
  const to = m.num(dst);
  const len = m.reg(length);
  const from = m.reg(offset);
  const wrong = chargeBase(m, 'bldd') || m.checkRead(at, 32);
  if (wrong !== 0) return wrong;
  const blob = m.ctx.storage.blob(idAt(m, at));
  if (blob === null) return PANIC.BlobNotFound;
  const size = BigInt(blob.length);
  const step = chargeUnits(m, 'bldd', len > size ? len : size) || m.checkWrite(to, Number(len));
  if (step !== 0) return step;
  copyStored(m, to, Number(len), blob, from);
  return 0;
};
