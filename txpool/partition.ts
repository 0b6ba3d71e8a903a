/**
 * Splits transactions by what they declare to touch.
 *
 * Two transactions conflict when they share a key that at least one of them writes; a barrier
 * conflicts with everybody, a blob barrier with everybody behind it. The disjoint sets are the
 * connected components of that relation (union–find). Inside a set, `predecessors` lists direct
 * conflicts only: whoever writes a key waits for its last writer and the readers since; what
 * follows from those by transitivity is left out. The sets are what is shown and counted; the
 * predecessors are what execution follows (`executor/schedule.ts`).
 *
 * Cost: one pass, linear in the number of declared keys. Keys are compared as numbers: a pool has
 * numbered them (`conflictGraph.ts`), else they are numbered here.
 */
import { assert } from '../primitives/errors.ts';
import type { AccessList } from '../tx/access.ts';
import type { Partition } from './types.ts';

/** Half of what the tables of {@link Touches} can hold: a call may need one round per barrier. */
const ROUND_MAX = 2 ** 30;

/** Shared by all who wait for nobody: most. */
const NOBODY: readonly number[] = [];

/**
 * @param accesses in canonical order of the block
 * @returns every index exactly once; depends on nothing but the names in `accesses`
 */
export function partitionByAccess(accesses: readonly AccessList[]): Partition {
  const lists = accesses.map(areNumbered(accesses) ? numbersOf : namesNumbered());
  const count = accesses.length;
  const parent = new Int32Array(count);
  for (let i = 0; i < count; i += 1) parent[i] = i;
  const predecessors: (readonly number[])[] = new Array(count);
  /** Nobody behind it waits for it yet. */
  const isLeaf = new Uint8Array(count).fill(1);
  TOUCHES.begin(count);
  /** Latest barrier of either kind: everybody behind it waits for it, at least indirectly. */
  let floor = -1;
  let lastBarrier = -1;

  for (let i = 0; i < count; i += 1) {
    const access = accesses[i] as AccessList;
    const keys = lists[i] as readonly number[];
    const writeCount = access.writes.length;
    const found: number[] = [];
    for (let k = writeCount; k < keys.length; k += 1) TOUCHES.read(keys[k] as number, i, found);
    for (let k = 0; k < writeCount; k += 1) TOUCHES.write(keys[k] as number, i, found);
    if (access.barrier) {
      for (let j = Math.max(lastBarrier, 0); j < i; j += 1) {
        if (isLeaf[j] === 1) TOUCHES.addOnce(j, i, found);
      }
      TOUCHES.forgetKeys();
      lastBarrier = i;
    }
    if (found.length > 1) found.sort((a, b) => a - b);
    const latest = found.at(-1) ?? -1;
    if (floor > latest) found.push(floor);
    if (access.barrier || access.blobBarrier) floor = i;
    for (const j of found) {
      isLeaf[j] = 0;
      parent[root(parent, j)] = root(parent, i);
    }
    predecessors[i] = found.length === 0 ? NOBODY : found;
  }
  const sharedWrites = lists.map((keys, i) =>
    TOUCHES.sharedOf(keys, (accesses[i] as AccessList).writes.length),
  );
  return { sets: collectSets(parent), predecessors, sharedWrites };
}

/** All of them by the same pool. */
function areNumbered(accesses: readonly AccessList[]): boolean {
  const space = accesses[0]?.numbers?.space;
  return space !== undefined && accesses.every(({ numbers }) => numbers?.space === space);
}

function numbersOf({ numbers }: AccessList): readonly number[] {
  return numbers?.list ?? NOBODY;
}

/** Numbers names as they come. */
function namesNumbered(): (access: AccessList) => readonly number[] {
  const numbers = new Map<string, number>();
  const numberOf = (name: string): number => {
    let number = numbers.get(name);
    if (number === undefined) numbers.set(name, (number = numbers.size));
    return number;
  };
  return ({ writes, reads }) => {
    const list: number[] = [];
    for (const name of writes) list.push(numberOf(name));
    for (const name of reads) list.push(numberOf(name));
    return list;
  };
}

/**
 * Who touched each key last. One object serves all calls, because making and clearing tables as
 * large as a pool would cost more than most rounds: what an earlier round wrote has another stamp.
 */
class Touches {
  /** By key: the round in which the rest of its row was written. */
  #stamp: Int32Array = new Int32Array(1024);
  /** By key: index of the last writer, -1: none. */
  #writer: Int32Array = new Int32Array(1024);
  /** By key: place of the latest reader since the last writer in the two lists below, -1: none. */
  #reader: Int32Array = new Int32Array(1024);
  /** By key: the call that met it last, negative when it met it twice. */
  #use: Int32Array = new Int32Array(1024);
  #readers: number[] = [];
  #earlier: number[] = [];
  /** By index: the latest one that waits for it already. */
  #waitedBy: Int32Array = new Int32Array(0);
  #round = 0;
  #call = 0;

  begin(count: number): void {
    if (this.#round >= ROUND_MAX) {
      this.#stamp.fill(0);
      this.#use.fill(0);
      this.#round = 0;
    }
    this.forgetKeys();
    this.#call = this.#round;
    this.#waitedBy = new Int32Array(count).fill(-1);
    this.#readers = [];
    this.#earlier = [];
  }

  forgetKeys(): void {
    this.#round += 1;
  }

  read(key: number, index: number, found: number[]): void {
    this.#open(key);
    const writer = this.#writer[key] as number;
    const latest = this.#reader[key] as number;
    assert(writer !== index && this.#readers[latest] !== index, 'access keys are unique');
    if (writer >= 0) this.addOnce(writer, index, found);
    this.#reader[key] = this.#readers.push(index) - 1;
    this.#earlier.push(latest);
  }

  write(key: number, index: number, found: number[]): void {
    this.#open(key);
    const writer = this.#writer[key] as number;
    let reader = this.#reader[key] as number;
    assert(writer !== index && this.#readers[reader] !== index, 'access keys are unique');
    // Readers since the last writer wait for it themselves.
    if (reader < 0) {
      if (writer >= 0) this.addOnce(writer, index, found);
    } else {
      for (; reader >= 0; reader = this.#earlier[reader] as number) {
        this.addOnce(this.#readers[reader] as number, index, found);
      }
    }
    this.#writer[key] = index;
    this.#reader[key] = -1;
  }

  /** The first `writeCount` of `keys` without those that only this list names. */
  sharedOf(keys: readonly number[], writeCount: number): readonly number[] {
    let shared = NOBODY as number[];
    for (let k = 0; k < writeCount; k += 1) {
      const key = keys[k] as number;
      if (this.#use[key] !== -this.#call) continue;
      if (shared === NOBODY) shared = [];
      shared.push(key);
    }
    return shared;
  }

  addOnce(before: number, index: number, found: number[]): void {
    if (this.#waitedBy[before] === index) return;
    this.#waitedBy[before] = index;
    found.push(before);
  }

  #open(key: number): void {
    if (key >= this.#stamp.length) this.#grow(key);
    const use = this.#use[key] as number;
    if (use === this.#call) this.#use[key] = -this.#call;
    else if (use !== -this.#call) this.#use[key] = this.#call;
    if (this.#stamp[key] === this.#round) return;
    this.#stamp[key] = this.#round;
    this.#writer[key] = -1;
    this.#reader[key] = -1;
  }

  #grow(key: number): void {
    const grown = (old: Int32Array): Int32Array => {
      const larger = new Int32Array(2 ** (32 - Math.clz32(key)));
      larger.set(old);
      return larger;
    };
    this.#stamp = grown(this.#stamp);
    this.#writer = grown(this.#writer);
    this.#reader = grown(this.#reader);
    this.#use = grown(this.#use);
  }
}

const TOUCHES = new Touches();

function root(parent: Int32Array, index: number): number {
  let at = index;
  for (;;) {
    const up = parent[at] as number;
    if (up === at) return at;
    // Path halving keeps the trees flat.
    parent[at] = parent[up] as number;
    at = up;
  }
}

function collectSets(parent: Int32Array): number[][] {
  const sets: number[][] = [];
  const setOf = new Int32Array(parent.length).fill(-1);
  for (let i = 0; i < parent.length; i += 1) {
    const r = root(parent, i);
    const at = setOf[r] as number;
    if (at < 0) setOf[r] = sets.push([i]) - 1;
    else (sets[at] as number[]).push(i);
  }
  return sets;
}
