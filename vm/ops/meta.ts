/**
 * GM and GTF: what a program may ask about its own transaction and call.
 *
 * @source fuel-vm 0.66.4, metadata; fuel-asm 0.66.4, selectors
 */
import { FRAME_REGISTERS_AT } from '../frameLayout.ts';
import { ownerAddressOf } from '../initialise.ts';
import { FIRST_WRITABLE, FP, type Machine } from '../machine.ts';
import { PANIC } from '../panic.ts';
import type { Run, Step } from '../row.ts';
import { FIELD_GETTERS } from './txFields.ts';

const U32_MAX = 0xffff_ffff;
const BASE_ASSET_ADDRESS = 32n;

/** dst = a fact about the running program. */
export const gm: Run = (m, dst, selector) => {
  if (dst < FIRST_WRITABLE) return PANIC.ReservedRegisterNotWritable;
  const frame = m.frames.at(-1);
  const caller =
    frame === undefined ? null : m.view.getUint32(frame.at + FRAME_REGISTERS_AT + FP * 8 + 4);
  switch (selector) {
    case 1:
      if (caller === null) return PANIC.ExpectedInternalContext;
      m.setReg(dst, caller === 0 ? 1n : 0n);
      return 0;
    case 2:
      if (caller === null) return PANIC.ExpectedInternalContext;
      if (caller === 0) return PANIC.ExpectedNestedCaller;
      m.setNum(dst, caller);
      return 0;
    case 3:
      if (m.ctx.predicateIndex === null) return PANIC.TransactionValidity;
      m.setReg(dst, BigInt(m.ctx.predicateIndex));
      return 0;
    case 4:
      m.setReg(dst, m.ctx.params.chainId);
      return 0;
    case 5:
      m.setReg(dst, BigInt(m.ctx.txAddress));
      return 0;
    case 6:
      m.setReg(dst, BASE_ASSET_ADDRESS);
      return 0;
    case 7:
      if (m.ctx.predicateIndex !== null) return PANIC.CanNotGetGasPriceInPredicate;
      m.setReg(dst, m.ctx.gasPrice);
      return 0;
    case 8:
      return setOwner(m, dst);
    default:
      return PANIC.InvalidMetadataIdentifier;
  }
};

function setOwner(m: Machine, dst: number): Step {
  const address = ownerAddressOf(m.ctx);
  if (address === null) return PANIC.OwnerIsUnknown;
  m.setReg(dst, BigInt(address));
  return 0;
}

/** dst = a field of the transaction, or the address of one. */
export const gtf: Run = (m, dst, index, selector) => {
  if (dst < FIRST_WRITABLE) return PANIC.ReservedRegisterNotWritable;
  const at = m.num(index);
  if (at > U32_MAX) return PANIC.InvalidMetadataIdentifier;
  const getter = FIELD_GETTERS.get(selector);
  if (getter === undefined) return PANIC.InvalidMetadataIdentifier;
  const found = getter(m.ctx, at);
  if (typeof found === 'number' && found < 0) return -found;
  m.setReg(dst, BigInt(found));
  return 0;
};
