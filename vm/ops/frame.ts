/**
 * Entering and leaving contracts: CALL, RET, RETD, RVRT.
 *
 * @source fuel-vm 0.66.4, flow
 */
import { concatBytes } from '../../primitives/bytes.ts';
import { type ContractId, ZERO_B256 } from '../../primitives/types.ts';
import type { ReturnDataReceipt, ReturnReceipt } from '../../tx/receipt.ts';
import { FRAME_BYTES, FRAME_CODE_SIZE, FRAME_PARAM_1, FRAME_REGISTERS_AT } from '../frameLayout.ts';
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
import { ZERO_ID_AT } from '../memory.ts';
import { PANIC } from '../panic.ts';
import { receiptFits } from '../receipts.ts';
import { HALT, type Run, type Step } from '../row.ts';
import { chargeBase, chargeUnits } from './charge.ts';
import { digestAt } from './crypto.ts';
import { checkDeclared, credit, debit, idAt, padded } from './world.ts';

/** Contract id and two words. Unit: bytes. */
const CALL_DATA_BYTES = 48;
const REGISTERS = 64;
const TWO32 = 1n << 32n;
/** Registers that a return leaves as they are. */
const KEPT: readonly number[] = [GGAS, RET, RETL, HP];

/** Calls a contract with coins and gas. Charges inside: base, then code size, then a new entry. */
export const call: Run = (m, target, coins, assetAddress, gas) => {
  const { lo, hi } = m;
  // Operands may be gas registers: they count as they are before the charge.
  const at = m.num(target);
  const assetAt = m.num(assetAddress);
  const coinsLo = lo[coins]!;
  const coinsHi = hi[coins]!;
  const requestedHi = hi[gas]!;
  const requestedLo = lo[gas]!;
  const wrong =
    chargeBase(m, 'call') || m.checkRead(at, CALL_DATA_BYTES) || m.checkRead(assetAt, 32);
  if (wrong !== 0) return wrong;
  const to = idAt(m, at);
  const code = m.ctx.storage.contractCode(to);
  if (code === null) return PANIC.ContractNotFound;
  const codeBytes = padded(code.length);
  const hasCoins = (coinsLo | coinsHi) !== 0;
  const amount = hasCoins ? BigInt(coinsHi) * TWO32 + BigInt(coinsLo) : 0n;
  const step =
    chargeUnits(m, 'call', codeBytes) ||
    (hasCoins ? debit(m, m.contract, idAt(m, assetAt), amount) : 0) ||
    checkDeclared(m, to) ||
    (hasCoins ? credit(m, to, idAt(m, assetAt), amount) : 0);
  if (step !== 0) return step;
  const [leftHi, leftLo] = [hi[CGAS]!, lo[CGAS]!];
  const isLess = requestedHi < leftHi || (requestedHi === leftHi && requestedLo < leftLo);
  const gasHi = isLess ? requestedHi : leftHi;
  const gasLo = isLess ? requestedLo : leftLo;
  hi[CGAS] = leftHi - gasHi - (leftLo < gasLo ? 1 : 0);
  lo[CGAS] = leftLo - gasLo;
  const sp = lo[SP]!;
  const noRoom = m.growStack(sp + FRAME_BYTES + codeBytes);
  if (noRoom !== 0) return noRoom;
  const { calls } = m;
  const heapEnd = lo[HP]!;
  if (calls !== null && receiptFits(m.receipts.count, 'call')) {
    const caller = m.contract === null ? ZERO_ID_AT : lo[FP]!;
    m.receipts.makeRoom();
    calls.call(at, assetAt, codeBytes, caller, gasLo, gasHi, coinsLo, coinsHi);
    layCode(m, code, codeBytes, sp + FRAME_BYTES);
  } else {
    const full = enter(m, { at, assetAt, to, code, codeBytes, amount, gasLo, gasHi });
    if (full !== 0) return full;
  }
  m.contract = to;
  m.frames.push({ to, code, at: sp, heapEnd });
  return 0;
};

function layCode(m: Machine, code: Uint8Array, codeBytes: number, at: number): void {
  m.mem.set(code, at);
  if (code.length < codeBytes) m.mem.fill(0, at + code.length, at + codeBytes);
}

/** What the kernel does, and {@link layCode}, where there is no kernel or no receipt fits. */
function enter(
  m: Machine,
  entry: {
    readonly at: number;
    readonly assetAt: number;
    readonly to: ContractId;
    readonly code: Uint8Array;
    readonly codeBytes: number;
    readonly amount: bigint;
    readonly gasLo: number;
    readonly gasHi: number;
  },
): Step {
  const { view, lo, hi } = m;
  const { at, assetAt, to, codeBytes, amount } = entry;
  const frameAt = lo[SP]!;
  const assetId = idAt(m, assetAt);
  const param1 = view.getBigUint64(at + 32);
  const param2 = view.getBigUint64(at + 40);
  // The frame may lie over what it is made of.
  const ids = concatBytes(m.mem.slice(at, at + 32), m.mem.slice(assetAt, assetAt + 32));
  m.mem.set(ids, frameAt);
  for (let i = 0, to = frameAt + FRAME_REGISTERS_AT; i < REGISTERS; i++, to += 8) {
    view.setUint32(to, hi[i]!);
    view.setUint32(to + 4, lo[i]!);
  }
  view.setUint32(frameAt + FRAME_CODE_SIZE, 0);
  view.setUint32(frameAt + FRAME_CODE_SIZE + 4, codeBytes);
  view.setBigUint64(frameAt + FRAME_PARAM_1, param1);
  view.setBigUint64(frameAt + FRAME_PARAM_1 + 8, param2);
  const start = frameAt + FRAME_BYTES;
  layCode(m, entry.code, codeBytes, start);
  for (const register of [SP, SSP]) m.setNum(register, start + codeBytes);
  for (const register of [PC, IS]) m.setNum(register, start);
  m.setNum(FP, frameAt);
  m.setNum(FLAG, 0);
  m.setReg(BAL, amount);
  hi[CGAS] = entry.gasHi;
  lo[CGAS] = entry.gasLo;
  const id = m.contract ?? ZERO_B256;
  m.contract = to;
  const gas = m.reg(CGAS);
  const at64 = BigInt(start);
  const params = { param1, param2, pc: at64, is: at64 };
  return m.pushReceipt({ type: 'call', id, to, amount, assetId, gas, ...params });
}

/**
 * The caller's registers, but for those that a return leaves as they are. A frame lies below the
 * $ssp of what it called, so nobody has changed it.
 */
function restore(m: Machine, { at }: Frame): void {
  const { lo, hi, view } = m;
  const kept = KEPT.map((i) => [lo[i]!, hi[i]!] as const);
  // What the callee left goes back to what the caller kept.
  const gas = m.reg(CGAS) + view.getBigUint64(at + FRAME_REGISTERS_AT + CGAS * 8);
  for (let i = 0, from = at + FRAME_REGISTERS_AT; i < REGISTERS; i++, from += 8) {
    hi[i] = view.getUint32(from);
    lo[i] = view.getUint32(from + 4);
  }
  for (const [n, i] of KEPT.entries()) [lo[i], hi[i]] = kept[n]!;
  m.setReg(CGAS, gas);
}

/** Restores the caller, if there is one; the receipt comes after, as its limit may be reached. */
function leave(m: Machine, receipt: ReturnReceipt | ReturnDataReceipt): Step {
  const frame = m.frames.pop();
  if (frame !== undefined) {
    restore(m, frame);
    m.contract = m.frames.at(-1)?.to ?? null;
  }
  const full = m.pushReceipt(receipt);
  if (full !== 0) return full;
  m.setNum(PC, m.num(PC) + 4);
  return frame === undefined ? HALT.return : 0;
}

/** Returns a word from a contract or ends the script. */
export const ret: Run = (m, value) => {
  const { calls, frames } = m;
  if (calls === null || frames.length === 0 || !receiptFits(m.receipts.count, 'return')) {
    return returnWord(m, m.reg(value));
  }
  m.receipts.makeRoom();
  calls.ret(value);
  frames.pop();
  m.contract = frames.at(-1)?.to ?? null;
  return 0;
};

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
  const digest = digestAt(m, at, data.length);
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
