/**
 * The engine on disk: LevelDB. A batch is one record of its log, so it is there as a whole or not
 * at all, whenever the process dies.
 */
import { resolve } from 'node:path';
import { crc32 } from 'node:zlib';
import type { ClassicLevel } from 'classic-level';
import { readU32, writeU32 } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import { unfilled } from '../fields.ts';
import type { Engine, EngineRows, Row, RowBatch, Scan } from './port.ts';

type Db = ClassicLevel<Uint8Array, Uint8Array>;

const CHECKSUM_BYTES = 4;
/** LevelDB's own block cache, beside the one of decoded records. Unit: bytes. */
const BLOCK_CACHE_BYTES = 32 * 1024 * 1024;
/** Memory for rows that are in the log only. Unit: bytes. */
const WRITE_BUFFER_BYTES = 16 * 1024 * 1024;

/** LevelDB hands out Buffers, whose `slice` shares memory and which equal no Uint8Array. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/**
 * A value behind the CRC-32 of its key and itself. LevelDB has sums per block, but point reads do
 * not look at them: a flipped bit on disk would come back as a wrong amount.
 */
function sealed(key: Uint8Array, value: Uint8Array): Uint8Array {
  const row = unfilled(CHECKSUM_BYTES + value.length);
  writeU32(row, 0, crc32(value, crc32(key)));
  row.set(value, CHECKSUM_BYTES);
  return row;
}

/** The value of a row whose sum is right. */
function unsealed(key: Uint8Array, row: Uint8Array, path: string): Uint8Array {
  const value = row.subarray(CHECKSUM_BYTES);
  const isWhole = row.length >= CHECKSUM_BYTES && crc32(value, crc32(key)) === readU32(row, 0);
  if (!isWhole) throw corrupt(path, new Error('the checksum of a row is wrong'));
  return value;
}

/** First key behind all that start with `prefix`; undefined when there is none. */
function prefixEnd(prefix: Uint8Array): Uint8Array | undefined {
  const end = prefix.slice();
  for (let i = end.length - 1; i >= 0; i--) {
    if (end[i]! < 0xff) {
      end[i]!++;
      return end.subarray(0, i + 1);
    }
  }
  return undefined;
}

/** Codes of LevelDB through the wrapping errors of abstract-level. */
function levelCode(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    const code = (at as { code?: unknown }).code;
    if (typeof code === 'string' && code !== 'LEVEL_DATABASE_NOT_OPEN') return code;
  }
  return '';
}

function translated(error: unknown, path: string): CodedError {
  if (error instanceof CodedError) return error;
  if (levelCode(error) === 'LEVEL_LOCKED') return locked(path, error);
  if (levelCode(error) === 'LEVEL_CORRUPTION') return corrupt(path, error);
  const reason = error instanceof Error ? causeText(error) : String(error);
  if (/corrupt|checksum|manifest|CURRENT/i.test(reason)) return corrupt(path, error);
  return new CodedError(
    'STATE_UNAVAILABLE',
    `the database at ${path} cannot be used: ${reason}; check the path, its rights and free space`,
    { path },
    error,
  );
}

function locked(path: string, cause?: unknown): CodedError {
  return new CodedError(
    'STATE_LOCKED',
    `the database at ${path} is in use already; stop who has it or give another --db-path`,
    { path },
    cause,
  );
}

function causeText(error: Error): string {
  return error.cause instanceof Error ? causeText(error.cause) : error.message;
}

function corrupt(path: string, cause: unknown): CodedError {
  return new CodedError(
    'STATE_CORRUPT',
    `the database at ${path} is damaged; restore a copy, rebuild it from the DA layer, or remove ` +
      'the directory to start again from genesis',
    { path },
    cause,
  );
}

type Batch = ReturnType<Db['batch']> & {
  /** What a database of abstract-level implements: past its options, encodings, hooks and events. */
  _put(key: Uint8Array, value: Uint8Array): void;
  _del(key: Uint8Array): void;
};

/**
 * Rows past the general front of the library, which makes an object for each of them. It only has to
 * know that the batch is not empty.
 */
function directly(batch: Batch): RowBatch {
  let isEmpty = true;
  return {
    put(key, value) {
      if (isEmpty) batch.put(key, sealed(key, value));
      else batch._put(key, sealed(key, value));
      isEmpty = false;
    },
    del(key) {
      if (isEmpty) batch.del(key);
      else batch._del(key);
      isEmpty = false;
    },
  };
}

/** Reads rows. */
class DiskRows implements EngineRows {
  readonly db: Db;
  readonly location: string;

  constructor(db: Db, location: string) {
    this.db = db;
    this.location = location;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    try {
      const value = this.db.getSync(key);
      return value === undefined ? undefined : unsealed(key, plain(value), this.location);
    } catch (error) {
      throw translated(error, this.location);
    }
  }

  async close(): Promise<void> {
    await this.db.close();
  }
}

class DiskEngine extends DiskRows implements Engine {
  readonly name: 'disk' = 'disk';
  readonly #key: string;

  /** @param key under which it is in {@link inUse} */
  constructor(db: Db, path: string, key: string) {
    super(db, path);
    this.#key = key;
  }

  async scan(scan: Scan): Promise<Row[]> {
    const { prefix, after, limit } = scan;
    const reverse = scan.reverse === true;
    const end = prefixEnd(prefix);
    const upper = end === undefined ? {} : { lt: end };
    const bounds =
      after === undefined
        ? { gte: prefix, ...upper }
        : reverse
          ? { gte: prefix, lt: after }
          : { gt: after, ...upper };
    const iterator = this.db.iterator({ ...bounds, reverse, limit });
    try {
      const rows: Row[] = [];
      for (;;) {
        // One call may return fewer than asked for: it stops at a high-water mark of bytes.
        const entries = await iterator.nextv(Math.max(1, limit - rows.length));
        if (entries.length === 0) return rows;
        for (const [rawKey, row] of entries) {
          const key = plain(rawKey);
          rows.push({ key, value: unsealed(key, plain(row), this.location) });
        }
        if (rows.length >= limit) return rows;
      }
    } catch (error) {
      throw translated(error, this.location);
    } finally {
      await iterator.close();
    }
  }

  async write(fill: (batch: RowBatch) => void): Promise<void> {
    const batch = this.db.batch();
    try {
      fill(directly(batch as Batch));
    } catch (error) {
      await batch.close();
      throw error;
    }
    try {
      // Synced: a committed height also outlives a power failure (about 4 ms a block, measured).
      await batch.write({ sync: true });
    } catch (error) {
      throw translated(error, this.location);
    }
  }

  override async close(): Promise<void> {
    await super.close();
    inUse.delete(this.#key);
  }
}

/**
 * Directories that are open here. LevelDB refuses other processes; within one, several handles are
 * allowed, so that execution threads can read.
 */
const inUse: Set<string> = new Set();

async function openDb(path: string, createIfMissing: boolean): Promise<Db> {
  // Native code: loaded only by who asks for a disk.
  const { ClassicLevel } = await import('classic-level');
  const db = new ClassicLevel<Uint8Array, Uint8Array>(path, {
    keyEncoding: 'view',
    valueEncoding: 'view',
    cacheSize: BLOCK_CACHE_BYTES,
    writeBufferSize: WRITE_BUFFER_BYTES,
    createIfMissing,
    multithreading: true,
  });
  await db.open();
  return db;
}

/**
 * Opens or creates the database in directory `path`.
 * @throws CodedError STATE_LOCKED, STATE_CORRUPT, STATE_UNAVAILABLE
 */
export async function openDiskEngine(path: string): Promise<Engine> {
  const key = resolve(path);
  if (inUse.has(key)) throw locked(path);
  inUse.add(key);
  try {
    return new DiskEngine(await openDb(path, true), path, key);
  } catch (error) {
    inUse.delete(key);
    throw translated(error, path);
  }
}

/**
 * Rows of a database that another thread of this process has open: each read sees every write that
 * has resolved there.
 * @param path as that thread gave it
 * @throws CodedError STATE_LOCKED, STATE_CORRUPT, STATE_UNAVAILABLE
 */
export async function openDiskRows(path: string): Promise<EngineRows> {
  try {
    return new DiskRows(await openDb(path, false), path);
  } catch (error) {
    throw translated(error, path);
  }
}
