/**
 * The DA layer of a single machine: append-only files in a directory, or memory. It is the
 * reference behaviour for all other layers.
 *
 * A record is magic (4 bytes), length (4 bytes), sha256 of the blob, blob. A process that is killed
 * while it appends leaves a record that is short or does not hash; it was never acknowledged, and
 * opening cuts it off. A bad record anywhere else is damage, and is reported when it is read.
 */

import { type FileHandle, mkdir, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  bytesToHex,
  concatBytes,
  hexToBytes,
  readU32,
  utf8,
  writeU32,
} from '../primitives/bytes.ts';
import { CodedError } from '../primitives/errors.ts';
import { sha256Hex } from '../primitives/hash.ts';
import type { B256 } from '../primitives/types.ts';
import type { DaHealth, DaReceipt, DataAvailability } from './ports.ts';

/** Default bound of one blob. Unit: bytes. */
export const LOCAL_BLOB_BYTES_MAX: number = 64 * 1024 * 1024;
/** A file that has grown beyond this is left, and the next one begun. Unit: bytes. */
export const LOCAL_SEGMENT_BYTES_MAX: number = 256 * 1024 * 1024;

const LAYER = 'local';
const MAGIC: Uint8Array = utf8('FRLG');
const HEAD_BYTES = 40;
const FILE_PATTERN = /^frames-(\d{8})\.log$/;

export type LocalDaOptions = {
  /** null: memory only. Made when it is missing. */
  readonly directory: string | null;
  readonly blobBytesMax?: number;
  readonly segmentBytesMax?: number;
};

type Entry = {
  readonly commitment: B256;
  readonly segment: number;
  readonly offset: number;
  readonly length: number;
};

/** Where the bytes of blobs are. */
type BlobFile = {
  readonly entries: Entry[];
  append(blob: Uint8Array, commitment: B256): Promise<Entry>;
  read(entry: Entry): Promise<Uint8Array>;
  check(): Promise<void>;
  close(): Promise<void>;
};

function unavailable(what: string, cause: unknown): CodedError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new CodedError(
    'DA_UNAVAILABLE',
    `the local DA directory cannot be ${what}: ${why}; check rights and free space`,
    { layer: LAYER },
    cause,
  );
}

function corrupt(commitment: B256): CodedError {
  return new CodedError(
    'DA_CORRUPT',
    `the stored blob ${commitment} is damaged; restore the DA directory from a copy`,
    { layer: LAYER, commitment },
  );
}

function segmentCorrupt(segment: number): CodedError {
  return new CodedError(
    'DA_CORRUPT',
    `the file ${segmentName(segment)} of the DA directory is damaged; restore it from a copy`,
    { layer: LAYER, segment },
  );
}

function memoryFile(): BlobFile {
  const blobs: Uint8Array[] = [];
  return {
    entries: [],
    async append(blob, commitment) {
      blobs.push(blob.slice());
      return { commitment, segment: 0, offset: blobs.length - 1, length: blob.length };
    },
    read: async (entry) => blobs[entry.offset]!.slice(),
    check: async () => {},
    close: async () => {},
  };
}

function segmentName(segment: number): string {
  return `frames-${String(segment).padStart(8, '0')}.log`;
}

async function readAt(file: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

/** Records of a file, and where the whole ones end. Only the last record's hash is checked. */
async function scanSegment(
  file: FileHandle,
  segment: number,
  blobBytesMax: number,
): Promise<{ entries: Entry[]; end: number; isWhole: boolean }> {
  const { size } = await file.stat();
  const entries: Entry[] = [];
  let at = 0;
  let isWhole = true;
  while (at < size) {
    const head = await readAt(file, at, HEAD_BYTES);
    const length = head.length === HEAD_BYTES ? readU32(head, 4) : 0;
    isWhole =
      head.length === HEAD_BYTES &&
      MAGIC.every((byte, i) => head[i] === byte) &&
      length <= blobBytesMax &&
      at + HEAD_BYTES + length <= size;
    if (!isWhole) break;
    const commitment = bytesToHex(head.subarray(8));
    entries.push({ commitment, segment, offset: at + HEAD_BYTES, length });
    at += HEAD_BYTES + length;
  }
  const last = entries.at(-1);
  if (isWhole && last !== undefined) {
    const blob = await readAt(file, last.offset, last.length);
    if (sha256Hex(blob) !== last.commitment) {
      entries.pop();
      return { entries, end: last.offset - HEAD_BYTES, isWhole: false };
    }
  }
  return { entries, end: at, isWhole };
}

class DirectoryFile implements BlobFile {
  readonly entries: Entry[] = [];
  readonly #directory: string;
  readonly #segmentBytesMax: number;
  readonly #files: FileHandle[] = [];
  /** Where the next record begins. */
  #end = 0;

  constructor(directory: string, segmentBytesMax: number) {
    this.#directory = directory;
    this.#segmentBytesMax = segmentBytesMax;
  }

  async open(blobBytesMax: number): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    const names = (await readdir(this.#directory)).filter((name) => FILE_PATTERN.test(name)).sort();
    for (let segment = 0; segment < Math.max(1, names.length); segment++) {
      await this.#openSegment(segment);
      const file = this.#files[segment]!;
      const found = await scanSegment(file, segment, blobBytesMax);
      this.entries.push(...found.entries);
      this.#end = found.end;
      if (found.isWhole) continue;
      // Only the newest file can end in a record that was being written.
      if (segment < names.length - 1) throw segmentCorrupt(segment);
      await file.truncate(found.end);
      await file.datasync();
    }
  }

  async #openSegment(segment: number): Promise<void> {
    const path = join(this.#directory, segmentName(segment));
    const exists = await stat(path).then(
      () => true,
      () => false,
    );
    this.#files.push(await open(path, exists ? 'r+' : 'w+'));
  }

  async append(blob: Uint8Array, commitment: B256): Promise<Entry> {
    if (this.#end > this.#segmentBytesMax) {
      await this.#openSegment(this.#files.length);
      this.#end = 0;
    }
    const segment = this.#files.length - 1;
    const file = this.#files[segment]!;
    const head = new Uint8Array(HEAD_BYTES);
    head.set(MAGIC);
    writeU32(head, 4, blob.length);
    head.set(hexToBytes(commitment), 8);
    const start = this.#end;
    try {
      await file.write(concatBytes(head, blob), 0, HEAD_BYTES + blob.length, start);
      await file.datasync();
    } catch (error) {
      await file.truncate(start).catch(() => {});
      throw unavailable('written', error);
    }
    this.#end = start + HEAD_BYTES + blob.length;
    return { commitment, segment, offset: start + HEAD_BYTES, length: blob.length };
  }

  async read(entry: Entry): Promise<Uint8Array> {
    try {
      return await readAt(this.#files[entry.segment]!, entry.offset, entry.length);
    } catch (error) {
      throw unavailable('read', error);
    }
  }

  async check(): Promise<void> {
    try {
      await this.#files.at(-1)!.stat();
      await stat(this.#directory);
    } catch (error) {
      throw unavailable('read', error);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#files.map((file) => file.close()));
  }
}

class LocalDa implements DataAvailability {
  readonly name: string = LAYER;
  readonly blobBytesMax: number;
  readonly #file: BlobFile;
  readonly #indexOf: Map<B256, number> = new Map();
  /** The last append; one runs at a time. */
  #tail: Promise<unknown> = Promise.resolve();

  constructor(file: BlobFile, blobBytesMax: number) {
    this.#file = file;
    this.blobBytesMax = blobBytesMax;
    file.entries.forEach(({ commitment }, index) => {
      this.#indexOf.set(commitment, index);
    });
  }

  #receipt(index: number): DaReceipt {
    const { commitment } = this.#file.entries[index]!;
    return { layer: LAYER, height: BigInt(index), commitment };
  }

  async post(blob: Uint8Array, signal: AbortSignal): Promise<DaReceipt> {
    if (blob.length > this.blobBytesMax) {
      throw new CodedError(
        'DA_TOO_LARGE',
        `the blob has ${blob.length} bytes, the layer takes ${this.blobBytesMax}; split the frame`,
        { layer: LAYER, bytes: blob.length, bytesMax: this.blobBytesMax },
      );
    }
    const task = this.#tail.then(() => this.#append(blob, signal));
    this.#tail = task.catch(() => {});
    return await task;
  }

  async #append(blob: Uint8Array, signal: AbortSignal): Promise<DaReceipt> {
    signal.throwIfAborted();
    const commitment = sha256Hex(blob);
    const known = this.#indexOf.get(commitment);
    if (known !== undefined) return this.#receipt(known);
    const entry = await this.#file.append(blob, commitment);
    const index = this.#file.entries.push(entry) - 1;
    this.#indexOf.set(commitment, index);
    return this.#receipt(index);
  }

  async fetch(receipt: DaReceipt, signal: AbortSignal): Promise<Uint8Array> {
    signal.throwIfAborted();
    const { commitment } = receipt;
    const index = this.#indexOf.get(commitment);
    if (receipt.layer !== LAYER || index === undefined || BigInt(index) !== receipt.height) {
      throw new CodedError(
        'DA_NOT_FOUND',
        `the local DA layer has no blob ${commitment} at ${receipt.height}; check the directory`,
        { layer: receipt.layer, commitment },
      );
    }
    const blob = await this.#file.read(this.#file.entries[index]!);
    if (sha256Hex(blob) !== commitment) throw corrupt(commitment);
    return blob;
  }

  async list(after: DaReceipt | null, limit: number, signal: AbortSignal): Promise<DaReceipt[]> {
    signal.throwIfAborted();
    const first = after === null ? 0 : Number(after.height) + 1;
    const last = Math.min(this.#file.entries.length, first + limit);
    const receipts: DaReceipt[] = [];
    for (let index = first; index < last; index++) receipts.push(this.#receipt(index));
    return receipts;
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
  if (options.directory === null) return new LocalDa(memoryFile(), blobBytesMax);
  const segmentBytesMax = options.segmentBytesMax ?? LOCAL_SEGMENT_BYTES_MAX;
  const file = new DirectoryFile(options.directory, segmentBytesMax);
  try {
    // A directory may hold blobs from a time with a larger bound.
    await file.open(Math.max(blobBytesMax, LOCAL_BLOB_BYTES_MAX));
  } catch (error) {
    await file.close();
    throw error instanceof CodedError ? error : unavailable('opened', error);
  }
  return new LocalDa(file, blobBytesMax);
}
