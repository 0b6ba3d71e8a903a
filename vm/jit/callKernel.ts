/**
 * The plain part of CALL and RET in WebAssembly on a machine's memory: frames, registers and the
 * receipts as bytes. Everything that may fail was checked before.
 */
import { Code } from '../../primitives/wasm/code.ts';
import {
  I32,
  I64,
  V128,
  type ValueType,
  type WasmFunction,
  wasmModule,
} from '../../primitives/wasm/encode.ts';
import type { WasmMemory, WasmModule, WebAssemblyHost } from '../../primitives/wasm/host.ts';
import { FRAME_BYTES, FRAME_CODE_SIZE, FRAME_REGISTERS_AT } from '../frameLayout.ts';
import { BAL, CGAS, FLAG, FP, GGAS, HP, IS, PC, RET, RETL, SP, SSP } from '../machine.ts';
import { HIGH_AT, LOW_AT, RING_COUNT_AT, RING_NEXT_AT } from '../memory.ts';

/** Addresses are those of VM memory; see the head of the file. */
export type CallKernel = {
  /**
   * Enters a contract: pushes the frame at $sp, points the registers behind it and
   * writes the receipt. The code itself is the caller's business. $cgas is what the caller keeps.
   * @param target of contract id and two words
   * @param codeBytes whole words
   * @param caller of the caller's id
   */
  readonly call: (
    target: number,
    asset: number,
    codeBytes: number,
    caller: number,
    gasLow: number,
    gasHigh: number,
    coinsLow: number,
    coinsHigh: number,
  ) => void;
  /** Returns a register to the contract or script below, and writes the receipt. */
  readonly ret: (register: number) => void;
};

const REGISTERS = 64;
const LANES = 4;
const ID_BYTES = 32;
const VECTOR_BYTES = 16;
const CALL_SLOT_BYTES = 192;
const RETURN_SLOT_BYTES = 128;
const CALL_LEAF_BYTES = 1 + 152;
const RETURN_LEAF_BYTES = 1 + 64;
const RETURN_KIND = 1n;
const CALL_PARAMS = [0, 1, 2, 3, 4, 5, 6, 7] as const;

const low = (register: number): number => LOW_AT + register * 4;
const high = (register: number): number => HIGH_AT + register * 4;

/** A 64-bit constant whose bytes in memory are those of a big-endian number. */
function bigEndian(value: bigint): bigint {
  let out = 0n;
  for (let i = 0n; i < 8n; i++) out |= ((value >> (8n * i)) & 255n) << (56n - 8n * i);
  return BigInt.asIntN(64, out);
}

/** Padding of a leaf: from its end on, and the length in bits at the end of its slot. */
function pad(code: Code, slot: number, leafBytes: number, slotBytes: number): void {
  code.get(slot).i64(0x80n).store64(leafBytes);
  for (let at = leafBytes + 8; at < slotBytes - 8; at += 8) code.get(slot).i64(0n).store64(at);
  code
    .get(slot)
    .i64(bigEndian(BigInt(leafBytes * 8)))
    .store64(slotBytes - 8);
}

/** Copies bytes, sixteen at a time. */
function copy(code: Code, from: number, to: number, toOffset: number, bytes: number): void {
  for (let at = 0; at < bytes; at += VECTOR_BYTES) {
    code
      .get(to)
      .get(from)
      .loadVector(at)
      .storeVector(toOffset + at);
  }
}

/** Four words of 32 bits at `slot` + `at`, the most significant byte of each first. */
function storeWords(code: Code, slot: number, at: number, push: readonly (() => void)[]): void {
  code.get(slot);
  for (const [lane, word] of push.entries()) {
    word();
    if (lane === 0) code.splat();
    else code.replaceLane(lane);
  }
  code.storeSwapped(at);
}

function setRegister(code: Code, register: number, push: () => void): void {
  code.i32(0);
  push();
  code.store32(low(register));
  code.i32(0).i32(0).store32(high(register));
}

/** The slot is used: the next one lies behind it. */
function endSlot(code: Code, slot: number, bytes: number): void {
  code.i32(0).get(slot).i32(bytes).op('i32Add').store32(RING_NEXT_AT);
  code.i32(0).i32(0).load32(RING_COUNT_AT).i32(1).op('i32Add').store32(RING_COUNT_AT);
}

function callFunction(): WasmFunction {
  const [target, asset, codeBytes, caller, gasLow, gasHigh, coinsLow, coinsHigh] = CALL_PARAMS;
  const [at, start, slot] = [8, 9, 10];
  const [ids, words] = [11, 15];
  const code = new Code();
  const zero = (): void => void code.i32(0);
  code.i32(0).load32(low(SP)).tee(at).i32(FRAME_BYTES).op('i32Add').set(start);
  code.i32(0).load32(RING_NEXT_AT).set(slot);
  // The frame may lie over what it is made of.
  for (const [i, from] of [target, target, asset, asset].entries()) {
    code
      .get(from)
      .loadVector((i % 2) * VECTOR_BYTES)
      .set(ids + i);
  }
  code.get(target).loadVector(ID_BYTES).set(words);
  for (let i = 0; i < REGISTERS; i += LANES) {
    const to = FRAME_REGISTERS_AT + i * 8;
    for (const half of [0, 1]) {
      code.get(at).i32(0).loadVector(high(i)).i32(0).loadVector(low(i));
      if (half === 0) code.fourOf(0, 4, 1, 5);
      else code.fourOf(2, 6, 3, 7);
      code.storeSwapped(to + half * VECTOR_BYTES);
    }
  }
  for (let i = 0; i < 4; i++)
    code
      .get(at)
      .get(ids + i)
      .storeVector(i * VECTOR_BYTES);
  storeWords(code, at, FRAME_CODE_SIZE, [zero, () => code.get(codeBytes), zero, zero]);
  code
    .get(at)
    .get(words)
    .storeVector(FRAME_CODE_SIZE + 8);
  for (const register of [SP, SSP]) {
    setRegister(code, register, () => code.get(start).get(codeBytes).op('i32Add'));
  }
  for (const register of [PC, IS]) setRegister(code, register, () => code.get(start));
  setRegister(code, FP, () => code.get(at));
  setRegister(code, FLAG, zero);
  code.i32(0).get(coinsLow).store32(low(BAL));
  code.i32(0).get(coinsHigh).store32(high(BAL));
  code.i32(0).get(gasLow).store32(low(CGAS));
  code.i32(0).get(gasHigh).store32(high(CGAS));
  // Prefix and kind are zeros.
  code.get(slot).i64(0n).store64(0);
  code.get(slot).i64(0n).store64(1);
  copy(code, caller, slot, 9, ID_BYTES);
  for (const [i, to] of [41, 57].entries())
    code
      .get(slot)
      .get(ids + i)
      .storeVector(to);
  storeWords(code, slot, 73, [() => code.get(coinsHigh), () => code.get(coinsLow), zero, zero]);
  for (const [i, to] of [81, 97].entries())
    code
      .get(slot)
      .get(ids + 2 + i)
      .storeVector(to);
  storeWords(code, slot, 113, [() => code.get(gasHigh), () => code.get(gasLow), zero, zero]);
  code.get(slot).get(words).storeVector(121);
  storeWords(code, slot, 137, [zero, () => code.get(start), zero, () => code.get(start)]);
  pad(code, slot, CALL_LEAF_BYTES, CALL_SLOT_BYTES);
  endSlot(code, slot, CALL_SLOT_BYTES);
  const locals: ValueType[] = [I32, I32, I32, ...new Array<ValueType>(5).fill(V128)];
  const params = new Array<typeof I32>(CALL_PARAMS.length).fill(I32);
  return { params, results: [], locals, body: code.body(), name: 'call' };
}

function retFunction(): WasmFunction {
  const [register] = [0];
  const [at, slot, valueLow, valueHigh] = [1, 2, 3, 4] as const;
  const [heap, gasLow, gasHigh] = [5, 6, 7] as const;
  const gas = 8;
  const [first, second] = [9, 10];
  const code = new Code();
  const zero = (): void => void code.i32(0);
  const load = (from: number, to: number): void => void code.i32(0).load32(from).set(to);
  load(low(FP), at);
  load(RING_NEXT_AT, slot);
  code.get(register).i32(2).op('i32Shl').tee(valueHigh).load32(LOW_AT).set(valueLow);
  code.get(valueHigh).load32(HIGH_AT).set(valueHigh);
  load(low(HP), heap);
  load(low(GGAS), gasLow);
  load(high(GGAS), gasHigh);
  pushGas(code);
  code.set(gas);

  code.get(slot).i64(0n).store64(0);
  code.get(slot).i64(bigEndian(RETURN_KIND)).store64(1);
  copy(code, at, slot, 9, ID_BYTES);
  const pc = (): void => void code.i32(0).load32(low(PC));
  const is = (): void => void code.i32(0).load32(low(IS));
  storeWords(code, slot, 41, [() => code.get(valueHigh), () => code.get(valueLow), zero, pc]);
  storeWords(code, slot, 57, [zero, is, zero, zero]);
  pad(code, slot, RETURN_LEAF_BYTES, RETURN_SLOT_BYTES);
  endSlot(code, slot, RETURN_SLOT_BYTES);

  for (let i = 0; i < REGISTERS; i += LANES) {
    const from = FRAME_REGISTERS_AT + i * 8;
    code.get(at).loadSwapped(from).set(first);
    code
      .get(at)
      .loadSwapped(from + VECTOR_BYTES)
      .set(second);
    code.i32(0).get(first).get(second).fourOf(0, 2, 4, 6).storeVector(high(i));
    code.i32(0).get(first).get(second).fourOf(1, 3, 5, 7).storeVector(low(i));
  }
  code.i32(0).get(gasLow).store32(low(GGAS));
  code.i32(0).get(gasHigh).store32(high(GGAS));
  setRegister(code, HP, () => code.get(heap));
  setRegister(code, RETL, zero);
  setRegister(code, RET, () => code.get(valueLow));
  code.i32(0).get(valueHigh).store32(high(RET));
  // What the callee left goes back to what the caller kept.
  pushGas(code);
  code.get(gas).op('i64Add').set(gas);
  code.i32(0).get(gas).store64To32(low(CGAS));
  code.i32(0).get(gas).i64(32n).op('i64ShrU').store64To32(high(CGAS));
  code.i32(0);
  pc();
  code.i32(4).op('i32Add').store32(low(PC));
  const locals: ValueType[] = [I32, I32, I32, I32, I32, I32, I32, I64, V128, V128];
  return { params: [I32], results: [], locals, body: code.body(), name: 'ret' };
}

/** Pushes $cgas. */
function pushGas(code: Code): void {
  code.i32(0).load32To64(low(CGAS)).i32(0).load32To64(high(CGAS));
  code.i64(32n).op('i64Shl').op('i64Or');
}

let module: WasmModule | null = null;

/** The functions on a machine's memory. */
export function callKernel(host: WebAssemblyHost, memory: WasmMemory): CallKernel {
  module ??= new host.Module(callModule());
  return new host.Instance(module, { host: { memory } }).exports as CallKernel;
}

/** The bytes of the module. It imports the memory as `host.memory`. */
export function callModule(): Uint8Array<ArrayBuffer> {
  return wasmModule([callFunction(), retFunction()]);
}
