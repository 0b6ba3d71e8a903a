/**
 * Programs as text: an instruction a line, with labels and comments, on top of `asm.ts`.
 *
 * ```text
 * MOVI $16 3          // names in any case, registers with or without $
 * loop:               // a label names the next word
 * SUBI $16 $16 1
 * JNZI $16 loop       // JI, JNEI, JNZI: words from the start of the program
 * JNZB $16 $zero loop // JMPF, JMPB, JNZF, JNZB, JNEF, JNEB: words from here, the distance is made
 * MOVI $17 @text      // @label: bytes from the start of the program
 * RET $one
 * text: .ascii "hi"   // .ascii "…", .bytes 0x…, .word 0x…: filled up to whole words
 * ```
 */
import { concatBytes, hexToBytes, utf8 } from '../primitives/bytes.ts';
import { CodedError } from '../primitives/errors.ts';
import { parseInstruction } from './asm.ts';

const WORD_BYTES = 4;

export type AssembledProgram = {
  readonly code: Uint8Array;
  /** For each word of the code the line of the text that it came from, from 1. */
  readonly lines: readonly number[];
  /** Offset of each label. Unit: bytes. */
  readonly labels: ReadonlyMap<string, number>;
};

type Statement = {
  readonly line: number;
  readonly text: string;
  /** Words from the start. */
  readonly at: number;
  readonly data: Uint8Array | null;
};

const FORWARD: ReadonlySet<string> = new Set(['JMPF', 'JNZF', 'JNEF']);
const BACKWARD: ReadonlySet<string> = new Set(['JMPB', 'JNZB', 'JNEB']);
const LABEL = /^([A-Za-z_][\w.]*):\s*(.*)$/;
const NAME = /^@?[A-Za-z_][\w.]*$/;
const REGISTER = /^(zero|one|of|pc|ssp|sp|fp|hp|err|ggas|cgas|bal|is|ret|retl|flag)$/;

function refuse(line: number, why: string): never {
  throw new CodedError('BAD_ASSEMBLY', `line ${line}: ${why}`, { line });
}

/** Comments begin with `//`, `;` or `#`, but not inside quotes. */
function withoutComment(text: string): string {
  let isQuoted = false;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '"') isQuoted = !isQuoted;
    if (isQuoted) continue;
    if (text[i] === ';' || text[i] === '#' || text.startsWith('//', i)) return text.slice(0, i);
  }
  return text;
}

function padded(bytes: Uint8Array): Uint8Array {
  const rest = bytes.length % WORD_BYTES;
  return rest === 0 ? bytes : concatBytes(bytes, new Uint8Array(WORD_BYTES - rest));
}

/** The bytes of a directive; null: the text is an instruction. */
function dataOf(text: string, line: number): Uint8Array | null {
  const match = /^\.(\w+)\s+(.*)$/.exec(text);
  if (match === null) return text.startsWith('.') ? refuse(line, `what is ${text}?`) : null;
  const [, name, rest = ''] = match;
  const isHex = /^0x([0-9a-fA-F]{2})+$/.test(rest);
  if (name === 'ascii' && /^"[^"]*"$/.test(rest)) return padded(utf8(rest.slice(1, -1)));
  if (name === 'bytes' && isHex) return padded(hexToBytes(rest.toLowerCase()));
  if (name === 'word' && isHex && rest.length === 2 + 2 * WORD_BYTES) {
    return hexToBytes(rest.toLowerCase());
  }
  return refuse(line, 'data is .ascii "…", .bytes 0x… or .word 0x and 8 digits');
}

function readStatements(source: string): { statements: Statement[]; labels: Map<string, number> } {
  const statements: Statement[] = [];
  const labels = new Map<string, number>();
  let at = 0;
  source.split('\n').forEach((whole, index) => {
    const line = index + 1;
    let text = withoutComment(whole).trim();
    for (let match = LABEL.exec(text); match !== null; match = LABEL.exec(text)) {
      const name = match[1] as string;
      if (labels.has(name)) refuse(line, `there are two labels ${name}`);
      labels.set(name, at * WORD_BYTES);
      text = match[2] as string;
    }
    if (text === '') return;
    const data = dataOf(text, line);
    statements.push({ line, text, at, data });
    at += data === null ? 1 : data.length / WORD_BYTES;
  });
  return { statements, labels };
}

/** Value of a label as an argument of an instruction, in the unit that the instruction counts in. */
function distance(name: string, target: number, at: number, line: number): number {
  const words = target / WORD_BYTES;
  if (FORWARD.has(name)) {
    if (words <= at) refuse(line, `${name} jumps forward, the label is behind it: take its B form`);
    return words - at - 1;
  }
  if (BACKWARD.has(name)) {
    if (words >= at) refuse(line, `${name} jumps back, the label is ahead: take its F form`);
    return at - words - 1;
  }
  return words;
}

function encodeLine(statement: Statement, labels: ReadonlyMap<string, number>): Uint8Array {
  const { text, at, line } = statement;
  const [first = '', ...args] = text.split(/[\s,]+/).filter(Boolean);
  const name = first.toUpperCase();
  const values = args.map((arg) => {
    if (arg.startsWith('$') || REGISTER.test(arg)) return arg.toLowerCase();
    if (/^0x[0-9a-f]+$/i.test(arg)) return String(Number(arg));
    if (!NAME.test(arg)) return arg;
    const target = labels.get(arg.replace('@', ''));
    if (target === undefined) return refuse(line, `there is no label or register ${arg}`);
    return String(arg.startsWith('@') ? target : distance(name, target, at, line));
  });
  try {
    const word = new Uint8Array(WORD_BYTES);
    new DataView(word.buffer).setUint32(0, parseInstruction([name, ...values].join(' ')));
    return word;
  } catch (error) {
    return refuse(line, error instanceof Error ? error.message : String(error));
  }
}

/** @throws CodedError BAD_ASSEMBLY, which names the line */
export function assembleText(source: string): AssembledProgram {
  const { statements, labels } = readStatements(source);
  const parts = statements.map((each) => each.data ?? encodeLine(each, labels));
  const lines = parts.flatMap((part, i) => {
    return new Array<number>(part.length / WORD_BYTES).fill(statements[i]!.line);
  });
  return { code: concatBytes(...parts), lines, labels };
}
