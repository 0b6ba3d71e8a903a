/**
 * The root of many leaves that are written one after the other into one place: leaves, nodes and
 * hashes stay in one WebAssembly memory, nothing is copied or allocated.
 */
import { sha256 } from '../hash.ts';
import { HASH_SCRATCH_BYTES, type HashKernel, hashKernel } from '../wasm/hashKernel.ts';
import { WASM_PAGE_BYTES, type WebAssemblyHost, webAssembly } from '../wasm/host.ts';

const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;
const HASH_BYTES = 32;
/** A prefix and two hashes. Unit: bytes. */
const NODE_BYTES = 1 + 2 * HASH_BYTES;
/** The two children of one level, the prefix right before the left one. Unit: bytes. */
const LEVEL_BYTES = 80;
const LEFT = 8;
/** Counts are below 2^31. */
const LEVELS_MAX = 32;
const LEVELS_AT: number = Math.ceil(HASH_SCRATCH_BYTES / LEVEL_BYTES) * LEVEL_BYTES;
const LEAF_AT: number = LEVELS_AT + LEVEL_BYTES * (LEVELS_MAX + 1) + 8;
/** A root on its way up, behind the levels. */
const ASIDE: number = LEVELS_AT + LEVEL_BYTES * LEVELS_MAX;
const PAGES = 1;
/** Native code hashes longer leaves faster. Unit: bytes. */
const KERNEL_BYTES_MAX = 183;

/** See the head of the file. */
export class RootBuilder {
  /** The next leaf is written here. */
  readonly leaf: Uint8Array;
  /** The same place. */
  readonly view: DataView;
  readonly #bytes: Uint8Array;
  readonly #kernel: HashKernel;
  #count = 0;

  constructor(host: WebAssemblyHost) {
    const memory = new host.Memory({ initial: PAGES, maximum: PAGES });
    this.#kernel = hashKernel(host, memory, 0);
    this.#bytes = new Uint8Array(memory.buffer);
    this.leaf = this.#bytes.subarray(LEAF_AT);
    this.view = new DataView(memory.buffer, LEAF_AT);
    for (let level = 0; level < LEVELS_MAX; level++) {
      this.#bytes[LEVELS_AT + level * LEVEL_BYTES + LEFT - 1] = NODE_PREFIX;
    }
    this.#bytes[LEAF_AT - 1] = LEAF_PREFIX;
  }

  /** Longest leaf. Unit: bytes. */
  get leafBytesMax(): number {
    return WASM_PAGE_BYTES * PAGES - LEAF_AT;
  }

  /** Adds the first `length` bytes of `leaf` as the next leaf. */
  append(length: number): void {
    let count = this.#count++;
    const to = placeOf(0, count);
    if (length < KERNEL_BYTES_MAX) this.#kernel.sha256(LEAF_AT - 1, length + 1, to);
    else this.#bytes.set(sha256(this.#bytes.subarray(LEAF_AT - 1, LEAF_AT + length)), to);
    for (let level = 0; (count & 1) === 1; level++) {
      count >>>= 1;
      this.#join(level, placeOf(level + 1, count));
    }
  }

  /** Hashes both children of a level. */
  #join(level: number, to: number): void {
    this.#kernel.sha256(LEVELS_AT + level * LEVEL_BYTES + LEFT - 1, NODE_BYTES, to);
  }

  /** The root of all leaves since the last call. */
  root(): Uint8Array {
    let rest = this.#count;
    this.#count = 0;
    if (rest === 0) return sha256(new Uint8Array(0));
    // Each 1 bit of the count is a peak, which waits as the left child of its level.
    let level = 31 - Math.clz32(rest & -rest);
    let at = placeOf(level, 0);
    for (rest >>>= level + 1, level++; rest !== 0; rest >>>= 1, level++) {
      if ((rest & 1) === 0) continue;
      this.#bytes.copyWithin(placeOf(level, 1), at, at + HASH_BYTES);
      this.#join(level, ASIDE);
      at = ASIDE;
    }
    return this.#bytes.slice(at, at + HASH_BYTES);
  }
}

/** Where the hash number `count` of a level goes. */
function placeOf(level: number, count: number): number {
  return LEVELS_AT + level * LEVEL_BYTES + LEFT + (count & 1) * HASH_BYTES;
}

let shared: RootBuilder | null | undefined;

/**
 * The builder of this thread; null: the host has no WebAssembly. Use it for one root at a time,
 * from the first leaf to `root`, without interruption.
 */
export function rootBuilder(): RootBuilder | null {
  if (shared === undefined)
    shared = webAssembly === undefined ? null : new RootBuilder(webAssembly);
  return shared;
}
