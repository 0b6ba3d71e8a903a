/**
 * Entering and leaving contracts: CALL, RET, RETD, RVRT.
 *
 * @source fuel-vm 0.66.4, flow
 */
import { sha256Hex } from '../../primitives/hash.ts';
import { ZERO_B256 } from '../../primitives/types.ts';
import type { ReturnDataReceipt, ReturnReceipt } from '../../tx/receipt.ts';
import {
  BAL,
  CGAS,
  FLAG,
  FP,
  type Frame,
  GGAS,
  HP,
  IS,
  type Machine,
  PC,
  RET,
  RETL,
  SP,
  SSP,
} from '../machine.ts';
import { PANIC } from '../panic.ts';
import { HALT, type Run, type Step } from '../row.ts';
import { chargeBase, chargeUnits } from './charge.ts';
import { checkDeclared, credit, debit, idAt, padded } from './world.ts';

/** Contract id and two words. Unit: bytes. */
const CALL_DATA_BYTES = 48;
/** Contract id, asset id, 64 registers, code size, two arguments. Unit: bytes. */
export const FRAME_BYTES = 600;
const FRAME_REGISTERS = 64;
const U32_MAX = 0xffff_ffff;
/** Registers that a return leaves as they are. */
const KEPT: readonly number[] = [GGAS, RET, RETL, HP];
/** Offset of the code size inside a frame. Unit: bytes. */
export const FRAME_CODE_SIZE = 576;
/** Offset of the first of two arguments. Unit: bytes. */
const FRAME_PARAM_1 = 584;

/** Contract id and asset id of the call in progress: they may lie where its frame goes. */
const IDS_BYTES = 64;
const ids: Uint32Array = new Uint32Array(IDS_BYTES / 4);
const ID_WORDS = 8;

function keepId(m: Machine, at: number, from: number): void {
  for (let i = 0; i < ID_WORDS; i++) ids[from + i] = m.view.getUint32(at + i * 4);
}

/** Calls a contract with coins and gas. Charges inside: base, then code size, then a new entry. */
export const call: Run = (m, target, coins, assetAddress, gas) => {
  // Operands may be gas registers: they count as they are before the charge.
  const at = m.num(target);
  const assetAt = m.num(assetAddress);
  const amount = m.reg(coins);
  const requestedHi = m.hi[gas]!;
  const requestedLo = m.lo[gas]!;
  const wrong =
    chargeBase(m, 'call') || m.checkRead(at, CALL_DATA_BYTES) || m.checkRead(assetAt, 32);
  if (wrong !== 0) return wrong;
  const to = idAt(m, at);
  const assetId = idAt(m, assetAt);
  const code = m.ctx.storage.contractCode(to);
  if (code === null) return PANIC.ContractNotFound;
  const codeBytes = padded(code.length);
  const step =
    chargeUnits(m, 'call', codeBytes) ||
    debit(m, m.contract, assetId, amount) ||
    checkDeclared(m, to) ||
    credit(m, to, assetId, amount);
  if (step !== 0) return step;
  const param1 = m.view.getBigUint64(at + 32);
  const param2 = m.view.getBigUint64(at + 40);
  const [hi, lo] = [m.hi[CGAS]!, m.lo[CGAS]!];
  const isLess = requestedHi < hi || (requestedHi === hi && requestedLo < lo);
  const forwardedHi = isLess ? requestedHi : hi;
  const forwardedLo = isLess ? requestedLo : lo;
  m.hi[CGAS] = hi - forwardedHi - (lo < forwardedLo ? 1 : 0);
  m.lo[CGAS] = lo - forwardedLo;
  const caller = m.contract;
  const frame = m.saveFrame(to, code);
  keepId(m, at, 0);
  keepId(m, assetAt, ID_WORDS);
  const oldSp = m.lo[SP]!;
  const noRoom = m.growStack(oldSp + FRAME_BYTES + codeBytes);
  if (noRoom !== 0) return noRoom;
  enter(m, frame, codeBytes, code, oldSp);
  m.view.setBigUint64(oldSp + FRAME_PARAM_1, param1);
  m.view.setBigUint64(oldSp + FRAME_PARAM_1 + 8, param2);
  m.setReg(BAL, amount);
  m.hi[CGAS] = forwardedHi;
  m.lo[CGAS] = forwardedLo;
  const start = m.reg(PC);
  const full = m.pushReceipt({
    type: 'call',
    id: caller ?? ZERO_B256,
    to,
    amount,
    assetId,
    gas: m.reg(CGAS),
    param1,
    param2,
    pc: start,
    is: start,
  });
  if (full !== 0) return full;
  m.frames.push(frame);
  return 0;
};

/** Lays frame and code onto the stack and points the registers at them. */
function enter(m: Machine, frame: Frame, codeBytes: number, code: Uint8Array, at: number): void {
  const { view, mem } = m;
  const { lo, hi } = frame;
  for (let i = 0; i < ids.length; i++) view.setUint32(at + i * 4, ids[i]!);
  for (let i = 0, to = at + IDS_BYTES; i < FRAME_REGISTERS; i++, to += 8) {
    view.setUint32(to, hi[i]!);
    view.setUint32(to + 4, lo[i]!);
  }
  view.setUint32(at + FRAME_CODE_SIZE, 0);
  view.setUint32(at + FRAME_CODE_SIZE + 4, codeBytes);
  const start = at + FRAME_BYTES;
  mem.set(code, start);
  const end = start + codeBytes;
  if (code.length < codeBytes) mem.fill(0, start + code.length, end);
  m.setNum(SP, end);
  m.setNum(SSP, end);
  m.setNum(FP, at);
  m.setNum(PC, start);
  m.setNum(IS, start);
  m.setNum(FLAG, 0);
  m.contract = frame.to;
}

/** Restores the caller, if there is one; the receipt comes after, as its limit may be reached. */
function leave(m: Machine, receipt: ReturnReceipt | ReturnDataReceipt): Step {
  const frame = m.frames.pop();
  if (frame !== undefined) {
    for (const i of KEPT) {
      frame.lo[i] = m.lo[i]!;
      frame.hi[i] = m.hi[i]!;
    }
    // What the callee left goes back to what the caller kept.
    const low = frame.lo[CGAS]! + m.lo[CGAS]!;
    frame.hi[CGAS] = frame.hi[CGAS]! + m.hi[CGAS]! + (low > U32_MAX ? 1 : 0);
    frame.lo[CGAS] = low;
    m.lo.set(frame.lo);
    m.hi.set(frame.hi);
    m.dropFrame(frame);
    const depth = m.frames.length;
    m.contract = depth === 0 ? null : m.frames[depth - 1]!.to;
  }
  const full = m.pushReceipt(receipt);
  if (full !== 0) return full;
  m.setNum(PC, m.num(PC) + 4);
  return frame === undefined ? HALT.return : 0;
}

/** Returns a word from a contract or ends the script. */
export const ret: Run = (m, value) => returnWord(m, m.reg(value));

/** The effect of RET; an empty script is one that returns 1. */
export function returnWord(m: Machine, val: bigint): Step {
  const receipt: ReturnReceipt = {
    type: 'return',
    id: m.contract ?? ZERO_B256,
    val,
    pc: m.reg(PC),
    is: m.reg(IS),
  };
  m.setReg(RET, val);
  m.setReg(RETL, 0n);
  m.endValue = val;
  return leave(m, receipt);
}

/** Returns bytes of memory from a contract or ends the script. */
export const retd: Run = (m, address) => {
  const ptr = m.reg(address);
  const len = m.units;
  const at = m.num(address);
  const step = m.checkRead(at, Number(len));
  if (step !== 0) return step;
  const data = m.mem.slice(at, at + Number(len));
  const digest = sha256Hex(data);
  const receipt: ReturnDataReceipt = {
    type: 'returnData',
    id: m.contract ?? ZERO_B256,
    ptr,
    len,
    digest,
    data,
    pc: m.reg(PC),
    is: m.reg(IS),
  };
  m.setReg(RET, ptr);
  m.setReg(RETL, len);
  m.endDigest = digest;
  const left = leave(m, receipt);
  return left === HALT.return ? HALT.returnData : left;
};

/** Ends the whole transaction and drops its effects. */
export const rvrt: Run = (m, value) => {
  const ra = m.reg(value);
  const full = m.pushReceipt({
    type: 'revert',
    id: m.contract ?? ZERO_B256,
    ra,
    pc: m.reg(PC),
    is: m.reg(IS),
  });
  m.endValue = ra;
  return full !== 0 ? full : HALT.revert;
};
