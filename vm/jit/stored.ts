/**
 * Translated code as bytes that may be kept: bytecode, the module, and what is known about it.
 *
 * A group of them is valid for one gas table and one state of the translator. Its name is a hash
 * of what the translator makes of every instruction, so a changed translator finds nothing.
 */
import { bytesToHex, concatBytes, equalBytes } from '../../primitives/bytes.ts';
import { sha256 } from '../../primitives/hash.ts';
import { assemble, encodeInstruction } from '../asm.ts';
import type { GasTable } from '../gas.ts';
import { ISA } from '../isa.ts';
import type { CodeKind } from './cache.ts';
import { type Translated, translated } from './code.ts';
import { isKernelName } from './imports.ts';

/** Where translated code is kept. Nothing here throws: a store that fails is an empty one. */
export type ModuleStore = {
  /** Names that `write` was given in a group, in any order. */
  names(group: string): readonly string[];
  /** null: it is not there any more. */
  read(group: string, name: string): Uint8Array | null;
  write(group: string, name: string, bytes: Uint8Array): void;
  /** What was read is damaged. */
  remove(group: string, name: string): void;
};

/** Code as it comes back. */
export type StoredCode = {
  readonly code: Uint8Array;
  readonly flag: number;
  readonly isFirst: boolean;
  readonly parts: Translated;
};

/** To be raised when the form of the bytes changes. */
const FORM = 1;
const DIGEST_BYTES = 32;
const HEAD_LENGTH_BYTES = 4;
const NUMBER_BYTES = 4;
const FLAGS: readonly number[] = [0, 1, 2, 3];
const GROUP_CHARACTERS = 32;
/** Operands of the sample: program registers, and immediates that lead back into it. */
const SAMPLE_OPERANDS: readonly number[] = [20, 21, 22, 23];

/** Every instruction once, ten times over each in a loop. */
function sampleProgram(): Uint8Array {
  const words = ISA.map(({ name, args }) =>
    encodeInstruction(
      name,
      args.map((spec, i) => (spec.endsWith(':R') ? SAMPLE_OPERANDS[i]! : i + 1)),
    ),
  );
  const loop = encodeInstruction('JNZI', [SAMPLE_OPERANDS[0]!, 10]);
  return assemble([...words, loop, ...words]);
}

const groups: WeakMap<GasTable, string> = new WeakMap();

/** The group of a gas table under the present translator. */
export function groupOf(gas: GasTable): string {
  const known = groups.get(gas);
  if (known !== undefined) return known;
  const parts: Uint8Array[] = [Uint8Array.of(FORM)];
  const bytes = sampleProgram();
  for (const flag of FLAGS) {
    for (const isFirst of [true, false]) {
      const made = translated({ bytes, gas, flag, isFirst });
      if (made !== null) parts.push(made.wasm, headOf(bytes, { flag, isFirst }, made));
    }
  }
  const { hot, unitsPerGas } = gas;
  parts.push(new Uint8Array(hot.buffer), new Uint8Array(unitsPerGas.buffer));
  const group = bytesToHex(sha256(concatBytes(...parts))).slice(2, 2 + GROUP_CHARACTERS);
  groups.set(gas, group);
  return group;
}

/** The name of a code inside its group. */
export function storedName(code: Uint8Array, { flag, isFirst }: Omit<CodeKind, 'gas'>): string {
  const digest = sha256(concatBytes(Uint8Array.of(flag, isFirst ? 1 : 0), code));
  return bytesToHex(digest).slice(2, 2 + GROUP_CHARACTERS);
}

type Head = {
  readonly flag: number;
  readonly isFirst: boolean;
  readonly imports: readonly string[];
  /** Lengths: bytes of the code, numbers in the tables, bytes of the module. */
  readonly code: number;
  readonly entries: number;
  readonly exits: number;
  readonly wasm: number;
};

function headOf(
  code: Uint8Array,
  { flag, isFirst }: Omit<CodeKind, 'gas'>,
  { wasm, plan }: Translated,
): Uint8Array {
  const head: Head = {
    flag,
    isFirst,
    imports: plan.imports,
    code: code.length,
    entries: plan.entries.length,
    exits: plan.exits.length,
    wasm: wasm.length,
  };
  return new TextEncoder().encode(JSON.stringify(head));
}

/** Digest, length of the head, head, code, entries, exits, module; numbers little-endian. */
export function encodeStored(
  code: Uint8Array,
  kind: Omit<CodeKind, 'gas'>,
  parts: Translated,
): Uint8Array {
  const head = headOf(code, kind, parts);
  const { entries, exits } = parts.plan;
  const length = new Uint8Array(HEAD_LENGTH_BYTES);
  new DataView(length.buffer).setUint32(0, head.length, true);
  const rest = concatBytes(length, head, code, entries, numbers(exits), parts.wasm);
  return concatBytes(sha256(rest), rest);
}

function numbers(list: Int32Array): Uint8Array {
  const bytes = new Uint8Array(list.length * NUMBER_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of list.entries()) view.setInt32(i * NUMBER_BYTES, value, true);
  return bytes;
}

/** Inverse of {@link encodeStored}; null: the bytes are damaged, or somebody else's. */
export function decodeStored(bytes: Uint8Array): StoredCode | null {
  const rest = bytes.subarray(DIGEST_BYTES);
  if (rest.length < HEAD_LENGTH_BYTES) return null;
  if (!equalBytes(sha256(rest), bytes.subarray(0, DIGEST_BYTES))) return null;
  const view = new DataView(rest.buffer, rest.byteOffset, rest.length);
  // The digest fits: what follows is as it was written.
  let at = HEAD_LENGTH_BYTES;
  const take = (length: number): Uint8Array => {
    at += length;
    return rest.subarray(at - length, at);
  };
  const text = new TextDecoder().decode(take(view.getUint32(0, true)));
  const head = JSON.parse(text) as Head;
  const code = take(head.code).slice();
  const entries = take(head.entries).slice();
  const exitsAt = at;
  take(head.exits * NUMBER_BYTES);
  const exits = Int32Array.from({ length: head.exits }, (_, i) =>
    view.getInt32(exitsAt + i * NUMBER_BYTES, true),
  );
  const wasm = take(head.wasm).slice();
  const imports = head.imports.filter(isKernelName);
  if (imports.length < head.imports.length || at !== rest.length) return null;
  const { flag, isFirst } = head;
  return { code, flag, isFirst, parts: { wasm, plan: { imports, entries, exits } } };
}
