/** Instructions of WebAssembly that the hash kernels need, by what they do. */
import { ByteSink } from './encode.ts';

const OP = {
  loop: 0x03,
  block: 0x02,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  call: 0x10,
  get: 0x20,
  set: 0x21,
  tee: 0x22,
  i32Load: 0x28,
  i32Load8: 0x2d,
  i64Load: 0x29,
  i32Store: 0x36,
  i64Store: 0x37,
  i64Load32: 0x35,
  i64Store32: 0x3e,
  i32Store8: 0x3a,
  i32Const: 0x41,
  i64Const: 0x42,
} as const;

/** Instructions without operands in the code. */
const PLAIN = {
  return: 0x0f,
  drop: 0x1a,
  i32Eqz: 0x45,
  i32Eq: 0x46,
  i32Ne: 0x47,
  i32LtU: 0x49,
  i32GtU: 0x4b,
  i32GeU: 0x4f,
  i64Eqz: 0x50,
  i64LtU: 0x54,
  i64GtU: 0x56,
  i64GeU: 0x5a,
  i32Clz: 0x67,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32And: 0x71,
  i32Or: 0x72,
  i32Xor: 0x73,
  i32Shl: 0x74,
  i32ShrU: 0x76,
  i32Rotl: 0x77,
  i32Rotr: 0x78,
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
  i64Rotl: 0x89,
  i32Wrap: 0xa7,
  i64ExtendU: 0xad,
} as const;

const VECTOR_PREFIX = 0xfd;
const VECTOR = {
  load: 0x00,
  load32Splat: 0x09,
  store: 0x0b,
  const: 0x0c,
  shuffle: 0x0d,
  swizzle: 0x0e,
  splat32: 0x11,
  and: 0x4e,
  or: 0x50,
  xor: 0x51,
  anyTrue: 0x53,
  shl32: 0xab,
  shr32: 0xad,
  shr64: 0xcd,
  add32: 0xae,
  extract32: 0x1b,
  replace32: 0x1c,
} as const;
/** Bytes of four 32-bit lanes, each lane from its last byte to its first. */
const BACKWARDS: readonly number[] = [15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0];
const REVERSED: readonly number[] = [3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12];

/** A place outside: the result is zero. */
const NO_BYTE = 0xff;

const NO_RESULT = 0x40;

/** A function body under construction. */
export class Code {
  readonly sink: ByteSink = new ByteSink();

  #with(op: number, index: number): this {
    this.sink.byte(op);
    this.sink.u32(index);
    return this;
  }

  get(local: number): this {
    return this.#with(OP.get, local);
  }
  set(local: number): this {
    return this.#with(OP.set, local);
  }
  tee(local: number): this {
    return this.#with(OP.tee, local);
  }
  call(index: number): this {
    return this.#with(OP.call, index);
  }
  br(depth: number): this {
    return this.#with(OP.br, depth);
  }
  brIf(depth: number): this {
    return this.#with(OP.brIf, depth);
  }
  i32(value: number): this {
    this.sink.byte(OP.i32Const);
    this.sink.s32(value);
    return this;
  }
  i64(value: bigint): this {
    this.sink.byte(OP.i64Const);
    this.sink.s64(value);
    return this;
  }

  /** Alignment is a hint only: 0 promises nothing. */
  #memory(op: number, offset: number): this {
    this.sink.byte(op);
    this.sink.u32(0);
    this.sink.u32(offset);
    return this;
  }
  load32(offset: number): this {
    return this.#memory(OP.i32Load, offset);
  }
  load8(offset: number): this {
    return this.#memory(OP.i32Load8, offset);
  }
  load64(offset: number): this {
    return this.#memory(OP.i64Load, offset);
  }
  store32(offset: number): this {
    return this.#memory(OP.i32Store, offset);
  }
  /** An unsigned 32-bit number, as 64 bits. */
  load32To64(offset: number): this {
    return this.#memory(OP.i64Load32, offset);
  }
  /** The low 32 bits of 64. */
  store64To32(offset: number): this {
    return this.#memory(OP.i64Store32, offset);
  }
  store64(offset: number): this {
    return this.#memory(OP.i64Store, offset);
  }
  store8(offset: number): this {
    return this.#memory(OP.i32Store8, offset);
  }

  op(name: keyof typeof PLAIN): this {
    this.sink.byte(PLAIN[name]);
    return this;
  }

  /**
   * Copies fewer than some hundred bytes from the address in local `from`, which is moved, to that
   * in `to`, which is moved; `count` is left 0. (The instruction for it leaves WebAssembly.)
   */
  copyShort(from: number, to: number, count: number): this {
    const step = (bytes: number, move: () => void): void => {
      this.block(() => {
        this.loop(() => {
          this.get(count).i32(bytes).op('i32LtU').brIf(1);
          this.get(to).get(from);
          move();
          for (const local of [from, to]) this.get(local).i32(bytes).op('i32Add').set(local);
          this.get(count).i32(bytes).op('i32Sub').set(count).br(0);
        });
      });
    };
    step(8, () => this.load64(0).store64(0));
    step(1, () => this.load8(0).store8(0));
    return this;
  }

  /** Stack: address. Leaves 16 bytes as four 32-bit lanes whose bytes are reversed. */
  loadSwapped(offset: number): this {
    return this.#vector(VECTOR.load).#immediates(0, offset).#reversed();
  }
  /** Stack: address, four lanes: stores them with the bytes of each reversed. */
  storeSwapped(offset: number): this {
    return this.#reversed().#vector(VECTOR.store).#immediates(0, offset);
  }
  /** Stack: address. Leaves the 16 bytes there, from last to first. */
  loadReversed(offset: number): this {
    return this.#vector(VECTOR.load).#immediates(0, offset).#bytesOf(BACKWARDS);
  }
  /** Stack: address, 16 bytes. */
  storeVector(offset: number): this {
    return this.#vector(VECTOR.store).#immediates(0, offset);
  }

  /** Stack: address. Leaves the 16 bytes there. */
  loadVector(offset: number): this {
    return this.#vector(VECTOR.load).#immediates(0, offset);
  }
  /** Stack: address. Leaves four lanes of the number there. */
  loadSplat(offset: number): this {
    return this.#vector(VECTOR.load32Splat).#immediates(0, offset);
  }
  /** Stack: four lanes. Leaves whether some bit is set. */
  anyTrue(): this {
    return this.#vector(VECTOR.anyTrue);
  }
  /** Leaves four lanes of constants. */
  constants(words: readonly number[]): this {
    this.#vector(VECTOR.const);
    for (const word of words) {
      for (let shift = 0; shift < 32; shift += 8) this.sink.byte((word >>> shift) & 255);
    }
    return this;
  }
  /** Stack: two vectors, eight words of 32 bits in all. Leaves four of them, from `first` on. */
  fourFrom(first: number): this {
    return this.fourOf(first, first + 1, first + 2, first + 3);
  }
  /** Stack: two vectors, eight words of 32 bits in all. Leaves the four with these numbers. */
  fourOf(...numbers: readonly [number, number, number, number]): this {
    const bytes = numbers.flatMap((n) => [n * 4, n * 4 + 1, n * 4 + 2, n * 4 + 3]);
    return this.#vector(VECTOR.shuffle).#immediates(...bytes);
  }
  /** Stack: four lanes. Leaves those with these numbers; null: zero. */
  lanesOf(numbers: readonly (0 | 1 | 2 | 3 | null)[]): this {
    const byte = (n: number | null, i: number): number => (n === null ? NO_BYTE : n * 4 + i);
    return this.#bytesOf(numbers.flatMap((n) => [0, 1, 2, 3].map((i) => byte(n, i))));
  }
  /** Stack: four lanes, a number for shifts. Lane by lane. */
  lanes(name: 'add32' | 'and' | 'or' | 'xor' | 'shl32' | 'shr32' | 'shr64'): this {
    return this.#vector(VECTOR[name]);
  }

  /** Stack: four lanes. Leaves one of them. */
  lane(index: number): this {
    return this.#vector(VECTOR.extract32).#immediates(index);
  }
  /** Stack: a number. Leaves four lanes of it. */
  splat(): this {
    return this.#vector(VECTOR.splat32);
  }
  /** Stack: four lanes, a number: puts it into one of them. */
  replaceLane(index: number): this {
    return this.#vector(VECTOR.replace32).#immediates(index);
  }

  #vector(op: number): this {
    this.sink.byte(VECTOR_PREFIX);
    this.sink.u32(op);
    return this;
  }
  #immediates(...values: readonly number[]): this {
    for (const value of values) this.sink.u32(value);
    return this;
  }
  #reversed(): this {
    return this.#bytesOf(REVERSED);
  }
  /** With constant places this is one instruction of the processor; a shuffle may become six. */
  #bytesOf(places: readonly number[]): this {
    this.#vector(VECTOR.const).#bytes(places);
    return this.#vector(VECTOR.swizzle);
  }
  #bytes(values: readonly number[]): this {
    for (const value of values) this.sink.byte(value);
    return this;
  }

  /** Stack: a number. Runs `inside` when it is not zero, else `otherwise`. */
  either(inside: () => void, otherwise: () => void): this {
    return this.if(() => {
      inside();
      this.sink.byte(OP.else);
      otherwise();
    });
  }
  block(inside: () => void): this {
    return this.#around(OP.block, inside);
  }
  /** Stack: a number. Runs `inside` when it is not zero. */
  if(inside: () => void): this {
    return this.#around(OP.if, inside);
  }
  /** Runs `inside` as long as `condition`, which leaves a number, leaves one that is not zero. */
  while(condition: () => void, inside: () => void): this {
    return this.block(() => {
      this.loop(() => {
        condition();
        this.op('i32Eqz').brIf(1);
        inside();
        this.br(0);
      });
    });
  }
  loop(inside: () => void): this {
    return this.#around(OP.loop, inside);
  }
  #around(op: number, inside: () => void): this {
    this.sink.byte(op);
    this.sink.byte(NO_RESULT);
    inside();
    this.sink.byte(OP.end);
    return this;
  }

  body(): Uint8Array {
    return this.sink.view().slice();
  }
}
