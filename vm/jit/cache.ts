/**
 * Code that programs of this thread ran, by content: how much it ran, and its compiled form.
 *
 * A content is found by its length and a sum over its words, and then compared byte by byte, so
 * equal sums cannot mix contents up.
 */
import type { GasTable } from '../gas.ts';
import { type CompiledCode, compileCode } from './code.ts';

/** Bytecode and modules that are kept. Unit: bytes. */
export const CACHE_BYTES_MAX: number = 64 * 1024 * 1024;
/** A compiled byte of wasm stands for this much memory of the host. */
const HOST_BYTES_PER_MODULE_BYTE = 4;
/** What an entry costs besides. */
const ENTRY_BYTES = 512;

/** One content under one gas table, for one value of $flag. */
export type CodeEntry = {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly gas: GasTable;
  readonly flag: number;
  /** Gas that the interpreter spent in it. */
  interpretedGas: number;
  /** null: not compiled. */
  compiled: CompiledCode | null;
  /** Compiling was tried and cannot be done. */
  refused: boolean;
};

export class CodeCache {
  readonly #entries: Map<string, CodeEntry[]> = new Map();
  readonly #limit: number;
  #bytes = 0;
  #gasIds: WeakMap<GasTable, number> = new WeakMap();
  #nextGasId = 1;
  compiledCount = 0;
  evictedCount = 0;

  constructor(limit: number = CACHE_BYTES_MAX) {
    this.#limit = limit;
  }

  /** Unit: bytes, estimated. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The entry of a content, made when it is new. `view` is over the same bytes as `code`. */
  entryOf(code: Uint8Array, gas: GasTable, flag: number): CodeEntry {
    const key = `${this.#gasId(gas)}:${flag}:${code.length}:${sumOf(code)}`;
    const known = this.#entries.get(key);
    if (known !== undefined) {
      for (const entry of known) {
        if (!isSame(entry.bytes, code)) continue;
        // Most recently used last.
        this.#entries.delete(key);
        this.#entries.set(key, known);
        return entry;
      }
    }
    const entry: CodeEntry = {
      key,
      bytes: code.slice(),
      gas,
      flag,
      interpretedGas: 0,
      compiled: null,
      refused: false,
    };
    if (known === undefined) this.#entries.set(key, [entry]);
    else known.push(entry);
    this.#add(sizeOf(entry));
    return entry;
  }

  compile(entry: CodeEntry): void {
    entry.compiled = compileCode(entry.bytes, entry.gas, entry.flag);
    if (entry.compiled === null) entry.refused = true;
    else {
      this.compiledCount += 1;
      this.#add(entry.compiled.moduleBytes * HOST_BYTES_PER_MODULE_BYTE);
    }
  }

  /** Makes room: what was not used for longest goes first, the newest stays. */
  #add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes <= this.#limit) return;
    for (const [key, entries] of this.#entries) {
      if (this.#bytes <= this.#limit || this.#entries.size === 1) return;
      this.#entries.delete(key);
      this.evictedCount += entries.length;
      for (const entry of entries) this.#bytes -= sizeOf(entry);
    }
  }

  #gasId(gas: GasTable): number {
    let id = this.#gasIds.get(gas);
    if (id === undefined) {
      id = this.#nextGasId++;
      this.#gasIds.set(gas, id);
    }
    return id;
  }
}

function sizeOf({ bytes, compiled }: CodeEntry): number {
  const module = compiled === null ? 0 : compiled.moduleBytes * HOST_BYTES_PER_MODULE_BYTE;
  return ENTRY_BYTES + bytes.length + module;
}

function sumOf(bytes: Uint8Array): number {
  let sum = 0x811c9dc5;
  const step = bytes.length > 4096 ? 16 : 1;
  for (let i = 0; i < bytes.length; i += step)
    sum = Math.imul(sum ^ (bytes[i] as number), 16777619);
  return sum >>> 0;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
