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

/** Calls a contract with coins and gas. Charges inside: base, then code size, then a new entry. */
export const call: Run = (m, target, coins, assetAddress, gas) => {
  // Operands may be gas registers: they count as they are before the charge.
  const at = m.num(target);
  const assetAt = m.num(assetAddress);
  const amount = m.reg(coins);
  const requested = m.reg(gas);
  const wrong =
    chargeBase(m, 'call') || m.checkRead(at, CALL_DATA_BYTES) || m.checkRead(assetAt, 32);
  if (wrong !== 0) return wrong;
  const to = idAt(m, at);
  const param1 = m.view.getBigUint64(at + 32);
  const param2 = m.view.getBigUint64(at + 40);
  const assetId = idAt(m, assetAt);
  const code = m.ctx.storage.contractCode(to);
  if (code === null) return PANIC.ContractNotFound;
  const codeBytes = padded(code.length);
  const step =
    chargeUnits(m, 'call', BigInt(codeBytes)) ||
    debit(m, m.contract, assetId, amount) ||
    checkDeclared(m, to) ||
    credit(m, to, assetId, amount);
  if (step !== 0) return step;
  const available = m.reg(CGAS);
  const forwarded = lower(available, requested);
  m.setReg(CGAS, available - forwarded);
  const caller = m.contract;
  const frame = m.saveFrame(to);
  // Copied before the frame is laid out: they may lie where it goes.
  const ids = [m.mem.slice(at, at + 32), m.mem.slice(assetAt, assetAt + 32)] as const;
  const oldSp = m.num(SP);
  const noRoom = m.growStack(oldSp + FRAME_BYTES + codeBytes);
  if (noRoom !== 0) return noRoom;
  enter(m, frame, { ids, param1, param2, codeBytes }, code, oldSp);
  m.setReg(BAL, amount);
  m.setReg(CGAS, forwarded);
  const start = m.reg(PC);
  const full = m.pushReceipt({
    type: 'call',
    id: caller ?? ZERO_B256,
    to,
    amount,
    assetId,
    gas: forwarded,
    param1,
    param2,
    pc: start,
    is: start,
  });
  if (full !== 0) return full;
  m.frames.push(frame);
  return 0;
};

function lower(a: bigint, b: bigint): bigint {
  return b < a ? b : a;
}

type FrameHead = {
  /** Contract id and asset id. */
  readonly ids: readonly [Uint8Array, Uint8Array];
  readonly param1: bigint;
  readonly param2: bigint;
  readonly codeBytes: number;
};

/** Lays frame and code onto the stack and points the registers at them. */
function enter(m: Machine, frame: Frame, head: FrameHead, code: Uint8Array, at: number): void {
  m.mem.set(head.ids[0], at);
  m.mem.set(head.ids[1], at + 32);
  for (let i = 0, to = at + 64; i < FRAME_REGISTERS; i++, to += 8) {
    m.view.setUint32(to, frame.hi[i]!);
    m.view.setUint32(to + 4, frame.lo[i]!);
  }
  m.view.setBigUint64(at + FRAME_CODE_SIZE, BigInt(head.codeBytes));
  m.view.setBigUint64(at + FRAME_CODE_SIZE + 8, head.param1);
  m.view.setBigUint64(at + FRAME_CODE_SIZE + 16, head.param2);
  const start = at + FRAME_BYTES;
  m.mem.set(code, start);
  m.mem.fill(0, start + code.length, start + head.codeBytes);
  const end = start + head.codeBytes;
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
    m.contract = m.frames.at(-1)?.to ?? null;
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
