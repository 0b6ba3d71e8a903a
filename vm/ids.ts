/**
 * Ids in memory as text. The same few ids are read again and again: their texts are kept, so that
 * nothing is converted, and maps that are asked for them need not hash them anew.
 */
import { bytesToHex } from '../primitives/bytes.ts';
import type { B256 } from '../primitives/types.ts';

/** Texts that are kept; a power of two. */
const TEXTS = 1024;
const INDEX_SHIFT = 22;
const WORDS = 8;

const words = new Uint32Array(TEXTS * WORDS);
const texts: (B256 | undefined)[] = new Array<undefined>(TEXTS).fill(undefined);

/** The 32 bytes at an offset, which lie inside the view. */
export function idText(view: DataView, at: number): B256 {
  const a = view.getUint32(at);
  const b = view.getUint32(at + 4);
  const c = view.getUint32(at + 8);
  const d = view.getUint32(at + 12);
  const e = view.getUint32(at + 16);
  const f = view.getUint32(at + 20);
  const g = view.getUint32(at + 24);
  const h = view.getUint32(at + 28);
  const mixed =
    Math.imul(a ^ d, 0x9e37_79b1) ^ Math.imul(h ^ g, 0x85eb_ca77) ^ Math.imul(e, 0x0100_0193);
  const index = mixed >>> INDEX_SHIFT;
  const i = index * WORDS;
  const known = texts[index];
  if (
    known !== undefined &&
    words[i] === a &&
    words[i + 1] === b &&
    words[i + 2] === c &&
    words[i + 3] === d &&
    words[i + 4] === e &&
    words[i + 5] === f &&
    words[i + 6] === g &&
    words[i + 7] === h
  ) {
    return known;
  }
  const text = bytesToHex(new Uint8Array(view.buffer, view.byteOffset + at, WORDS * 4));
  words.set([a, b, c, d, e, f, g, h], i);
  texts[index] = text;
  return text;
}
