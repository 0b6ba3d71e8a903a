/**
 * Functions of a WebAssembly module as text, for people who want to see what the engine made of a
 * program. Knows the instructions that this package emits.
 *
 * @source WebAssembly core specification, binary and text format
 */
import { assert } from '../primitives/errors.ts';

/** By opcode. The part behind the blank says what follows the opcode. */
const NAMES: Readonly<Record<number, string>> = {
  0: 'unreachable',
  2: 'block >',
  3: 'loop >',
  4: 'if >',
  5: 'else <',
  11: 'end <',
  12: 'br u',
  13: 'br_if u',
  14: 'br_table t',
  15: 'return',
  16: 'call f',
  26: 'drop',
  27: 'select',
  32: 'local.get l',
  33: 'local.set l',
  34: 'local.tee l',
  40: 'i32.load m',
  41: 'i64.load m',
  45: 'i32.load8_u m',
  49: 'i64.load8_u m',
  51: 'i64.load16_u m',
  53: 'i64.load32_u m',
  54: 'i32.store m',
  55: 'i64.store m',
  58: 'i32.store8 m',
  60: 'i64.store8 m',
  61: 'i64.store16 m',
  62: 'i64.store32 m',
  65: 'i32.const s',
  66: 'i64.const s',
};

/** Opcodes in a row, without anything behind them. */
const ROWS: readonly (readonly [first: number, names: string])[] = [
  [0x45, 'i32: eqz eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u'],
  [0x50, 'i64: eqz eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u'],
  [0x67, 'i32: clz ctz popcnt add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u'],
  [0x77, 'i32: rotl rotr'],
  [0x79, 'i64: clz ctz popcnt add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u'],
  [0x89, 'i64: rotl rotr'],
  [0xa7, 'i32: wrap_i64'],
  [0xac, 'i64: extend_i32_s extend_i32_u'],
];

/** Behind 0xfd. */
const VECTOR_NAMES: Readonly<Record<number, string>> = {
  0: 'v128.load m',
  10: 'v128.load64_splat m',
  11: 'v128.store m',
  12: 'v128.const 16',
  9: 'v128.load32_splat m',
  13: 'i8x16.shuffle 16',
  14: 'i8x16.swizzle',
  17: 'i32x4.splat',
  18: 'i64x2.splat',
  27: 'i32x4.extract_lane 1',
  28: 'i32x4.replace_lane 1',
  29: 'i64x2.extract_lane 1',
  30: 'i64x2.replace_lane 1',
  78: 'v128.and',
  79: 'v128.andnot',
  80: 'v128.or',
  81: 'v128.xor',
  83: 'v128.any_true',
  91: 'v128.store64_lane m1',
  93: 'v128.load64_zero m',
  171: 'i32x4.shl',
  173: 'i32x4.shr_u',
  174: 'i32x4.add',
  196: 'i64x2.bitmask',
  205: 'i64x2.shr_u',
  206: 'i64x2.add',
  209: 'i64x2.sub',
  214: 'i64x2.eq',
  216: 'i64x2.lt_s',
  240: 'f64x2.add',
  241: 'f64x2.sub',
  242: 'f64x2.mul',
  243: 'f64x2.div',
  255: 'f64x2.convert_low_i32x4_u',
};
/** Behind 0xfc. */
const BULK_NAMES: Readonly<Record<number, string>> = { 10: 'memory.copy 2', 11: 'memory.fill 1' };

const SECTION = { import: 2, code: 10 } as const;
const HEADER_BYTES = 8;
const KIND_FUNCTION = 0;
const TYPES: Readonly<Record<number, string>> = { 127: 'i32', 126: 'i64', 123: 'v128' };

function nameOf(op: number): string {
  const known = NAMES[op];
  if (known !== undefined) return known;
  for (const [first, names] of ROWS) {
    const [type, ...rest] = names.split(' ');
    const name = rest[op - first];
    if (op >= first && name !== undefined) return `${type!.slice(0, -1)}.${name}`;
  }
  assert(false, `opcode ${op} is one that this package emits`);
}

class Reader {
  at = 0;
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  byte(): number {
    return this.bytes[this.at++]!;
  }
  u32(): number {
    return Number(this.#leb(false));
  }
  signed(): bigint {
    return this.#leb(true);
  }
  text(): string {
    const length = this.u32();
    this.at += length;
    return new TextDecoder().decode(this.bytes.subarray(this.at - length, this.at));
  }
  #leb(isSigned: boolean): bigint {
    let value = 0n;
    let shift = 0n;
    for (;;) {
      const byte = this.byte();
      value |= BigInt(byte & 127) << shift;
      shift += 7n;
      if (byte < 128) return isSigned ? BigInt.asIntN(Number(shift), value) : value;
    }
  }
}

/** Names of locals by number, and of functions by number. */
type Words = {
  readonly local: (index: number) => string;
  readonly call: (index: number) => string;
};

/** What follows an opcode, by the letter behind its name. */
function immediates(r: Reader, how: string, words: Words): string {
  switch (how) {
    case '>':
      r.byte();
      return '';
    case 'u':
      return ` ${r.u32()}`;
    case 'f':
      return ` ${words.call(r.u32())}`;
    case 'l':
      return ` ${words.local(r.u32())}`;
    case 's':
      return ` ${r.signed()}`;
    case 't':
      return ` ${Array.from({ length: r.u32() + 1 }, () => r.u32()).join(' ')}`;
    case 'm':
    case 'm1': {
      r.u32();
      const offset = r.u32();
      const lane = how === 'm1' ? ` ${r.byte()}` : '';
      return (offset === 0 ? '' : ` offset=${offset}`) + lane;
    }
    case '1':
    case '16':
      return ` ${Array.from({ length: Number(how) }, () => r.byte()).join(' ')}`;
    case '2':
      r.at += 2;
      return '';
    default:
      return '';
  }
}

function instructionName(r: Reader): string {
  const op = r.byte();
  if (op !== 0xfc && op !== 0xfd) return nameOf(op);
  const name = (op === 0xfc ? BULK_NAMES : VECTOR_NAMES)[r.u32()];
  assert(name !== undefined, 'an instruction that this package emits');
  return name;
}

/** Lines of one body, which ends at `end`. */
function bodyLines(r: Reader, end: number, words: Words): string[] {
  const lines: string[] = [];
  let depth = 1;
  while (r.at < end) {
    const [name, how = ''] = instructionName(r).split(' ');
    if (how.startsWith('<')) depth -= 1;
    if (depth === 0) break;
    lines.push(
      `${'  '.repeat(depth)}${name}${immediates(r, how.replace('<', ''), words)}`.trimEnd(),
    );
    if (name === 'else' || how === '>') depth += 1;
  }
  r.at = end;
  return lines;
}

/** Names of imported functions, in their order. */
function importedFunctions(r: Reader): string[] {
  const names: string[] = [];
  for (let left = r.u32(); left > 0; left--) {
    r.text();
    const name = r.text();
    if (r.byte() === KIND_FUNCTION) {
      names.push(name);
      r.u32();
      continue;
    }
    const hasMaximum = r.byte() === 1;
    r.u32();
    if (hasMaximum) r.u32();
  }
  return names;
}

/**
 * The functions of a module, one text each.
 * @param localNames names of the first locals, parameters first; others are numbered
 */
export function watOf(module: Uint8Array, localNames: readonly string[] = []): string[] {
  const r = new Reader(module);
  r.at = HEADER_BYTES;
  let imported: readonly string[] = [];
  const functions: string[] = [];
  const words: Words = {
    local: (index) => `$${localNames[index] ?? index}`,
    call: (index) => `$${imported[index] ?? `f${index - imported.length}`}`,
  };
  while (r.at < module.length) {
    const section = r.byte();
    const size = r.u32();
    const end = r.at + size;
    if (section === SECTION.import) imported = importedFunctions(r);
    if (section === SECTION.code) {
      for (let left = r.u32(); left > 0; left--) {
        functions.push(functionText(r, functions.length, words));
      }
    }
    r.at = end;
  }
  return functions;
}

function functionText(r: Reader, index: number, words: Words): string {
  const bytes = r.u32();
  const end = r.at + bytes;
  const counts = new Map<string, number>();
  for (let left = r.u32(); left > 0; left--) {
    const count = r.u32();
    const type = TYPES[r.byte()] ?? '?';
    counts.set(type, (counts.get(type) ?? 0) + count);
  }
  const locals = [...counts].map(([type, count]) => `${count} ${type}`).join(', ');
  return [`func $f${index}  ;; locals: ${locals}`, ...bodyLines(r, end, words)].join('\n');
}
