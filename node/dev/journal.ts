/**
 * An engine that can go back: while a mark is set, every write first notes what it overwrites, so
 * marking costs nothing and going back costs as much as was changed since.
 */
import { CodedError } from '../../primitives/errors.ts';
import type { Engine, Row, RowBatch, Scan } from '../../state/engine/port.ts';

/** Marks that may be set at once. */
export const MARKS_MAX = 1_000;

type Undo = { readonly key: Uint8Array; readonly before: Uint8Array | undefined };
type Op = { readonly key: Uint8Array; readonly value: Uint8Array | null };

export class JournalEngine implements Engine {
  readonly name: Engine['name'];
  readonly location: string | null;
  readonly #base: Engine;
  /** Oldest first; empty while no mark is set. */
  #undo: Undo[] = [];
  /** Ascending by id and by position in `#undo`. */
  readonly #marks: Map<number, number> = new Map();
  #lastId = 0;

  constructor(base: Engine) {
    this.#base = base;
    this.name = base.name;
    this.location = base.location;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#base.get(key);
  }
  scan(scan: Scan): Promise<Row[]> {
    return this.#base.scan(scan);
  }
  close(): Promise<void> {
    return this.#base.close();
  }

  async write(fill: (batch: RowBatch) => void): Promise<void> {
    if (this.#marks.size === 0) {
      await this.#base.write(fill);
      return;
    }
    const ops: Op[] = [];
    fill({
      put: (key, value) => ops.push({ key, value }),
      del: (key) => ops.push({ key, value: null }),
    });
    for (const { key } of ops) this.#undo.push({ key, before: this.#base.get(key) });
    await this.#base.write((batch) => apply(batch, ops));
  }

  /** Ids of the marks, ascending. */
  marks(): readonly number[] {
    return [...this.#marks.keys()];
  }
  /** Rows that are kept to go back. */
  get undoRows(): number {
    return this.#undo.length;
  }

  /** @returns id of a mark at the present state @throws CodedError DEV_SNAPSHOT_LIMIT */
  mark(): number {
    if (this.#marks.size >= MARKS_MAX) {
      throw new CodedError(
        'DEV_SNAPSHOT_LIMIT',
        `there are ${MARKS_MAX} snapshots already: revert to one, or drop some`,
        { max: MARKS_MAX },
      );
    }
    this.#lastId += 1;
    this.#marks.set(this.#lastId, this.#undo.length);
    return this.#lastId;
  }

  /**
   * Restores what was there at the mark; it stays, later ones go.
   * @throws CodedError DEV_UNKNOWN_SNAPSHOT
   */
  async revert(id: number): Promise<void> {
    const position = this.#positionOf(id);
    const undone = this.#undo.slice(position).reverse();
    await this.#base.write((batch) => {
      for (const { key, before } of undone) {
        if (before === undefined) batch.del(key);
        else batch.put(key, before);
      }
    });
    this.#undo.length = position;
    for (const later of this.marks()) if (later > id) this.#marks.delete(later);
  }

  /** Forgets a mark, and what only it needed. @throws CodedError DEV_UNKNOWN_SNAPSHOT */
  drop(id: number): void {
    this.#positionOf(id);
    this.#marks.delete(id);
    const [oldest] = this.#marks.values();
    const unneeded = oldest ?? this.#undo.length;
    if (unneeded === 0) return;
    this.#undo = this.#undo.slice(unneeded);
    for (const [each, position] of this.#marks) this.#marks.set(each, position - unneeded);
  }

  #positionOf(id: number): number {
    const position = this.#marks.get(id);
    if (position !== undefined) return position;
    const known = this.marks();
    throw new CodedError(
      'DEV_UNKNOWN_SNAPSHOT',
      `there is no snapshot ${id}: ${known.length === 0 ? 'none was taken' : `there are ${known.join(', ')}`}; a revert removes those that were taken after its own`,
      { id },
    );
  }
}

function apply(batch: RowBatch, ops: readonly Op[]): void {
  for (const { key, value } of ops) {
    if (value === null) batch.del(key);
    else batch.put(key, value);
  }
}
