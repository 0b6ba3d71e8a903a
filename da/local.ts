/**
 * The DA layer of a single machine: append-only files in a directory (`localFiles.ts`), or memory.
 * It is the reference behaviour for all other layers.
 */

import { CodedError } from '../primitives/errors.ts';
import { sha256Hex } from '../primitives/hash.ts';
import type { Hex } from '../primitives/types.ts';
import { checkSizes } from './limits.ts';
import { type BlobFile, corrupt, DirectoryFile, memoryFile, unavailable } from './localFiles.ts';
import type {
  DaAttempt,
  DaFee,
  DaFinality,
  DaHealth,
  DaIntent,
  DaPage,
  DaPointer,
  DaPosition,
  DaProof,
  DataAvailability,
} from './ports.ts';

/** Default bound of one blob. Unit: bytes. */
export const LOCAL_BLOB_BYTES_MAX: number = 64 * 1024 * 1024;
/** A file that has grown beyond this is left, and the next one begun. Unit: bytes. */
export const LOCAL_SEGMENT_BYTES_MAX: number = 256 * 1024 * 1024;

const LAYER = 'local';
const BLOB_COUNT_MAX = 64;

export type LocalDaOptions = {
  /** null: memory only. Made when it is missing. */
  readonly directory: string | null;
  /** Another process writes: nothing is changed, and what it appends is found. */
  readonly isReadOnly?: boolean;
  readonly blobBytesMax?: number;
  readonly segmentBytesMax?: number;
};

class LocalDa implements DataAvailability {
  readonly name: string = LAYER;
  readonly isOpen: boolean = false;
  readonly blobBytesMax: number;
  readonly blobCountMax: number = BLOB_COUNT_MAX;
  readonly #file: BlobFile;
  readonly #indexOf: Map<Hex, number> = new Map();
  /** The last append; one runs at a time. */
  #tail: Promise<unknown> = Promise.resolve();

  readonly #isReadOnly: boolean;

  constructor(file: BlobFile, options: { blobBytesMax: number; isReadOnly: boolean }) {
    this.#file = file;
    this.blobBytesMax = options.blobBytesMax;
    this.#isReadOnly = options.isReadOnly;
    this.#index();
  }

  #index(): void {
    const { entries } = this.#file;
    for (let i = this.#indexOf.size; i < entries.length; i++) {
      this.#indexOf.set(entries[i]!.commitment, i);
    }
  }

  async #refresh(): Promise<void> {
    if (!this.#isReadOnly) return;
    try {
      await this.#file.refresh();
    } catch (error) {
      throw error instanceof CodedError ? error : unavailable('read', error);
    }
    this.#index();
  }

  #pointer(index: number): DaPointer {
    const { commitment } = this.#file.entries[index]!;
    return { layer: LAYER, height: BigInt(index), index: 0, commitment };
  }

  async submit(
    blobs: readonly Uint8Array[],
    attempt: DaAttempt,
    signal: AbortSignal,
  ): Promise<DaPointer[]> {
    checkSizes(this, blobs);
    if (this.#isReadOnly) {
      throw new CodedError('DA_REFUSED', 'the local DA layer was opened for reading only');
    }
    const copies = blobs.map((blob) => blob.slice());
    signal.throwIfAborted();
    await attempt.record({
      layer: LAYER,
      fromHeight: BigInt(this.#file.entries.length),
      commitments: copies.map(sha256Hex),
      memo: {},
    });
    const task = this.#tail.then(async () => {
      const pointers: DaPointer[] = [];
      for (const blob of copies) pointers.push(await this.#append(blob, signal));
      return pointers;
    });
    this.#tail = task.catch(() => {});
    return await task;
  }

  async #append(blob: Uint8Array, signal: AbortSignal): Promise<DaPointer> {
    signal.throwIfAborted();
    const commitment = sha256Hex(blob);
    const known = this.#indexOf.get(commitment);
    if (known !== undefined) return this.#pointer(known);
    const entry = await this.#file.append(blob, commitment);
    const index = this.#file.entries.push(entry) - 1;
    this.#indexOf.set(commitment, index);
    return this.#pointer(index);
  }

  async find(intent: DaIntent, signal: AbortSignal): Promise<DaPointer[] | null> {
    signal.throwIfAborted();
    const places = intent.commitments.map((commitment) => this.#indexOf.get(commitment));
    return places.every((place) => place !== undefined)
      ? places.map((place) => this.#pointer(place))
      : null;
  }

  async get(pointer: DaPointer, signal: AbortSignal): Promise<Uint8Array> {
    signal.throwIfAborted();
    const { commitment } = pointer;
    const blob = await this.#file.read(this.#file.entries[this.#place(pointer)]!);
    if (sha256Hex(blob) !== commitment) throw corrupt(commitment);
    return blob;
  }

  #place(pointer: DaPointer): number {
    const index = this.#indexOf.get(pointer.commitment);
    const isHere =
      pointer.layer === LAYER && index !== undefined && BigInt(index) === pointer.height;
    if (isHere) return index;
    throw new CodedError(
      'DA_NOT_FOUND',
      `the local DA layer has no blob ${pointer.commitment} at ${pointer.height}; ` +
        'check the directory',
      { layer: pointer.layer, commitment: pointer.commitment },
    );
  }

  async list(from: DaPosition, limit: number, signal: AbortSignal): Promise<DaPage> {
    signal.throwIfAborted();
    await this.#refresh();
    const { length } = this.#file.entries;
    const start = Number(from.height) + (from.index > 0 ? 1 : 0);
    const end = Math.min(length, start + limit);
    const pointers: DaPointer[] = [];
    for (let index = start; index < end; index++) pointers.push(this.#pointer(index));
    const next = { height: BigInt(Math.max(start, end)), index: 0 };
    return { pointers, next, atTip: end >= length, tipHeight: BigInt(length) };
  }

  async finality(pointer: DaPointer): Promise<DaFinality> {
    this.#place(pointer);
    return 'final';
  }

  async proof(pointer: DaPointer): Promise<DaProof> {
    const { commitment } = this.#file.entries[this.#place(pointer)]!;
    return { kind: 'digest', digest: commitment };
  }

  async verify(pointer: DaPointer, blob: Uint8Array, proof: DaProof): Promise<boolean> {
    if (proof.kind !== 'digest') return false;
    return proof.digest === pointer.commitment && sha256Hex(blob) === proof.digest;
  }

  async health(signal: AbortSignal): Promise<DaHealth> {
    signal.throwIfAborted();
    try {
      await this.#file.check();
      return { ok: true };
    } catch (error) {
      if (error instanceof CodedError) return { ok: false, reason: error.message };
      throw error;
    }
  }

  async estimate(): Promise<DaFee> {
    return { amount: 0n, unit: 'none' };
  }

  async close(): Promise<void> {
    await this.#tail;
    await this.#file.close();
  }
}

/**
 * Opens the layer; cuts off a record that was being written when the process ended.
 * @throws CodedError DA_UNAVAILABLE, DA_CORRUPT
 */
export async function openLocalDa(options: LocalDaOptions): Promise<DataAvailability> {
  const blobBytesMax = options.blobBytesMax ?? LOCAL_BLOB_BYTES_MAX;
  const isReadOnly = options.isReadOnly ?? false;
  if (options.directory === null) return new LocalDa(memoryFile(), { blobBytesMax, isReadOnly });
  const segmentBytesMax = options.segmentBytesMax ?? LOCAL_SEGMENT_BYTES_MAX;
  const file = new DirectoryFile(options.directory, { segmentBytesMax, isReadOnly });
  try {
    // A directory may hold blobs from a time with a larger bound.
    await file.open(Math.max(blobBytesMax, LOCAL_BLOB_BYTES_MAX));
  } catch (error) {
    await file.close();
    throw error instanceof CodedError ? error : unavailable('opened', error);
  }
  return new LocalDa(file, { blobBytesMax, isReadOnly });
}
