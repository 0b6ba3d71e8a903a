/**
 * Code that programs of this thread ran, by content: how much it ran, and its compiled form. Kept
 * across transactions and blocks, up to a bound; what was not used for longest goes first.
 *
 * A content is found by its length and a sum over some of its words, and then compared whole, so
 * equal sums cannot mix contents up. Threads keep one cache each: the host itself shares machine
 * code between threads that compile equal modules.
 */
import { equalBytes } from '../../primitives/bytes.ts';
import type { GasTable } from '../gas.ts';
import {
  type CompiledCode,
  compileLater,
  compileNow,
  type Translated,
  translated,
} from './code.ts';
import { decodeStored, encodeStored, groupOf, type ModuleStore, storedName } from './stored.ts';

/** Bytecode and modules that are kept. Unit: bytes, estimated. */
export const CACHE_BYTES_MAX: number = 64 * 1024 * 1024;
/**
 * A byte of a wasm module stands for this much memory of the host: itself, and machine code of both
 * of the host's compilers.
 */
const HOST_BYTES_PER_MODULE_BYTE = 12;
/** What an entry costs besides. */
const ENTRY_BYTES = 512;
/** Bytes that the sum is made of, about. */
const SUM_BYTES = 256;
/** Bytes at the end that it is made of as well. */
const END_BYTES = 64;
/** Contents with equal sums that are kept: whoever makes more of them gains nothing. */
const EQUAL_SUMS_MAX = 8;

/** Gas that a content costs before it is kept: what runs once and shortly is not worth a copy. */
const KEEP_AT_GAS = 10_000;
/** Counters of gas for what is not kept; contents whose sums are alike share one. */
const COUNTERS = 4_096;
/** What compiling takes once this code is warm: for a module, and for a byte of it. Unit: ms. */
const MODULE_MS = 0.5;
const BYTE_MS = 0.0004;
/** How much longer it takes in a fresh process, until it was measured. */
const FIRST_PACE = 4;
/** Weight of the last measurement. */
const PACE_WEIGHT = 0.25;
/** The measure of one module counts up to this: it may be the host that stood still. */
const PACE_MAX = 20;

/** How code stands: not compiled, being compiled, compiled, or it cannot be. */
export type CodeState = 'new' | 'pending' | 'ready' | 'refused';

/** What compiled code depends on besides the bytes. */
export type CodeKind = {
  readonly gas: GasTable;
  /** $flag while it runs. */
  readonly flag: number;
  /** Whether it begins at $is; else LDC appended it. */
  readonly isFirst: boolean;
};

/** One content of one kind. */
export type CodeEntry = CodeKind & {
  readonly key: string;
  readonly bytes: Uint8Array;
  /** Gas that the interpreter spent in it, and time. Unit of the time: ms. */
  interpretedGas: number;
  interpretedMs: number;
  state: CodeState;
  /** The host did not compile it at once; it may in the background. */
  isTooLarge: boolean;
  /** null unless `state` is 'ready'. */
  compiled: CompiledCode | null;
};

/** What a cache did since it was made. */
export type CacheCounts = {
  modules: number;
  moduleBytes: number;
  compileMs: number;
  /** Modules that the host compiled in the background. */
  inBackground: number;
  hits: number;
  evicted: number;
  refused: number;
  /** Modules whose translation an earlier process kept. */
  fromStore: number;
};

const nowMs = (): number => performance.now();

export class CodeCache {
  readonly counts: CacheCounts = {
    modules: 0,
    moduleBytes: 0,
    compileMs: 0,
    inBackground: 0,
    hits: 0,
    evicted: 0,
    refused: 0,
    fromStore: 0,
  };
  readonly #byKey: Map<string, CodeEntry[]> = new Map();
  /** What was used last stands last. */
  readonly #entries: Set<CodeEntry> = new Set();
  readonly #limit: number;
  readonly #gasIds: WeakMap<GasTable, number> = new WeakMap();
  readonly #gasOfOthers: Uint32Array = new Uint32Array(COUNTERS);
  #pace = FIRST_PACE;
  #nextGasId = 1;
  #store: ModuleStore | null = null;
  readonly #preloaded: WeakSet<GasTable> = new WeakSet();
  #bytes = 0;

  constructor(limit: number = CACHE_BYTES_MAX) {
    this.#limit = limit;
  }

  /** Keeps translated code beyond this process. null: it does not. */
  useStore(store: ModuleStore | null): void {
    this.#store = store;
  }

  /** Unit: bytes, estimated. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What compiling is going to take, by what it took before. Unit: ms. */
  expectedMs(codeBytes: number): number {
    return nominalMs(codeBytes) * this.#pace;
  }

  /** The entry of a content; null: it is not kept. */
  find(code: Uint8Array, kind: CodeKind): CodeEntry | null {
    return this.#find(code, this.#keyOf(code, kind));
  }

  /** Counts gas that a content without an entry has cost. @returns its entry, once it is kept */
  noteRun(code: Uint8Array, kind: CodeKind, gas: number): CodeEntry | null {
    const at = sumOf(code) % COUNTERS;
    const sum = this.#gasOfOthers[at]! + gas;
    this.#gasOfOthers[at] = Math.min(sum, KEEP_AT_GAS);
    return sum < KEEP_AT_GAS ? null : this.entryOf(code, kind);
  }

  #keyOf(code: Uint8Array, { gas, flag, isFirst }: CodeKind): string {
    return `${this.#gasId(gas)}:${flag}:${isFirst}:${code.length}:${sumOf(code)}`;
  }

  #find(code: Uint8Array, key: string): CodeEntry | null {
    for (const entry of this.#byKey.get(key) ?? []) {
      if (!equalBytes(entry.bytes, code)) continue;
      this.counts.hits += 1;
      this.#entries.delete(entry);
      this.#entries.add(entry);
      return entry;
    }
    return null;
  }

  /** The entry of a content, made when it is new. */
  entryOf(code: Uint8Array, kind: CodeKind): CodeEntry {
    const { gas, flag, isFirst } = kind;
    const key = this.#keyOf(code, kind);
    const found = this.#find(code, key);
    if (found !== null) return found;
    const known = this.#byKey.get(key) ?? [];
    const bytes = code.slice();
    const state = 'new';
    const entry: CodeEntry = {
      ...{ key, bytes, gas, flag, isFirst, state },
      interpretedGas: 0,
      interpretedMs: 0,
      isTooLarge: false,
      compiled: null,
    };
    if (known.length === EQUAL_SUMS_MAX) this.#drop(known[0]!);
    this.#byKey.set(key, [...(this.#byKey.get(key) ?? []), entry]);
    this.#entries.add(entry);
    this.#add(sizeOf(entry));
    return entry;
  }

  /** Compiles at once, unless that was done or cannot be done. */
  compile(entry: CodeEntry): void {
    if (entry.state === 'ready' || entry.state === 'refused' || entry.isTooLarge) return;
    const startedMs = nowMs();
    const parts = translated(entry);
    const compiled = parts === null ? null : compileNow(parts);
    const tookMs = nowMs() - startedMs;
    this.counts.compileMs += tookMs;
    if (compiled !== null) this.#measure(tookMs, entry.bytes.length);
    if (parts === null || compiled !== null) {
      this.#settle(entry, compiled);
      if (parts !== null) this.#keep(entry, parts);
    } else {
      entry.isTooLarge = true;
      this.compileSoon(entry);
    }
  }

  #measure(tookMs: number, codeBytes: number): void {
    const pace = Math.min(tookMs / nominalMs(codeBytes), PACE_MAX);
    this.#pace += (pace - this.#pace) * PACE_WEIGHT;
  }

  /**
   * Compiles when the thread has nothing else to do; the host's part in its own threads. Until then
   * the entry stays as it is.
   */
  compileSoon(entry: CodeEntry): void {
    if (entry.state !== 'new') return;
    entry.state = 'pending';
    setTimeout(() => void this.#compileInBackground(entry), 0);
  }

  async #compileInBackground(entry: CodeEntry): Promise<void> {
    if (entry.state !== 'pending') return;
    const startedMs = nowMs();
    const parts = translated(entry);
    this.counts.compileMs += nowMs() - startedMs;
    const compiled = parts === null ? null : await compileLater(parts);
    // Compiled at once in the meantime, or dropped.
    if (entry.state !== 'pending') return;
    if (compiled !== null) this.counts.inBackground += 1;
    this.#settle(entry, compiled);
    if (parts !== null && compiled !== null) this.#keep(entry, parts);
  }

  /** Stores translated code, once the thread has nothing else to do. */
  #keep(entry: CodeEntry, parts: Translated): void {
    const store = this.#store;
    if (store === null) return;
    const { bytes, gas } = entry;
    whenIdle(() => {
      store.write(groupOf(gas), storedName(bytes, entry), encodeStored(bytes, entry, parts));
    });
  }

  /** Compiles in the background what earlier processes kept for a gas table, one by one. */
  #preload(gas: GasTable): void {
    const store = this.#store;
    if (store === null || this.#preloaded.has(gas)) return;
    this.#preloaded.add(gas);
    whenIdle(() => {
      const group = groupOf(gas);
      const names = [...store.names(group)];
      const next = (): void => {
        const name = names.pop();
        if (name === undefined) return;
        void this.#takeStored(store, group, name, gas).finally(() => whenIdle(next));
      };
      next();
    });
  }

  async #takeStored(store: ModuleStore, group: string, name: string, gas: GasTable): Promise<void> {
    const bytes = store.read(group, name);
    if (bytes === null) return;
    const stored = decodeStored(bytes);
    if (stored === null) {
      store.remove(group, name);
      return;
    }
    const { code, flag, isFirst, parts } = stored;
    const entry = this.entryOf(code, { gas, flag, isFirst });
    if (entry.state !== 'new') return;
    entry.state = 'pending';
    const compiled = await compileLater(parts);
    // Compiled at once in the meantime, or dropped.
    if (entry.state !== 'pending') return;
    if (compiled !== null) this.counts.fromStore += 1;
    this.#settle(entry, compiled);
  }

  #settle(entry: CodeEntry, compiled: CompiledCode | null): void {
    entry.state = compiled === null ? 'refused' : 'ready';
    entry.compiled = compiled;
    if (compiled === null) {
      this.counts.refused += 1;
      return;
    }
    this.counts.modules += 1;
    this.counts.moduleBytes += compiled.moduleBytes;
    if (this.#entries.has(entry)) this.#add(moduleSize(compiled));
  }

  /** Makes room: what was not used for longest goes first, the newest stays. */
  #add(bytes: number): void {
    this.#bytes += bytes;
    for (const entry of this.#entries) {
      if (this.#bytes <= this.#limit || this.#entries.size === 1) return;
      this.#drop(entry);
    }
  }

  #drop(entry: CodeEntry): void {
    this.#entries.delete(entry);
    const rest = this.#byKey.get(entry.key)?.filter((each) => each !== entry) ?? [];
    if (rest.length === 0) this.#byKey.delete(entry.key);
    else this.#byKey.set(entry.key, rest);
    this.#bytes -= sizeOf(entry);
    this.counts.evicted += 1;
  }

  #gasId(gas: GasTable): number {
    let id = this.#gasIds.get(gas);
    if (id === undefined) {
      id = this.#nextGasId++;
      this.#gasIds.set(gas, id);
      this.#preload(gas);
    }
    return id;
  }
}

/** Runs something when the thread has nothing else to do; it does not keep the process alive. */
function whenIdle(run: () => void): void {
  const timer: unknown = setTimeout(run, 0);
  // Browsers' timers are numbers.
  if (typeof timer === 'object') (timer as { unref?(): void }).unref?.();
}

function nominalMs(codeBytes: number): number {
  return MODULE_MS + codeBytes * BYTE_MS;
}

function moduleSize({ moduleBytes }: CompiledCode): number {
  return moduleBytes * HOST_BYTES_PER_MODULE_BYTE;
}

function sizeOf({ bytes, compiled }: CodeEntry): number {
  return ENTRY_BYTES + bytes.length + (compiled === null ? 0 : moduleSize(compiled));
}

/**
 * FNV-1a over bytes that lie evenly apart, in turn the first, second, third and fourth of a word,
 * and over the last ones: constants of a contract, which tell copies apart, lie at its end.
 */
function sumOf(bytes: Uint8Array): number {
  let sum = 0x811c9dc5;
  const step = Math.floor(bytes.length / SUM_BYTES) | 1;
  for (let i = 0; i < bytes.length; i += step) sum = Math.imul(sum ^ bytes[i]!, 16777619);
  const end = Math.max(0, bytes.length - END_BYTES);
  for (let i = end; i < bytes.length; i++) sum = Math.imul(sum ^ bytes[i]!, 16777619);
  return sum >>> 0;
}
