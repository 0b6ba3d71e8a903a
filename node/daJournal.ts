/**
 * The poster's journal on disk: a file of notes, one JSON line each, the last of a frame counts; and
 * one file per frame that is not final. A line that was being written when the process ended is not
 * whole and is left aside.
 */
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DaJournal, FrameNote } from '../da/journal.ts';
import { FINAL_NOTES_MAX } from '../da/post.ts';
import { CodedError } from '../primitives/errors.ts';
import { sha256Hex } from '../primitives/hash.ts';
import type { B256 } from '../primitives/types.ts';

const NOTES = 'notes.jsonl';
const BIG = /^\d+n$/;
const COMMITMENT_DIGITS = 16;

/** A note as text; big integers as digits and an `n`, which no other field looks like. */
export function noteToJson(note: unknown): string {
  return JSON.stringify(note, (_key, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value,
  );
}

/** What {@link noteToJson} wrote; null for a text that is not whole. */
export function noteFromText<T>(text: string): T | null {
  try {
    return JSON.parse(text, (_key, value: unknown) =>
      typeof value === 'string' && BIG.test(value) ? BigInt(value.slice(0, -1)) : value,
    ) as T;
  } catch {
    return null;
  }
}

function frameName(note: FrameNote): string {
  const height = String(note.firstHeight).padStart(10, '0');
  return `${height}-${note.commitment.slice(2, 2 + COMMITMENT_DIGITS)}.frame`;
}

async function writeDurably(path: string, bytes: Uint8Array | string): Promise<void> {
  const file = await open(`${path}.new`, 'w');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}

async function readNotes(path: string): Promise<FrameNote[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const latest = new Map<B256, FrameNote>();
  for (const line of text.split('\n')) {
    const note = line === '' ? null : noteFromText<FrameNote>(line);
    if (note !== null) latest.set(note.commitment, note);
  }
  const notes = [...latest.values()].sort((a, b) => a.firstHeight - b.firstHeight);
  const finals = notes.filter(({ stage }) => stage === 'final').length;
  return notes.slice(Math.max(0, finals - FINAL_NOTES_MAX));
}

class DiskJournal implements DaJournal {
  readonly #directory: string;
  #notes: FrameNote[];
  #file: FileHandle;

  constructor(directory: string, notes: FrameNote[], file: FileHandle) {
    this.#directory = directory;
    this.#notes = notes;
    this.#file = file;
  }

  async load(): Promise<FrameNote[]> {
    return this.#notes;
  }

  async add(note: FrameNote, frame: Uint8Array): Promise<void> {
    await writeDurably(join(this.#directory, frameName(note)), frame);
    await this.#append(note);
  }

  async put(note: FrameNote): Promise<void> {
    await this.#append(note);
    if (note.stage === 'final') await rm(join(this.#directory, frameName(note)), { force: true });
  }

  async #append(note: FrameNote): Promise<void> {
    // The newline in front ends a line that a crash has cut.
    await this.#file.appendFile(`\n${noteToJson(note)}`);
    await this.#file.datasync();
  }

  async bytes(note: FrameNote): Promise<Uint8Array> {
    const bytes = new Uint8Array(await readFile(join(this.#directory, frameName(note))));
    if (sha256Hex(bytes) === note.commitment) return bytes;
    throw new CodedError(
      'DA_JOURNAL_CORRUPT',
      `the file ${frameName(note)} of the poster's journal is damaged; ` +
        'remove the journal: posting then goes on from what is on the layer',
    );
  }

  async close(): Promise<void> {
    await this.#file.close();
    this.#notes = [];
  }
}

/** Opens the journal in a directory, which is made when it is missing. @throws DA_JOURNAL_CORRUPT */
export async function openDaJournal(directory: string): Promise<DaJournal> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, NOTES);
  const notes = await readNotes(path);
  // What was written over is dropped at every start: the file stays small.
  await writeDurably(path, notes.map(noteToJson).join('\n'));
  const wanted = new Set(notes.filter(({ stage }) => stage !== 'final').map(frameName));
  for (const name of await readdir(directory)) {
    const isOld = name.endsWith('.new') || (name.endsWith('.frame') && !wanted.has(name));
    if (isOld) await rm(join(directory, name), { force: true });
  }
  return new DiskJournal(directory, notes, await open(path, 'a'));
}
