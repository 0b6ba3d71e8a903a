/**
 * The declared keys of all transactions that the pool holds, in it or in flight: one object and one
 * small number for each key, and for each key its accessors in order of entering (the chain).
 */
import { assert } from '../primitives/errors.ts';
import type { Component, Member } from './components.ts';

/** What one transaction does to one key, a link of that key's chain. */
export type Link<T> = {
  readonly key: KeyState<T>;
  readonly owner: Member<T>;
  readonly writes: boolean;
  /** Brings the key into being. */
  readonly creates: boolean;
  previous: Link<T> | null;
  next: Link<T> | null;
};

/** A key that somebody declares. */
export type KeyState<T> = {
  readonly name: string;
  /** Unique among the keys of the table; reused when the key is forgotten. */
  readonly number: number;
  /** The chain: transactions in the pool, in order of entering. */
  first: Link<T> | null;
  last: Link<T> | null;
  txCount: number;
  writerCount: number;
  /** Who creates it, in the pool. */
  creator: T | null;
  /** Transactions in flight that write it without creating it. */
  takenCount: number;
  /** Transactions in the pool or in flight that declare it; 0: forgotten. */
  holderCount: number;
  /** Component of those whom the key connects; null: it connects nobody (no writer). */
  hub: Component<T> | null;
  /** Scratch of `ConflictGraph`: the last walk that came by. */
  visit: number;
};

export class KeyTable<T> {
  readonly #byName: Map<string, KeyState<T>> = new Map();
  readonly #free: number[] = [];
  #numberCount = 0;

  /** Keys that somebody declares. */
  get size(): number {
    return this.#byName.size;
  }

  get(name: string): KeyState<T> | undefined {
    return this.#byName.get(name);
  }

  /** The key of this name, with one holder more. */
  hold(name: string): KeyState<T> {
    const known = this.#byName.get(name);
    if (known !== undefined) {
      known.holderCount += 1;
      return known;
    }
    let number = this.#free.pop();
    if (number === undefined) {
      number = this.#numberCount;
      this.#numberCount += 1;
    }
    const fresh: KeyState<T> = {
      name,
      number,
      first: null,
      last: null,
      txCount: 0,
      writerCount: 0,
      creator: null,
      takenCount: 0,
      holderCount: 1,
      hub: null,
      visit: 0,
    };
    this.#byName.set(name, fresh);
    return fresh;
  }

  /** One holder less; without holders the key is forgotten and its number free. */
  letGo(key: KeyState<T>): void {
    key.holderCount -= 1;
    if (key.holderCount > 0) return;
    assert(key.txCount === 0, 'a key without holders has an empty chain');
    this.#byName.delete(key.name);
    this.#free.push(key.number);
  }
}

/** Puts a link at the end of its key's chain. */
export function append<T>(link: Link<T>): void {
  const { key } = link;
  link.previous = key.last;
  if (key.last === null) key.first = link;
  else key.last.next = link;
  key.last = link;
  key.txCount += 1;
  if (link.writes) key.writerCount += 1;
  if (link.creates) key.creator = link.owner.item;
}

/** Takes a link out of its key's chain. */
export function detach<T>(link: Link<T>): void {
  const { key, previous, next } = link;
  if (previous === null) key.first = next;
  else previous.next = next;
  if (next === null) key.last = previous;
  else next.previous = previous;
  link.previous = null;
  link.next = null;
  key.txCount -= 1;
  if (link.writes) key.writerCount -= 1;
  if (link.creates && key.creator === link.owner.item) key.creator = null;
}
