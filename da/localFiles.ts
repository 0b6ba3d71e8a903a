/**
 * The files of the local DA layer: records of magic (4 bytes), length (4 bytes), sha256 of the blob,
 * blob.
 *
 * A process that is killed while it appends leaves a record that is short or does not hash; it was
 * never acknowledged, and opening cuts it off. A bad record anywhere else is damage, and is reported
 * when it is read. Who only reads changes nothing, and looks again for what was appended.
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
import type { B256, Hex } from '../primitives/types.ts';

const LAYER = 'local';
const MAGIC: Uint8Array = utf8('FRLG');
const HEAD_BYTES = 40;
const FILE_PATTERN = /^frames-(\d{8})\.log$/;

/** A record. */
export type Entry = {
  readonly commitment: B256;
  readonly segment: number;
  readonly offset: number;
  readonly length: number;
};

/** Where the bytes of blobs are. */
export type BlobFile = {
  readonly entries: Entry[];
  append(blob: Uint8Array, commitment: B256): Promise<Entry>;
  read(entry: Entry): Promise<Uint8Array>;
  check(): Promise<void>;
  /** Looks for what another process has appended. */
  refresh(): Promise<void>;
  close(): Promise<void>;
};

export function unavailable(what: string, cause: unknown): CodedError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const isMissing = (cause as { code?: unknown }).code === 'ENOENT';
  const hint = isMissing ? 'check its name' : 'check rights and free space';
  return new CodedError(
    'DA_UNAVAILABLE',
    `the local DA directory cannot be ${what}: ${why}; ${hint}`,
    { layer: LAYER },
    cause,
  );
}

/** A blob whose bytes are not what they were. */
export function corrupt(commitment: Hex): CodedError {
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

/** Blobs in memory. */
export function memoryFile(): BlobFile {
  const blobs: Uint8Array[] = [];
  return {
    entries: [],
    async append(blob, commitment) {
      blobs.push(blob.slice());
      return { commitment, segment: 0, offset: blobs.length - 1, length: blob.length };
    },
    read: async (entry) => blobs[entry.offset]!.slice(),
    check: async () => {},
    refresh: async () => {},
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
  from: number,
  blobBytesMax: number,
): Promise<{ entries: Entry[]; end: number; isWhole: boolean }> {
  const { size } = await file.stat();
  const entries: Entry[] = [];
  let at = from;
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

/** Blobs in a directory. */
export class DirectoryFile implements BlobFile {
  readonly entries: Entry[] = [];
  readonly #directory: string;
  readonly #segmentBytesMax: number;
  readonly #files: FileHandle[] = [];
  /** Where the next record begins. */
  #end = 0;
  #blobBytesMax = 0;

  /** Set when another process writes. */
  readonly #isReadOnly: boolean;

  constructor(directory: string, options: { segmentBytesMax: number; isReadOnly: boolean }) {
    this.#directory = directory;
    this.#segmentBytesMax = options.segmentBytesMax;
    this.#isReadOnly = options.isReadOnly;
  }

  async open(blobBytesMax: number): Promise<void> {
    this.#blobBytesMax = blobBytesMax;
    if (!this.#isReadOnly) await mkdir(this.#directory, { recursive: true });
    await this.#scan();
  }

  async refresh(): Promise<void> {
    if (this.#isReadOnly) await this.#scan();
  }

  async #names(): Promise<string[]> {
    const names = await readdir(this.#directory);
    return names.filter((name) => FILE_PATTERN.test(name)).sort();
  }

  /** Reads the heads of records behind those that are known. */
  async #scan(): Promise<void> {
    const { length: count } = await this.#names();
    const least = this.#isReadOnly ? 0 : 1;
    for (let s = Math.max(0, this.#files.length - 1); s < Math.max(least, count); s++) {
      const isNew = s >= this.#files.length;
      if (isNew) await this.#openSegment(s);
      const file = this.#files[s]!;
      const found = await scanSegment(file, s, isNew ? 0 : this.#end, this.#blobBytesMax);
      this.entries.push(...found.entries);
      this.#end = found.end;
      if (found.isWhole) continue;
      // Only the newest file can end in a record that is, or was, being written.
      if (s < count - 1) throw segmentCorrupt(s);
      if (this.#isReadOnly) return;
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
    const mode = this.#isReadOnly ? 'r' : exists ? 'r+' : 'w+';
    this.#files.push(await open(path, mode));
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
      await this.#files.at(-1)?.stat();
      await stat(this.#directory);
    } catch (error) {
      throw unavailable('read', error);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#files.map((file) => file.close()));
  }
}
