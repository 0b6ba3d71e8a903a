/**
 * The conflict graph of the pool, kept as transactions come and go: for each declared key the chain
 * of those that touch it, and the disjoint sets that follow.
 *
 * Cost. With `a` declared keys: `add`, `take`, `drop` do O(a) steps and O(a) look-ups of disjoint
 * sets (inverse Ackermann, amortised), whatever the number of transactions in the pool. A set that
 * loses a transaction with two or more shared keys may have fallen apart; it is only marked, and
 * split when the sets are asked for: O(keys declared by its members), at most once for each time
 * somebody asks. So asking costs O(sets) plus that of the marked ones; nothing else is recomputed.
 * `steps` counts, and a test holds it against this bound.
 *
 * Barriers conflict with everybody, blob barriers with everybody behind them. They are rare and
 * would glue the sets together for good, so they are applied when the sets are asked for.
 */
import type { TxId } from '../primitives/types.ts';
import type { AccessList } from '../tx/access.ts';
import { type Component, Components, type Member, rootOf } from './components.ts';
import { append, detach, type KeyState, KeyTable, type Link } from './keyTable.ts';

/** What the graph wants to know of a transaction. */
export type Conflicting = {
  readonly entry: {
    readonly id: TxId;
    readonly access: AccessList;
    readonly maxGas: bigint;
  };
};

/** A transaction and the keys that it disputes with another one. */
export type Conflict = { readonly with: TxId; readonly keys: readonly string[] };

/** A transaction's place in the graph. */
export type Place<T> = Member<T> & {
  readonly access: AccessList;
  /** Writes first, then reads, as declared. */
  readonly links: readonly Link<T>[];
  /** Order of entering, unique. */
  readonly order: number;
  state: 'in' | 'taken' | 'gone';
  /** Neighbours among all that are in, in order of entering. */
  older: Place<T> | null;
  younger: Place<T> | null;
};

export class ConflictGraph<T extends Conflicting> {
  readonly #table: KeyTable<T> = new KeyTable();
  readonly #components: Components<T> = new Components();
  #oldest: Place<T> | null = null;
  #youngest: Place<T> | null = null;
  #size = 0;
  /** Keys with a first writer among several readers: not joined yet. */
  readonly #unjoined: Set<KeyState<T>> = new Set();
  readonly #shared: Set<KeyState<T>> = new Set();
  /** In order of entering. */
  readonly #blobBarriers: Set<Place<T>> = new Set();
  #barrierCount = 0;
  #order = 0;
  #walk = 0;
  #steps = 0;

  /** Transactions in the graph; taken ones excluded. */
  get size(): number {
    return this.#size;
  }
  /** Keys that somebody declares, in the pool or in flight. */
  get keyCount(): number {
    return this.#table.size;
  }
  /** Links and chain elements that were touched so far. */
  get steps(): number {
    return this.#steps;
  }

  /** The key with its chain; undefined when nobody declares it. */
  key(name: string): KeyState<T> | undefined {
    return this.#table.get(name);
  }
  /** Keys that at least two transactions in the pool touch, no order promised. */
  shared(): IterableIterator<KeyState<T>> {
    return this.#shared.values();
  }
  /** In order of entering. */
  *places(): Generator<Place<T>> {
    for (let at = this.#oldest; at !== null; at = at.younger) yield at;
  }

  /** The declared keys, writes first, held from now on: hand them to `add` or to `letGo`. */
  hold({ writes, reads }: AccessList): KeyState<T>[] {
    const keys: KeyState<T>[] = [];
    for (const name of writes) keys.push(this.#table.hold(name));
    for (const name of reads) keys.push(this.#table.hold(name));
    return keys;
  }
  letGo(keys: readonly KeyState<T>[]): void {
    for (const key of keys) this.#table.letGo(key);
  }

  /** Enters behind everybody else. From now on its access list carries key numbers. */
  add(item: T, keys: readonly KeyState<T>[] = this.hold(item.entry.access)): Place<T> {
    const { access } = item.entry;
    const component = this.#components.create();
    const links: Link<T>[] = [];
    const place: Place<T> = {
      item,
      access,
      links,
      order: this.#order,
      state: 'in',
      component,
      previous: null,
      next: null,
      older: this.#youngest,
      younger: null,
    };
    this.#order += 1;
    linkAll(place, keys, links);
    this.#components.enter(place, component);
    for (const link of place.links) this.#connect(link, component);
    if (this.#youngest === null) this.#oldest = place;
    else this.#youngest.younger = place;
    this.#youngest = place;
    this.#size += 1;
    if (access.barrier) this.#barrierCount += 1;
    if (access.blobBarrier) this.#blobBarriers.add(place);
    access.numbers = { space: this, list: keys.map(({ number }) => number) };
    return place;
  }

  /** In flight: it leaves the chains and sets, its keys stay known until `drop`. */
  take(place: Place<T>): void {
    this.#remove(place);
    place.state = 'taken';
    for (const { key, writes, creates } of place.links) {
      if (writes && !creates) key.takenCount += 1;
    }
  }

  /** Gone for good, from the pool or from flight. */
  drop(place: Place<T>): void {
    if (place.state === 'in') this.#remove(place);
    else if (place.state === 'taken') {
      for (const { key, writes, creates } of place.links) {
        if (writes && !creates) key.takenCount -= 1;
      }
    }
    place.state = 'gone';
    place.access.numbers = undefined;
    for (const { key } of place.links) this.#table.letGo(key);
  }

  /** The disjoint sets, each in order of entering; sets in order of their first transaction. */
  sets(): T[][] {
    const sets: Place<T>[][] = [];
    for (const members of this.components()) {
      sets.push((members as Place<T>[]).sort((a, b) => a.order - b.order));
    }
    sets.sort((a, b) => (a[0] as Place<T>).order - (b[0] as Place<T>).order);
    return sets.map((set) => set.map(({ item }) => item));
  }

  /** Number of the disjoint sets. */
  setCount(): number {
    this.#settle();
    if (this.#barrierCount > 0) return Math.min(1, this.size);
    return this.#components.count - Math.max(0, this.#glued().size - 1);
  }

  /** The members of each disjoint set of at least `sizeMin`, no order promised. */
  *components(sizeMin = 1): Generator<Place<T>[]> {
    this.#settle();
    if (this.#barrierCount > 0) {
      yield [...this.places()];
      return;
    }
    const glued = this.#glued();
    if (glued.size > 0) yield [...glued].flatMap((component) => membersOf(component));
    for (const component of this.#components.all()) {
      if (component.size >= sizeMin && !glued.has(component)) yield membersOf(component);
    }
  }

  /** Sizes of the disjoint sets, no order promised. */
  *setSizes(): Generator<number> {
    this.#settle();
    if (this.#barrierCount > 0) {
      yield this.size;
      return;
    }
    const glued = this.#glued();
    let sum = 0;
    for (const { size } of glued) sum += size;
    if (sum > 0) yield sum;
    for (const component of this.#components.all()) {
      if (!glued.has(component)) yield component.size;
    }
  }

  /**
   * The direct conflicts that the transaction waits for: for each key the last writer before it,
   * or when it writes itself the readers since then. Barriers excluded.
   */
  predecessorsOf(place: Place<T>): T[] {
    const found = new Set<T>();
    for (const link of place.links) {
      let at = link.previous;
      if (link.writes) {
        for (; at !== null && !at.writes; at = at.previous) found.add(at.owner.item);
        if (link.previous !== at) continue;
      } else while (at !== null && !at.writes) at = at.previous;
      if (at !== null) found.add(at.owner.item);
    }
    return [...found];
  }

  /** Everybody that shares a key with it of which one of the two writes; barriers excluded. */
  conflictsOf({ links }: Place<T>): Conflict[] {
    const shared = new Map<TxId, string[]>();
    for (const { key, writes, owner } of links) {
      for (let at = key.first; at !== null; at = at.next) {
        if (at.owner === owner || !(writes || at.writes)) continue;
        const other = at.owner.item.entry.id;
        const names = shared.get(other);
        if (names === undefined) shared.set(other, [key.name]);
        else names.push(key.name);
      }
    }
    return [...shared].map(([other, names]) => ({ with: other, keys: names }));
  }

  /** Appends to the chain and joins the set of those whom the key connects. */
  #connect(link: Link<T>, component: Component<T>): void {
    const { key } = link;
    this.#steps += 1;
    const { txCount, writerCount } = key;
    append(link);
    if (txCount === 1) this.#shared.add(key);
    if (key.hub !== null) {
      if (txCount > 0) this.#components.join(key.hub, component);
      return;
    }
    if (!link.writes) return;
    key.hub = component;
    if (writerCount > 0 || txCount === 0) return;
    // The first writer among readers connects them all.
    if (txCount === 1) this.#components.join(component, (key.first as Link<T>).owner.component);
    else this.#unjoined.add(key);
  }

  #remove(place: Place<T>): void {
    let sharedKeyCount = 0;
    let breaks = false;
    for (const link of place.links) {
      this.#steps += 1;
      const { key } = link;
      const connects = key.writerCount > 0 && key.txCount > 1;
      detach(link);
      if (key.txCount === 1) this.#shared.delete(key);
      if (key.writerCount === 0) {
        key.hub = null;
        this.#unjoined.delete(key);
      }
      if (!connects) continue;
      sharedKeyCount += 1;
      if (key.writerCount === 0 && key.txCount > 1) breaks = true;
    }
    const left = this.#components.leave(place);
    // With one shared key, all others are connected without it.
    if (left.size > 1 && (sharedKeyCount > 1 || breaks)) this.#components.loosen(left);
    this.#unlist(place);
    if (place.access.barrier) this.#barrierCount -= 1;
    if (place.access.blobBarrier) this.#blobBarriers.delete(place);
  }

  #unlist(place: Place<T>): void {
    const { older, younger } = place;
    if (older === null) this.#oldest = younger;
    else older.younger = younger;
    if (younger === null) this.#youngest = older;
    else younger.older = older;
    place.older = null;
    place.younger = null;
    this.#size -= 1;
  }

  /** Joins what was not joined, splits what may have fallen apart. */
  #settle(): void {
    for (const key of this.#unjoined) {
      for (let at = key.first; at !== null; at = at.next) {
        this.#steps += 1;
        this.#components.join(key.hub as Component<T>, at.owner.component);
      }
    }
    this.#unjoined.clear();
    for (const component of [...this.#components.loose]) this.#split(component);
  }

  #split(component: Component<T>): void {
    this.#walk += 1;
    const members = membersOf(component);
    this.#components.discard(component);
    const isPlaced = new Set<Place<T>>();
    for (const start of members) {
      if (isPlaced.has(start)) continue;
      const part = this.#components.create();
      const reached = [start];
      isPlaced.add(start);
      for (const place of reached) {
        this.#components.enter(place, part);
        for (const { key } of place.links) {
          if (key.writerCount === 0 || key.visit === this.#walk) continue;
          key.visit = this.#walk;
          key.hub = part;
          for (let at = key.first; at !== null; at = at.next) {
            this.#steps += 1;
            const other = at.owner as Place<T>;
            if (isPlaced.has(other)) continue;
            isPlaced.add(other);
            reached.push(other);
          }
        }
      }
    }
  }

  /** The components that blob barriers make one set. */
  #glued(): Set<Component<T>> {
    const glued = new Set<Component<T>>();
    const [first] = this.#blobBarriers;
    if (first === undefined) return glued;
    for (let at: Place<T> | null = first; at !== null; at = at.younger) {
      glued.add(rootOf(at.component));
    }
    return glued;
  }
}

function membersOf<T>(component: Component<T>): Place<T>[] {
  const members: Place<T>[] = [];
  for (let at = component.first; at !== null; at = at.next) members.push(at as Place<T>);
  return members;
}

/** One link for each key, not yet in the chains. */
function linkAll<T>(owner: Place<T>, keys: readonly KeyState<T>[], links: Link<T>[]): void {
  const { writes, creates } = owner.access;
  // Created keys stand last among the writes, unless an input names one of them too.
  const firstCreated = writes.length - creates.length;
  const isSuffix = creates.every((name, i) => writes[firstCreated + i] === name);
  keys.forEach((key, i) => {
    const isWrite = i < writes.length;
    const isCreated = isSuffix ? i >= firstCreated : creates.includes(key.name);
    links.push({
      key,
      owner,
      writes: isWrite,
      creates: isWrite && isCreated,
      previous: null,
      next: null,
    });
  });
}
