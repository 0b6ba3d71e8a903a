/** Parts back to frames, in whatever order and however often they come; bounded. */
import { concatBytes } from '../primitives/bytes.ts';
import { sha256Hex } from '../primitives/hash.ts';
import type { B256 } from '../primitives/types.ts';
import type { Part } from './part.ts';
import type { DaPointer, DaPosition } from './ports.ts';

/** Bytes of parts that wait for the rest of their frame. */
export const WAITING_BYTES_MAX: number = 192 * 1024 * 1024;

/** A whole frame and the places of its parts. */
export type AssembledFrame = {
  readonly bytes: Uint8Array;
  readonly commitment: B256;
  readonly pointers: readonly DaPointer[];
};

type Waiting = {
  readonly frameBytes: number;
  readonly parts: (Part | undefined)[];
  readonly pointers: DaPointer[];
  bytes: number;
};

/** Earlier of two places. */
export function earlier<T extends DaPosition>(a: T, b: T): T {
  if (a.height !== b.height) return a.height < b.height ? a : b;
  return a.index <= b.index ? a : b;
}

/** Frames whose parts come one by one. What is added was signed by the chain. */
export class Assembler {
  readonly #waiting: Map<B256, Waiting> = new Map();
  readonly #bytesMax: number;
  #bytes = 0;
  /** Where the first part lies that had to be dropped. */
  dropped: DaPosition | null = null;

  constructor(bytesMax: number = WAITING_BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  /** The whole frame when this part was the last that it lacked. */
  add(part: Part, pointer: DaPointer): AssembledFrame | null {
    const waiting = this.#entry(part);
    if (waiting.parts.length !== part.count || waiting.frameBytes !== part.frameBytes) return null;
    if (waiting.parts[part.index] !== undefined) return null;
    waiting.parts[part.index] = { ...part, data: part.data.slice() };
    waiting.pointers[part.index] = pointer;
    waiting.bytes += part.data.length;
    this.#bytes += part.data.length;
    if (waiting.parts.includes(undefined)) {
      this.#forget(part.commitment);
      return null;
    }
    this.#drop(part.commitment);
    const bytes = concatBytes(...waiting.parts.map((each) => each!.data));
    if (sha256Hex(bytes) !== part.commitment) return null;
    return { bytes, commitment: part.commitment, pointers: waiting.pointers };
  }

  /** The place of the first part that waits, or null. */
  firstWaiting(): DaPosition | null {
    let first: DaPosition | null = null;
    for (const { pointers } of this.#waiting.values()) {
      for (const pointer of pointers) {
        // Sparse where a part is missing.
        if (pointer !== undefined) first = first === null ? pointer : earlier(first, pointer);
      }
    }
    return first;
  }

  #entry(part: Part): Waiting {
    let waiting = this.#waiting.get(part.commitment);
    if (waiting === undefined) {
      const parts = new Array<Part | undefined>(part.count).fill(undefined);
      waiting = { frameBytes: part.frameBytes, parts, pointers: [], bytes: 0 };
      this.#waiting.set(part.commitment, waiting);
    }
    return waiting;
  }

  #drop(commitment: B256): void {
    this.#bytes -= this.#waiting.get(commitment)?.bytes ?? 0;
    this.#waiting.delete(commitment);
  }

  /** Beyond the bound the frame that has waited longest goes: its parts are read again later. */
  #forget(except: B256): void {
    for (const [commitment, { pointers }] of this.#waiting) {
      if (this.#bytes <= this.#bytesMax) return;
      if (commitment === except) continue;
      this.#drop(commitment);
      for (const pointer of pointers) {
        if (pointer === undefined) continue;
        this.dropped = this.dropped === null ? pointer : earlier(this.dropped, pointer);
      }
    }
  }
}
