/**
 * The conflict graph over declared keys, kept as transactions come and go: who shares what with
 * whom. It answers "why do these two not run side by side"; execution itself uses `partition.ts`.
 */
import type { TxId } from '../primitives/types.ts';
import type { AccessList } from '../tx/access.ts';

/** A transaction and the keys it disputes with another one. */
export type Conflict = { readonly with: TxId; readonly keys: readonly string[] };

type Touching = { readonly writers: Set<TxId>; readonly readers: Set<TxId> };

export class ConflictIndex {
  readonly #byKey = new Map<string, Touching>();
  readonly #accesses = new Map<TxId, AccessList>();

  get size(): number {
    return this.#accesses.size;
  }

  add(id: TxId, access: AccessList): void {
    this.#accesses.set(id, access);
    for (const key of access.writes) this.#touching(key).writers.add(id);
    for (const key of access.reads) this.#touching(key).readers.add(id);
  }

  remove(id: TxId): void {
    const access = this.#accesses.get(id);
    if (access === undefined) return;
    this.#accesses.delete(id);
    for (const key of [...access.writes, ...access.reads]) {
      const touching = this.#touching(key);
      touching.writers.delete(id);
      touching.readers.delete(id);
      if (touching.writers.size + touching.readers.size === 0) this.#byKey.delete(key);
    }
  }

  /** Everybody that shares a key with `id` of which one of the two writes; barriers excluded. */
  conflictsOf(id: TxId): Conflict[] {
    const access = this.#accesses.get(id);
    if (access === undefined) return [];
    const shared = new Map<TxId, string[]>();
    const note = (other: TxId, key: string): void => {
      if (other === id) return;
      const keys = shared.get(other);
      if (keys === undefined) shared.set(other, [key]);
      else keys.push(key);
    };
    for (const key of access.writes) {
      const touching = this.#touching(key);
      for (const other of touching.writers) note(other, key);
      for (const other of touching.readers) note(other, key);
    }
    for (const key of access.reads) {
      for (const other of this.#touching(key).writers) note(other, key);
    }
    return [...shared].map(([other, keys]) => ({ with: other, keys }));
  }

  /** The keys that most transactions touch, hottest first; ties by key. */
  hottest(countMax: number): { key: string; txCount: number }[] {
    return [...this.#byKey]
      .map(([key, { writers, readers }]) => ({ key, txCount: writers.size + readers.size }))
      .sort((a, b) => b.txCount - a.txCount || (a.key < b.key ? -1 : 1))
      .slice(0, countMax);
  }

  #touching(key: string): Touching {
    const found = this.#byKey.get(key);
    if (found !== undefined) return found;
    const fresh: Touching = { writers: new Set(), readers: new Set() };
    this.#byKey.set(key, fresh);
    return fresh;
  }
}
