/** WebAssembly instructions as method calls: the body of one function under construction. */
import { ByteSink, I32, I64, V128, type ValueType } from '../../primitives/wasm/encode.ts';

/** Opcodes without immediates. */
const PLAIN = {
  unreachable: 0x00,
  return: 0x0f,
  select: 0x1b,
  i32Eqz: 0x45,
  i32Eq: 0x46,
  i32Ne: 0x47,
  i32LtS: 0x48,
  i32LtU: 0x49,
  i32GtS: 0x4a,
  i32GtU: 0x4b,
  i32GeS: 0x4e,
  i32LeU: 0x4d,
  i32GeU: 0x4f,
  i64Eqz: 0x50,
  i64Eq: 0x51,
  i64Ne: 0x52,
  i64Clz: 0x79,
  i64LtU: 0x54,
  i64GtU: 0x56,
  i64GeU: 0x5a,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32DivU: 0x6e,
  i32And: 0x71,
  i32Or: 0x72,
  i32Xor: 0x73,
  i32Shl: 0x74,
  i32ShrU: 0x76,
  i64Add: 0x7c,
  i64Sub: 0x7d,
  i64Mul: 0x7e,
  i64DivU: 0x80,
  i64RemU: 0x82,
  i64And: 0x83,
  i64Or: 0x84,
  i64Xor: 0x85,
  i64Shl: 0x86,
  i64ShrS: 0x87,
  i64ShrU: 0x88,
  i32WrapI64: 0xa7,
  i64ExtendU: 0xad,
} as const;
export type PlainOp = keyof typeof PLAIN;

/** Loads and stores, always without a promise of alignment. */
const MEMORY = {
  i32Load: 0x28,
  i64Load: 0x29,
  i64Load8U: 0x31,
  i64Load16U: 0x33,
  i64Load32U: 0x35,
  i32Store: 0x36,
  i64Store: 0x37,
  i64Store8: 0x3c,
  i64Store16: 0x3d,
  i64Store32: 0x3e,
} as const;
export type MemoryOp = keyof typeof MEMORY;

/** Vector operations; what follows them are bytes of theirs: lanes, or an alignment and an offset. */
const VECTOR = {
  load: 0x00,
  load64Splat: 0x0a,
  store: 0x0b,
  shuffle: 0x0d,
  swizzle: 0x0e,
  splat64: 0x12,
  extract64: 0x1d,
  replace64: 0x1e,
  and: 0x4e,
  andNot: 0x4f,
  or: 0x50,
  xor: 0x51,
  anyTrue: 0x53,
  load64Zero: 0x5d,
  bits64: 0xc4,
  add64: 0xce,
  sub64: 0xd1,
  eq64: 0xd6,
  less64: 0xd8,
  addF64: 0xf0,
  subF64: 0xf1,
  mulF64: 0xf2,
  divF64: 0xf3,
  fromLowU32: 0xff,
} as const;
export type VectorOp = keyof typeof VECTOR;

const VECTOR_CONST = 0x0c;
const VOID = 0x40;
const SIMD = 0xfd;
const BULK = 0xfc;
/** Bytes of the low word from last to first, in both words. */
const REVERSED_WORD: readonly number[] = [7, 6, 5, 4, 3, 2, 1, 0, 7, 6, 5, 4, 3, 2, 1, 0];

/** Sixteen bytes from last to first. */
const REVERSED_PAIR: readonly number[] = [15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0];

/** A construct that a branch can leave or repeat. */
export type Label = { depth: number };

/** A function body; `local` numbers follow the parameters in the order of their making. */
export class Emitter {
  readonly sink: ByteSink = new ByteSink();
  readonly locals: ValueType[] = [];
  readonly #paramCount: number;
  #depth = 0;
  #vector = -1;
  #upper = -1;

  constructor(paramCount: number) {
    this.#paramCount = paramCount;
  }

  newLocal(type: typeof I32 | typeof I64 | typeof V128): number {
    this.locals.push(type);
    return this.#paramCount + this.locals.length - 1;
  }

  #indexed(op: number, index: number): this {
    this.sink.byte(op);
    this.sink.u32(index);
    return this;
  }
  get(local: number): this {
    return this.#indexed(0x20, local);
  }
  set(local: number): this {
    return this.#indexed(0x21, local);
  }
  tee(local: number): this {
    return this.#indexed(0x22, local);
  }
  call(index: number): this {
    return this.#indexed(0x10, index);
  }
  i32(value: number): this {
    this.sink.byte(0x41);
    this.sink.s32(value);
    return this;
  }
  /** From 0 to 2^31 − 1. */
  i64(value: number): this {
    this.sink.byte(0x42);
    this.sink.s32(value);
    return this;
  }
  i64Big(value: bigint): this {
    this.sink.byte(0x42);
    this.sink.s64(value);
    return this;
  }
  op(name: PlainOp): this {
    this.sink.byte(PLAIN[name]);
    return this;
  }
  mem(name: MemoryOp, offset: number): this {
    this.sink.byte(MEMORY[name]);
    this.sink.u32(0);
    this.sink.u32(offset);
    return this;
  }

  /** Stack: address → the big-endian word there. */
  loadWord(offset = 0): this {
    this.#simd(0x0a, 0, offset);
    return this.#reverse().#simd(0x1d, 0);
  }
  /** Stack: address, word → stores it big-endian. */
  storeWord(offset = 0): this {
    this.#simd(0x12);
    return this.#reverse().#simd(0x5b, 0, offset, 0);
  }
  /** Stack: word → its bytes in reverse. */
  swapWord(): this {
    this.#simd(0x12);
    return this.#reverse().#simd(0x1d, 0);
  }
  /** Stack: address → two big-endian words there, for {@link pairWord}. */
  loadPair(offset = 0): this {
    this.#simd(0x00, 0, offset);
    if (this.#vector < 0) this.#vector = this.newLocal(V128);
    return this.#permute(REVERSED_PAIR).set(this.#vector);
  }
  /** Stack: vector → its bytes from last to first. */
  reversed(): this {
    return this.#permute(REVERSED_PAIR);
  }
  /** → a word of the pair that was loaded last, 0 for the lower one. */
  pairWord(lane: 0 | 1): this {
    return this.get(this.#vector).#simd(0x1d, lane);
  }
  /** Stack: address, lower word, upper word → stores them as {@link loadPair} reads them. */
  storePair(offset = 0): this {
    const upper = this.#upperLocal();
    this.set(upper).#simd(0x12).get(upper).#simd(0x1e, 1);
    return this.#permute(REVERSED_PAIR).#simd(0x0b, 0, offset);
  }
  #upperLocal(): number {
    if (this.#upper < 0) this.#upper = this.newLocal(I64);
    return this.#upper;
  }
  #reverse(): this {
    return this.#permute(REVERSED_WORD);
  }
  /** By a constant, not by a shuffle: the host makes one only once in a function. */
  #permute(bytes: readonly number[]): this {
    return this.vectorOf(bytes).vector('swizzle');
  }
  #simd(op: number, ...immediates: readonly number[]): this {
    this.sink.byte(SIMD);
    this.sink.u32(op);
    for (const value of immediates) this.sink.u32(value);
    return this;
  }
  /** An operation on vectors, with what stands behind it. */
  vector(name: VectorOp, ...immediates: readonly number[]): this {
    return this.#simd(VECTOR[name], ...immediates);
  }
  /** Pushes the vector of sixteen bytes, the lowest first. */
  vectorOf(bytes: readonly number[]): this {
    this.#simd(VECTOR_CONST);
    for (const value of bytes) this.sink.byte(value);
    return this;
  }
  /** Stack: to, from, length. */
  copyMemory(): this {
    for (const byte of [BULK, 0x0a, 0, 0]) this.sink.byte(byte);
    return this;
  }
  /** Stack: to, value, length. */
  fillMemory(): this {
    for (const byte of [BULK, 0x0b, 0]) this.sink.byte(byte);
    return this;
  }

  #open(op: number): Label {
    this.sink.byte(op);
    this.sink.byte(VOID);
    this.#depth += 1;
    return { depth: this.#depth };
  }
  /** A branch to it goes behind its `end`. */
  block(): Label {
    return this.#open(0x02);
  }
  /** A branch to it goes to its start. */
  loop(): Label {
    return this.#open(0x03);
  }
  /** Takes a condition from the stack. */
  if(): Label {
    return this.#open(0x04);
  }
  else(): this {
    this.sink.byte(0x05);
    return this;
  }
  end(): this {
    this.#depth -= 1;
    this.sink.byte(0x0b);
    return this;
  }
  br(label: Label): this {
    return this.#indexed(0x0c, this.#depth - label.depth);
  }
  brIf(label: Label): this {
    return this.#indexed(0x0d, this.#depth - label.depth);
  }
  /** Stack: index. */
  brTable(labels: readonly Label[], other: Label): this {
    this.sink.byte(0x0e);
    this.sink.u32(labels.length);
    for (const label of labels) this.sink.u32(this.#depth - label.depth);
    this.sink.u32(this.#depth - other.depth);
    return this;
  }

  body(): Uint8Array {
    return this.sink.view().slice();
  }
}

export { I32, I64, V128 };
