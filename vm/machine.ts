/**
 * State of one execution: registers, memory, receipts and call frames.
 *
 * Registers are kept as two 32-bit halves: additions of halves are exact in a double, and nothing
 * allocates. Memory is one buffer of 64 MiB with two ends: the stack from 0 up to a high-water
 * mark, the heap from $hp to the end; what lies between does not exist for the guest and is kept
 * zero. Buffers are reused, only what was dirtied is cleared.
 *
 * @source fuel-vm 0.66.4, memory and internal
 */

import { bytesToHex } from '../primitives/bytes.ts';
import type { B256, ContractId } from '../primitives/types.ts';
import type { HashKernel } from '../primitives/wasm/hashKernel.ts';
import type { GasCostValue } from '../tx/params.ts';
import type { Receipt } from '../tx/receipt.ts';
import type { VmContext } from './context.ts';
import { type GasTable, HOT_BUDGET_MAX, wholeCost } from './gas.ts';
import type { CallKernel } from './jit/callKernel.ts';
import type { CompiledCode, CompiledFunction } from './jit/code.ts';
import type { Stepper } from './jit/imports.ts';
import {
  callsOf,
  GAS_LEFT_AT,
  HIGH_AT,
  hashesOf,
  LOW_AT,
  MEM_BYTES,
  newVmMemory,
  RING_AT,
  RING_END,
  RING_NEXT_AT,
  type VmMemory,
  wideOf,
} from './memory.ts';
import { PANIC } from './panic.ts';
import { ReceiptList, type Ring, receiptFits } from './receipts.ts';
import { HALT, type Step } from './row.ts';
import type { WideKernel } from './wide/kernel.ts';

export { MEM_BYTES };

const TWO32 = 0x1_0000_0000;
/** The same 64 bits as one number and as two halves: no other way is as fast. */
const WHOLE = new BigUint64Array(1);
const HALVES = new Uint32Array(WHOLE.buffer);
WHOLE[0] = 1n;
/** Which of the halves is the low one: hosts differ. */
const LOW_HALF = HALVES[0] === 1 ? 0 : 1;
const HIGH_HALF = 1 - LOW_HALF;
/** Up to here a price by units fits 32 bits together with its base. */
const UNITS_FAST_MAX = 0x7fff_ffff;

/** Indexes of the system registers. */
export const ZERO = 0;
export const ONE = 1;
export const OF = 2;
export const PC = 3;
export const SSP = 4;
export const SP = 5;
export const FP = 6;
export const HP = 7;
export const ERR = 8;
export const GGAS = 9;
export const CGAS = 10;
export const BAL = 11;
export const IS = 12;
export const RET = 13;
export const RETL = 14;
export const FLAG = 15;
/** Registers from here on belong to programs. */
export const FIRST_WRITABLE = 16;
/** Bits of $flag. */
export const FLAG_UNSAFE_MATH = 1;
export const FLAG_WRAPPING = 2;

/** A contract on the call stack. */
export type Frame = {
  readonly to: ContractId;
  /** Its code as storage gave it: the same object again and again where storage keeps it. */
  readonly code: Uint8Array;
  /** Where it lies on the stack: the caller's registers are there. */
  readonly at: number;
  /** End of the contract's own heap: $hp at the time of the call. */
  readonly heapEnd: number;
};

/** See the head of the file. */
export class Machine {
  /** Low and high halves of the 64 registers. */
  readonly lo: Uint32Array;
  readonly hi: Uint32Array;
  /** What compiled code leaves besides registers: gas left, word to go on with. */
  readonly engine: Int32Array;
  /** Compiled code that works on this memory. */
  readonly functions: WeakMap<CompiledCode, CompiledFunction> = new WeakMap();
  /** Who does single instructions for it, while it runs. */
  stepper: Stepper | null = null;
  readonly memory: VmMemory;
  readonly mem: Uint8Array;
  readonly view: DataView;
  /** With the part behind the guest's memory. */
  readonly whole: DataView;
  /** Stack memory below this address exists. It falls only when the heap grows into it. */
  stackHigh = 0;
  readonly frames: Frame[] = [];
  receipts: ReceiptList;
  /** The instruction that ran last; 0 when it could not be fetched. */
  word = 0;
  /** Prices by opcode; the interpreter sets it. */
  gas: GasTable | null = null;
  /** The running contract; null: script or predicate. */
  contract: ContractId | null = null;
  /** Goes into the panic receipt of ContractNotInInputs. */
  panicContract: ContractId | null = null;
  /** Set with HALT.return and HALT.revert. */
  endValue = 0n;
  /** Set with HALT.returnData. */
  endDigest: B256 | null = null;
  /** Why the VM gives no result: set with HALT.refused. */
  refused: string | null = null;
  /** What the last dependent charge of the dispatcher counted. */
  units = 0n;
  /** Made at its first use; null: the host has no WebAssembly. */
  #hashes: HashKernel | null | undefined = undefined;
  #wide: WideKernel | null | undefined = undefined;
  #calls: CallKernel | null | undefined = undefined;
  readonly #ring: Ring | null;
  #ctx: VmContext | null = null;
  /** Highest stack address ever reached: what must be cleared. */
  #dirtyStack = 0;

  constructor() {
    this.memory = newVmMemory();
    const { buffer } = this.memory;
    this.mem = new Uint8Array(buffer, 0, MEM_BYTES);
    this.view = new DataView(buffer, 0, MEM_BYTES);
    this.whole = new DataView(buffer);
    this.lo = new Uint32Array(buffer, LOW_AT, 64);
    this.hi = new Uint32Array(buffer, HIGH_AT, 64);
    this.engine = new Int32Array(buffer, GAS_LEFT_AT, 2);
    const { memory } = this.memory;
    const control = new Int32Array(buffer, RING_NEXT_AT, 2);
    const bytes = new Uint8Array(buffer);
    this.#ring = memory === null ? null : { bytes, start: RING_AT, end: RING_END, control };
    this.receipts = new ReceiptList(this.#ring);
  }

  /** Everything about the transaction under execution. */
  get ctx(): VmContext {
    return this.#ctx!;
  }

  /** Hashes inside this machine's memory; null: the host has no WebAssembly. */
  get hashes(): HashKernel | null {
    if (this.#hashes === undefined) this.#hashes = hashesOf(this.memory);
    return this.#hashes;
  }

  /** Wide integers inside this machine's memory; null: the host has no WebAssembly. */
  get wide(): WideKernel | null {
    if (this.#wide === undefined) this.#wide = wideOf(this.memory);
    return this.#wide;
  }

  /** Calls on this machine; null: the host has no WebAssembly. */
  get calls(): CallKernel | null {
    if (this.#calls === undefined) this.#calls = callsOf(this.memory);
    return this.#calls;
  }

  /** Prepares for an execution: empty memory, zero registers but $one and $hp. */
  start(ctx: VmContext): void {
    this.#wipe();
    this.#ctx = ctx;
    this.lo.fill(0);
    this.hi.fill(0);
    this.lo[ONE] = 1;
    this.lo[HP] = MEM_BYTES;
    this.receipts = new ReceiptList(this.#ring);
    this.word = 0;
    this.frames.length = 0;
    this.contract = null;
    this.panicContract = null;
    this.endValue = 0n;
    this.endDigest = null;
    this.refused = null;
  }

  /** Drops references to the transaction; memory and registers stay readable until `start`. */
  end(): void {
    this.#ctx = null;
  }

  #wipe(): void {
    this.mem.fill(0, 0, Math.max(this.#dirtyStack, this.stackHigh));
    if (this.lo[HP] !== 0) this.mem.fill(0, this.lo[HP], MEM_BYTES);
    this.stackHigh = 0;
    this.#dirtyStack = 0;
  }

  reg(i: number): bigint {
    HALVES[LOW_HALF] = this.lo[i]!;
    HALVES[HIGH_HALF] = this.hi[i]!;
    return WHOLE[0]!;
  }

  /** Value modulo 2^64. Does not check whether a program may write this register. */
  setReg(i: number, value: bigint): void {
    WHOLE[0] = value;
    this.lo[i] = HALVES[LOW_HALF]!;
    this.hi[i] = HALVES[HIGH_HALF]!;
  }

  /** A register as a double: exact below 2^53, rounded above, which no range check can miss. */
  num(i: number): number {
    return this.hi[i]! * TWO32 + this.lo[i]!;
  }

  /** Sets a register to an integer from 0 to 2^53 − 1. */
  setNum(i: number, value: number): void {
    this.lo[i] = value;
    this.hi[i] = value / TWO32;
  }

  /** 0 when [address, address + length) exists. */
  checkRead(address: number, length: number): Step {
    const end = address + length;
    if (end > MEM_BYTES) return PANIC.MemoryOverflow;
    if (end <= this.stackHigh || address >= this.lo[HP]!) return 0;
    return PANIC.UninitalizedMemoryAccess;
  }

  /** 0 when [address, address + length) exists and the running context owns it. */
  checkWrite(address: number, length: number): Step {
    const step = this.checkRead(address, length);
    if (step !== 0) return step;
    return this.owns(address, length) ? 0 : PANIC.MemoryOwnership;
  }

  /** Whether the running context owns a range; of an empty range the start counts. */
  owns(address: number, length: number): boolean {
    const ssp = this.lo[SSP]!;
    const end = address + length;
    if (length === 0 && address === ssp) return true;
    if (address >= ssp && address < this.lo[SP]! && end <= this.lo[SP]!) return true;
    const hp = this.lo[HP]!;
    if (length === 0 && address === hp) return true;
    if (address < hp) return false;
    const heapEnd = this.heapEnd();
    return hp !== heapEnd && end <= heapEnd;
  }

  /** End of the heap that the running context owns: $hp at the time of the call. */
  heapEnd(): number {
    const depth = this.frames.length;
    return depth === 0 ? MEM_BYTES : this.frames[depth - 1]!.heapEnd;
  }

  /** 32 bytes at an address whose range is readable. */
  read32(address: number): B256 {
    return bytesToHex(this.mem.subarray(address, address + 32));
  }

  /** Makes stack memory exist up to `end`. Touches no register. */
  growStack(end: number): Step {
    if (end > MEM_BYTES) return PANIC.MemoryOverflow;
    if (end <= this.stackHigh) return 0;
    if (end > this.lo[HP]!) return PANIC.MemoryGrowthOverlap;
    this.stackHigh = end;
    if (end > this.#dirtyStack) this.#dirtyStack = end;
    return 0;
  }

  /** Moves $hp down; new heap is zero. Stack memory that it grows into is gone. */
  growHeap(length: number): Step {
    const hp = this.lo[HP]! - length;
    if (hp < 0) return PANIC.MemoryOverflow;
    if (hp < this.lo[SP]!) return PANIC.MemoryGrowthOverlap;
    this.lo[HP] = hp;
    if (hp < this.stackHigh) {
      this.mem.fill(0, hp, this.stackHigh);
      this.stackHigh = hp;
    }
    return 0;
  }

  /** Takes gas from $cgas and $ggas. Unit: gas, up to 2^64 − 1. */
  chargeGas(gas: number | bigint): Step {
    if (typeof gas === 'number' && gas < TWO32) return this.#charge(gas, 0);
    const wide = BigInt(gas);
    return this.#charge(Number(wide & 0xffff_ffffn), Number(wide >> 32n));
  }

  /** Charges the fixed price of an opcode. */
  chargeFixed(code: number): Step {
    const price = this.gas!.hot[code]!;
    if (price <= HOT_BUDGET_MAX) return this.#charge(price, 0);
    const cost = this.gas!.byCode[code];
    if (cost === undefined) return PANIC.GasCostNotDefined;
    return this.chargeGas(typeof cost === 'bigint' ? cost : cost.base);
  }

  /**
   * Charges the price of an opcode for a number of units, and keeps the number: it may have come
   * from a gas register, which the charge changes.
   */
  chargeUnits(code: number, units: bigint): Step {
    this.units = units;
    const { hot, unitsPerGas, byCode } = this.gas!;
    const base = hot[code]!;
    if (base <= HOT_BUDGET_MAX && units <= UNITS_FAST_MAX) {
      return this.#charge(base + Math.floor(Number(units) / unitsPerGas[code]!), 0);
    }
    return this.chargeDependent(byCode[code], units);
  }

  /** A length operand as it was before the charge for it. Rounded above 2^53, as `num`. */
  lengthOf(register: number): number {
    return register === GGAS || register === CGAS ? Number(this.units) : this.num(register);
  }

  /** What the hot loop may spend by itself; `chargeGas` takes what it spent. Unit: gas. */
  hotBudget(): number {
    const low = this.lo[CGAS]!;
    return this.hi[CGAS] !== 0 || low > HOT_BUDGET_MAX ? HOT_BUDGET_MAX : low;
  }

  #charge(low: number, high: number): Step {
    const { lo, hi } = this;
    const left = lo[CGAS]! - low;
    const leftHigh = hi[CGAS]! - high - (left < 0 ? 1 : 0);
    if (leftHigh < 0) return this.#exhaust();
    lo[CGAS] = left;
    hi[CGAS] = leftHigh;
    const all = lo[GGAS]! - low;
    lo[GGAS] = all;
    hi[GGAS] = hi[GGAS]! - high - (all < 0 ? 1 : 0);
    return 0;
  }

  /** Not enough gas: what the context had is lost. */
  #exhaust(): Step {
    const left = this.reg(GGAS) - this.reg(CGAS);
    this.setReg(GGAS, left < 0n ? 0n : left);
    this.setReg(CGAS, 0n);
    return PANIC.OutOfGas;
  }

  /** Charges the whole price for `units`. undefined: the gas table does not define it. */
  chargeDependent(cost: GasCostValue | undefined, units: bigint): Step {
    if (cost === undefined) return PANIC.GasCostNotDefined;
    return this.chargeGas(wholeCost(cost, units));
  }

  /** Appends a receipt while there is place. */
  pushReceipt(receipt: Receipt): Step {
    if (!receiptFits(this.receipts.count, receipt.type)) return PANIC.TooManyReceipts;
    this.receipts.push(receipt);
    return 0;
  }

  /** Ends the execution without a result. `name`: the reference's name of the reason. */
  refuse(name: string): Step {
    this.refused = name;
    return HALT.refused;
  }
}

const idle: Machine[] = [];
const IDLE_MAX = 2;

/** A machine of this thread's pool, ready for `ctx`. Give it back with {@link releaseMachine}. */
export function acquireMachine(ctx: VmContext): Machine {
  const m = idle.pop() ?? new Machine();
  m.start(ctx);
  return m;
}

/** The caller must not touch the machine, or views of its memory, any more. */
export function releaseMachine(m: Machine): void {
  m.end();
  if (idle.length < IDLE_MAX) idle.push(m);
}
