/**
 * The root of many leaves that are written one after the other into one WebAssembly memory, where
 * leaves, nodes and hashes stay: nothing is copied or allocated. Leaves of as many blocks, and
 * nodes, are hashed four at a time.
 *
 * Leaves are taken in groups of a power of two. A full group becomes one node, which then stands
 * for a leaf of the tree above.
 */
import { sha256 } from '../hash.ts';
import { HASH_SCRATCH_BYTES, type HashKernel, hashKernel } from '../wasm/hashKernel.ts';
import {
  WASM_PAGE_BYTES,
  type WasmMemory,
  type WebAssemblyHost,
  webAssembly,
} from '../wasm/host.ts';
import { FOUR_SCRATCH_BYTES, type FourKernel, fourKernel } from '../wasm/sha256Four.ts';

const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;
const HASH_BYTES = 32;
/** A prefix and two hashes. Unit: bytes. */
const NODE_BYTES = 1 + 2 * HASH_BYTES;
const BLOCK_BYTES = 64;
/** A bit, and the length in bits as far as it is not 0. Unit: bytes. */
const PADDING_BYTES = 9;
const LANES = 4;
/** From so many messages on, four at a time is faster than one by one. */
const FOUR_FROM = 3;
/** Leaves of more blocks are hashed one by one. */
const BLOCKS_MAX = 3;
/** Native code hashes longer leaves faster than the kernel. Unit: bytes. */
const NATIVE_FROM = 384;

const LEAF_BYTES_MAX: number = WASM_PAGE_BYTES;
/** Laid leaves that are taken at a time. Unit: bytes. */
const LAID_BYTES_MAX = 32_768;
/** Leaves of a group; a power of two. */
const GROUP = 256;
/** The two children of one level, the prefix right before the left one. Unit: bytes. */
const LEVEL_BYTES = 80;
const LEFT = 8;
/** Counts of groups are below 2^31. */
const LEVELS_MAX = 32;

const FOUR_AT: number = Math.ceil(HASH_SCRATCH_BYTES / 16) * 16;
const LEVELS_AT: number = FOUR_AT + FOUR_SCRATCH_BYTES;
/** A root on its way up, behind the levels. */
const ASIDE: number = LEVELS_AT + LEVEL_BYTES * LEVELS_MAX;
/** Hashes of a group, with a byte before them; four nodes at a time may write behind. */
const HASHES_AT: number = ASIDE + LEVEL_BYTES;
const LEAVES_AT: number = HASHES_AT + GROUP * HASH_BYTES + LANES * HASH_BYTES;
const PAGES = 3;
const END = PAGES * WASM_PAGE_BYTES;

/** See the head of the file. */
export class RootBuilder {
  /** The whole memory. */
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  readonly #host: WebAssemblyHost;
  readonly #memory: WasmMemory;
  readonly #kernel: HashKernel;
  #four: FourKernel | null = null;
  /** Where the next leaf begins with its prefix. */
  #at = LEAVES_AT;
  /** Leaves of the group, and full groups. */
  #leaves = 0;
  #groups = 0;
  /** Leaves that wait, by their blocks: addresses, then where their hashes go. */
  readonly #waiting: readonly Int32Array[];
  readonly #waits: Int32Array = new Int32Array(BLOCKS_MAX + 1);

  constructor(host: WebAssemblyHost) {
    this.#host = host;
    this.#memory = new host.Memory({ initial: PAGES, maximum: PAGES });
    this.#kernel = hashKernel(host, this.#memory, 0);
    this.bytes = new Uint8Array(this.#memory.buffer);
    this.#view = new DataView(this.#memory.buffer);
    const waiting: Int32Array[] = [];
    for (let i = 0; i <= BLOCKS_MAX; i++) waiting.push(new Int32Array(2 * LANES));
    this.#waiting = waiting;
    for (let level = 0; level < LEVELS_MAX; level++) {
      this.bytes[LEVELS_AT + level * LEVEL_BYTES + LEFT - 1] = NODE_PREFIX;
    }
    this.bytes[LEAVES_AT] = LEAF_PREFIX;
  }

  /** Where the next leaf is to be written, before `append`. */
  get leafAt(): number {
    return this.#at + 1;
  }

  /** Longest leaf. Unit: bytes. */
  get leafBytesMax(): number {
    return LEAF_BYTES_MAX;
  }

  /** Adds the `length` bytes at `leafAt` as the next leaf. */
  append(length: number): void {
    const at = this.#at;
    const blocks = blocksOf(length);
    if (blocks > BLOCKS_MAX) this.#hash(at, length + 1, this.#nextHash());
    else {
      pad(this.bytes, this.#view, at, length, blocks);
      this.#at = at + blocks * BLOCK_BYTES;
      this.#wait(at, blocks);
    }
    this.#makeRoom(LEAF_BYTES_MAX);
  }

  /**
   * Adds leaves as the hash takes them, one behind the other: a zero byte, the leaf, padding.
   * @param blocks of each of them, 1 to 3
   */
  appendLaid(laid: Uint8Array, blocks: Uint8Array): void {
    let from = 0;
    let first = 0;
    while (first < blocks.length) {
      this.#makeRoom(LAID_BYTES_MAX);
      let next = first;
      let to = from;
      const most = Math.min(blocks.length, first + GROUP - this.#leaves);
      while (next < most && to - from < LAID_BYTES_MAX - BLOCKS_MAX * BLOCK_BYTES) {
        to += blocks[next++]! * BLOCK_BYTES;
      }
      this.bytes.set(laid.subarray(from, to), this.#at);
      for (; first < next; first++) {
        const at = this.#at;
        this.#at = at + blocks[first]! * BLOCK_BYTES;
        this.#wait(at, blocks[first]!);
      }
      from = to;
    }
    this.#makeRoom(LEAF_BYTES_MAX);
  }

  #nextHash(): number {
    return HASHES_AT + this.#leaves++ * HASH_BYTES;
  }

  #wait(at: number, blocks: number): void {
    const waiting = this.#waiting[blocks]!;
    const place = this.#waits[blocks]!;
    waiting[place] = at;
    waiting[LANES + place] = this.#nextHash();
    this.#waits[blocks] = place + 1;
    if (place + 1 === LANES) this.#hashWaiting(blocks);
    if (this.#leaves === GROUP) this.#closeGroup();
  }

  /** Hashes the leaves of some blocks that wait. */
  #hashWaiting(blocks: number): void {
    const count = this.#waits[blocks]!;
    const w = this.#waiting[blocks]!;
    this.#waits[blocks] = 0;
    if (count < FOUR_FROM) {
      for (let i = 0; i < count; i++) {
        const end = w[i]! + blocks * BLOCK_BYTES;
        this.#kernel.sha256(w[i]!, this.#view.getUint32(end - 4) >>> 3, w[LANES + i]!);
      }
      return;
    }
    // A lane without a leaf of its own does that of the third.
    if (count < LANES) [w[3], w[7]] = [w[2]!, w[6]!];
    const four = this.#fourKernel();
    four.messages(blocks, w[0]!, w[1]!, w[2]!, w[3]!, w[4]!, w[5]!, w[6]!, w[7]!);
  }

  #fourKernel(): FourKernel {
    this.#four ??= fourKernel(this.#host, this.#memory, FOUR_AT);
    return this.#four;
  }

  #hash(at: number, length: number, to: number): void {
    if (length < NATIVE_FROM) this.#kernel.sha256(at, length, to);
    else this.bytes.set(sha256(this.bytes.subarray(at, at + length)), to);
  }

  /** Hashes what waits when there is no room for so many bytes. */
  #makeRoom(length: number): void {
    if (this.#at + 1 + length <= END) this.bytes[this.#at] = LEAF_PREFIX;
    else this.#emptyLeaves();
    if (this.#leaves === GROUP) this.#closeGroup();
  }

  #emptyLeaves(): void {
    for (let blocks = 1; blocks <= BLOCKS_MAX; blocks++) this.#hashWaiting(blocks);
    this.#at = LEAVES_AT;
    this.bytes[LEAVES_AT] = LEAF_PREFIX;
  }

  /** Hashes of the leaves so far become one, at the start of their place. */
  #reduce(): void {
    this.#emptyLeaves();
    let count = this.#leaves;
    this.#leaves = 0;
    for (; count > 1; count = (count + 1) >>> 1) {
      const pairs = count >>> 1;
      const rest = pairs % LANES;
      const groups = (pairs - rest) / LANES + (rest >= FOUR_FROM ? 1 : 0);
      // The last one of an odd number moves up as it is.
      const last = HASHES_AT + (count - 1) * HASH_BYTES;
      if (groups > 0) this.#fourKernel().nodes(HASHES_AT, HASHES_AT, groups);
      for (let pair = groups * LANES; pair < pairs; pair++) {
        const from = HASHES_AT + pair * 2 * HASH_BYTES - 1;
        this.bytes[from] = NODE_PREFIX;
        this.#kernel.sha256(from, NODE_BYTES, HASHES_AT + pair * HASH_BYTES);
      }
      if (count % 2 === 1) {
        this.bytes.copyWithin(HASHES_AT + pairs * HASH_BYTES, last, last + HASH_BYTES);
      }
    }
  }

  /** A full group becomes a leaf of the tree above. */
  #closeGroup(): void {
    this.#reduce();
    let count = this.#groups++;
    this.bytes.copyWithin(placeOf(0, count), HASHES_AT, HASHES_AT + HASH_BYTES);
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
    const hasRest = this.#leaves > 0;
    let rest = this.#groups;
    if (!hasRest && rest === 0) return sha256(new Uint8Array(0));
    if (hasRest) this.#reduce();
    this.#groups = 0;
    // Each 1 bit of the count is a peak, which waits as the left child of its level.
    let level = 0;
    let at = HASHES_AT;
    if (!hasRest) {
      level = 31 - Math.clz32(rest & -rest);
      at = placeOf(level, 0);
      rest >>>= level + 1;
      level += 1;
    }
    for (; rest !== 0; rest >>>= 1, level++) {
      if ((rest & 1) === 0) continue;
      this.bytes.copyWithin(placeOf(level, 1), at, at + HASH_BYTES);
      this.#join(level, ASIDE);
      at = ASIDE;
    }
    return this.bytes.slice(at, at + HASH_BYTES);
  }
}

/** Blocks of the hash of a leaf. */
function blocksOf(length: number): number {
  return (length + 1 + PADDING_BYTES + BLOCK_BYTES - 1) >>> 6;
}

function pad(bytes: Uint8Array, view: DataView, at: number, length: number, blocks: number): void {
  const end = at + blocks * BLOCK_BYTES;
  let to = at + 1 + length;
  bytes[to++] = 0x80;
  for (; (to & 7) !== (at & 7); to++) bytes[to] = 0;
  for (; to < end; to += 8) view.setFloat64(to, 0);
  view.setUint32(end - 4, (length + 1) * 8);
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
