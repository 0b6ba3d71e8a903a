/**
 * Assembler and disassembler, derived from the instruction table. `gen/op.ts` has one typed
 * function an instruction on top of {@link encodeInstruction}.
 */
import { CodedError } from '../primitives/errors.ts';
import { ISA } from './isa.ts';
import type { OpRow } from './row.ts';

const WORD_BYTES = 4;
const CODE_BITS = 24;
const REGISTER_BITS = 6;

/** Names of the system registers, by index. */
export const REGISTER_NAMES: readonly string[] = [
  'zero',
  'one',
  'of',
  'pc',
  'ssp',
  'sp',
  'fp',
  'hp',
  'err',
  'ggas',
  'cgas',
  'bal',
  'is',
  'ret',
  'retl',
  'flag',
];

const byCode: ReadonlyMap<number, OpRow> = new Map(ISA.map((row) => [row.code, row]));
const byName: ReadonlyMap<string, OpRow> = new Map(ISA.map((row) => [row.name, row]));

/** A word that is an instruction, or why it is none. */
export type Decoded =
  | { readonly ok: true; readonly row: OpRow; readonly args: readonly number[] }
  | { readonly ok: false; readonly reason: 'unknown opcode' | 'reserved bits set' };

/** Width of an argument in the word. Unit: bits. */
function bitsOf(spec: string): number {
  const kind = spec.slice(spec.indexOf(':') + 1);
  return kind === 'R' ? REGISTER_BITS : Number(kind.slice(1));
}

function isRegister(spec: string): boolean {
  return spec.endsWith(':R');
}

/** Decodes one 32-bit word. */
export function decodeInstruction(word: number): Decoded {
  const row = byCode.get(word >>> CODE_BITS);
  if (row === undefined) return { ok: false, reason: 'unknown opcode' };
  let at = CODE_BITS;
  const args = row.args.map((spec) => {
    const bits = bitsOf(spec);
    at -= bits;
    return (word >>> at) & (2 ** bits - 1);
  });
  if ((word & (2 ** at - 1)) !== 0) return { ok: false, reason: 'reserved bits set' };
  return { ok: true, row, args };
}

/**
 * Packs an instruction; `args` in the order of the table.
 * @throws CodedError BAD_INSTRUCTION: unknown name, wrong number of arguments, value out of range
 */
export function encodeInstruction(name: string, args: readonly number[]): number {
  const row = byName.get(name);
  if (row === undefined) {
    throw new CodedError('BAD_INSTRUCTION', `${name} is no instruction`, { name });
  }
  if (args.length !== row.args.length) {
    const wanted = `${name} takes ${row.args.length} arguments: ${row.args.join(' ')}`;
    throw new CodedError('BAD_INSTRUCTION', wanted, { name });
  }
  let at = CODE_BITS;
  let word = row.code * 2 ** CODE_BITS;
  row.args.forEach((spec, i) => {
    const bits = bitsOf(spec);
    const value = args[i]!;
    if (!Number.isInteger(value) || value < 0 || value >= 2 ** bits) {
      const wanted = `${name}: ${spec} takes 0 to ${2 ** bits - 1}, not ${value}`;
      throw new CodedError('BAD_INSTRUCTION', wanted, { name, value });
    }
    at -= bits;
    word += value * 2 ** at;
  });
  return word;
}

/** Bytes of a program. */
export function assemble(words: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(words.length * WORD_BYTES);
  const view = new DataView(bytes.buffer);
  words.forEach((word, i) => {
    view.setUint32(i * WORD_BYTES, word);
  });
  return bytes;
}

function argText(spec: string, value: number): string {
  return isRegister(spec) ? `$${REGISTER_NAMES[value] ?? value}` : String(value);
}

/** `ADDI $16 $zero 5`; words that are no instruction print as `.word 0x…`. */
export function formatInstruction(word: number): string {
  const decoded = decodeInstruction(word);
  if (!decoded.ok) return `.word 0x${(word >>> 0).toString(16).padStart(8, '0')}`;
  const { row, args } = decoded;
  return [row.name, ...row.args.map((spec, i) => argText(spec, args[i]!))].join(' ');
}

/** One line a word; up to three bytes after the last whole word are left out. */
export function disassemble(bytes: Uint8Array): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const lines: string[] = [];
  for (let at = 0; at + WORD_BYTES <= bytes.length; at += WORD_BYTES) {
    lines.push(formatInstruction(view.getUint32(at)));
  }
  return lines;
}

function parseArg(spec: string, text: string, line: string): number {
  if (!isRegister(spec)) return Number(text);
  const name = text.startsWith('$') ? text.slice(1) : text;
  const system = REGISTER_NAMES.indexOf(name);
  if (system !== -1) return system;
  if (/^\d+$/.test(name)) return Number(name);
  throw new CodedError('BAD_INSTRUCTION', `${text} is no register in: ${line}`, { line });
}

/** The reverse of {@link formatInstruction}. @throws CodedError BAD_INSTRUCTION */
export function parseInstruction(line: string): number {
  const [name, ...texts] = line.trim().split(/\s+/);
  if (name === '.word') return Number(texts[0]);
  const row = byName.get(name ?? '');
  if (row === undefined) {
    throw new CodedError('BAD_INSTRUCTION', `no instruction in: ${line}`, { line });
  }
  return encodeInstruction(
    row.name,
    texts.map((text, i) => parseArg(row.args[i] ?? ':I24', text, line)),
  );
}
