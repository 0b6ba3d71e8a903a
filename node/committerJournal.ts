/**
 * What a lane of transactions to Ethereum has written down: one JSON line each, on disk before
 * anything follows from it. A last line that was cut off never happened.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CodedError } from '../primitives/errors.ts';
import type { LaneJournal, LaneRecord } from '../settlement/index.ts';

const BIGINT_FIELDS: ReadonlySet<string> = new Set(['gas', 'value', 'maxFee', 'tip']);

function lineOf(record: LaneRecord): string {
  const text = (_: string, value: unknown): unknown =>
    typeof value === 'bigint' ? value.toString() : value;
  return `${JSON.stringify(record, text)}\n`;
}

function recordOf(line: string): LaneRecord {
  return JSON.parse(line, (key, value: unknown) =>
    BIGINT_FIELDS.has(key) ? BigInt(value as string) : value,
  ) as LaneRecord;
}

function readRecords(path: string): LaneRecord[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  // What follows the last line end was cut off.
  lines.pop();
  return lines.map((line, index) => {
    try {
      return recordOf(line);
    } catch (cause) {
      throw new CodedError(
        'COMMITTER_JOURNAL_CORRUPT',
        `line ${index + 1} of ${path} cannot be read: restore it, or remove the file once no ` +
          'transaction of the committer is pending on Ethereum',
        { line: index + 1 },
        cause,
      );
    }
  });
}

/** Leaves out what has ended. */
function stillOpen(records: readonly LaneRecord[]): LaneRecord[] {
  const ended = new Set(records.flatMap(({ type, nonce }) => (type === 'end' ? [nonce] : [])));
  return records.filter(({ nonce }) => !ended.has(nonce));
}

/** Replaced as a whole, so that a crash leaves the old or the new file. */
async function rewrite(path: string, records: readonly LaneRecord[]): Promise<FileHandle> {
  mkdirSync(dirname(path), { recursive: true });
  const fresh = `${path}.new`;
  const file = await open(fresh, 'w', 0o600);
  await file.writeFile(records.map(lineOf).join(''));
  await file.sync();
  await rename(fresh, path);
  return file;
}

/** @param path file; null: in memory. @throws CodedError COMMITTER_JOURNAL_CORRUPT */
export async function openCommitterJournal(path: string | null): Promise<LaneJournal> {
  if (path === null) return { open: [], append: async () => {}, close: async () => {} };
  const records = stillOpen(readRecords(path));
  const file = await rewrite(path, records);
  return {
    open: records,
    async append(record) {
      await file.appendFile(lineOf(record));
      await file.datasync();
    },
    close: () => file.close(),
  };
}
