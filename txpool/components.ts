/**
 * Connected components under arrivals, departures, and joins: disjoint sets with a list of members
 * each. Joining and looking up cost next to nothing (path halving, smaller below larger); leaving
 * costs a constant. Falling apart is the business of `conflictGraph.ts`.
 */

/** A member's place; the owner of the list puts members in and takes them out. */
export type Member<T> = {
  readonly item: T;
  component: Component<T>;
  previous: Member<T> | null;
  next: Member<T> | null;
};

export type Component<T> = {
  /** Absorbed by this one; null: it is a component of its own. */
  parent: Component<T> | null;
  size: number;
  first: Member<T> | null;
  last: Member<T> | null;
  /** It may consist of several parts. */
  isLoose: boolean;
  previous: Component<T> | null;
  next: Component<T> | null;
};

/** What a component has become. */
export function rootOf<T>(component: Component<T>): Component<T> {
  let at = component;
  for (;;) {
    const up = at.parent;
    if (up === null) return at;
    if (up.parent !== null) at.parent = up.parent;
    at = up;
  }
}

export class Components<T> {
  #first: Component<T> | null = null;
  #count = 0;
  /** Those that may consist of several parts. */
  readonly loose: Set<Component<T>> = new Set();

  /** Components, loose ones counted as one each. */
  get count(): number {
    return this.#count;
  }

  /** All components, no order promised. */
  *all(): Generator<Component<T>> {
    for (let at = this.#first; at !== null; at = at.next) yield at;
  }

  /** An empty component; put a member in at once. */
  create(): Component<T> {
    const component: Component<T> = {
      parent: null,
      size: 0,
      first: null,
      last: null,
      isLoose: false,
      previous: null,
      next: this.#first,
    };
    if (this.#first !== null) this.#first.previous = component;
    this.#first = component;
    this.#count += 1;
    return component;
  }

  /** Puts a member that is in no list at the end of a component. */
  enter(member: Member<T>, component: Component<T>): void {
    member.component = component;
    member.previous = component.last;
    member.next = null;
    if (component.last === null) component.first = member;
    else component.last.next = member;
    component.last = member;
    component.size += 1;
  }

  /** @returns the component that it left; gone when it was the last one */
  leave(member: Member<T>): Component<T> {
    const component = rootOf(member.component);
    const { previous, next } = member;
    if (previous === null) component.first = next;
    else previous.next = next;
    if (next === null) component.last = previous;
    else next.previous = previous;
    component.size -= 1;
    if (component.size === 0) this.discard(component);
    return component;
  }

  /** Joins two components. @returns what they are now */
  join(a: Component<T>, b: Component<T>): Component<T> {
    const one = rootOf(a);
    const two = rootOf(b);
    if (one === two) return one;
    const [winner, loser] = one.size >= two.size ? [one, two] : [two, one];
    if (loser.first !== null) {
      if (winner.last === null) winner.first = loser.first;
      else {
        winner.last.next = loser.first;
        loser.first.previous = winner.last;
      }
      winner.last = loser.last;
    }
    winner.size += loser.size;
    if (loser.isLoose) this.loosen(winner);
    this.discard(loser);
    loser.first = null;
    loser.last = null;
    loser.parent = winner;
    return winner;
  }

  /** From now on it may consist of several parts. */
  loosen(component: Component<T>): void {
    if (component.isLoose) return;
    component.isLoose = true;
    this.loose.add(component);
  }

  /** No longer a component; its members belong elsewhere. */
  discard(component: Component<T>): void {
    const { previous, next } = component;
    if (previous === null) this.#first = next;
    else previous.next = next;
    if (next !== null) next.previous = previous;
    component.previous = null;
    component.next = null;
    this.#count -= 1;
    if (component.isLoose) this.loose.delete(component);
    component.isLoose = false;
  }
}
