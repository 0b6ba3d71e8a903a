/** Checks one decoding vector: names, registers, immediates, and why a word is no instruction. */
import {
  decodeInstruction,
  encodeInstruction,
  formatInstruction,
  parseInstruction,
} from '../../vm/asm.ts';
import { asArray, asString, type Json, type JsonObject, jsonDifference } from './json.ts';

/** What the reference prints of a word, without its debug text. */
function formOf(word: number): Json {
  const decoded = decodeInstruction(word);
  if (!decoded.ok) return { invalid: decoded.reason };
  const { row, args } = decoded;
  const isImmediate = row.args.map((spec) => !spec.endsWith(':R'));
  const regs = args.filter((_, i) => !isImmediate[i]);
  const imm = args.find((_, i) => isImmediate[i]);
  return imm === undefined ? { name: row.name, regs } : { name: row.name, regs, imm };
}

/** The debug text has the reference's names of arguments: only its values are compared. */
function withoutText(entry: Json): Json {
  const { text, ...rest } = entry as JsonObject;
  return rest;
}

function valuesIn(text: string): number[] {
  return [...text.matchAll(/: (0x[0-9a-f]+|\d+)/g)].map(([, value]) => Number(value));
}

/** A decoded word must also print its values, and come back from text and from its parts. */
function roundTripDifference(word: number, theirs: JsonObject): string | null {
  const decoded = decodeInstruction(word);
  if (!decoded.ok) return null;
  const text = theirs['text'];
  if (typeof text === 'string') {
    const difference = jsonDifference(valuesIn(text), [...decoded.args]);
    if (difference !== null) return `values of ${text}: ${difference}`;
  }
  if (encodeInstruction(decoded.row.name, decoded.args) !== word) return 'packs differently';
  return parseInstruction(formatInstruction(word)) === word ? null : 'prints differently';
}

/** null: equal; else the first difference. */
export function checkAsmVector(request: JsonObject, answer: JsonObject): string | null {
  const words = asArray(request['words']).map((word) =>
    Number.parseInt(asString(word, 'word'), 16),
  );
  const theirs = asArray(answer['instructions']);
  if (words.length !== theirs.length) return `${words.length} words, ${theirs.length} answers`;
  for (const [i, word] of words.entries()) {
    const expected = theirs[i] as JsonObject;
    const difference =
      jsonDifference(formOf(word), withoutText(expected)) ?? roundTripDifference(word, expected);
    if (difference !== null) return `word ${word.toString(16)}: ${difference}`;
  }
  return null;
}
