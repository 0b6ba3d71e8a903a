/**
 * Everybody in the pool by age: arrival, then sequence. A linked list through the nodes, because
 * almost everybody arrives at the young end and may leave from anywhere.
 */
import type { PoolNode } from './graph.ts';

function isYounger(a: PoolNode, b: PoolNode): boolean {
  const difference = a.entry.arrivedAtMs - b.entry.arrivedAtMs;
  return difference !== 0 ? difference > 0 : a.entry.sequence > b.entry.sequence;
}

export class AgeList {
  #oldest: PoolNode | null = null;
  #youngest: PoolNode | null = null;
  /** Who came in last out of turn: those that return to the pool do so in order. */
  #lastLate: PoolNode | null = null;

  get oldest(): PoolNode | null {
    return this.#oldest;
  }

  /** Costs nothing for the youngest, and little for one that follows the last latecomer. */
  add(node: PoolNode): void {
    if (this.#youngest === null || isYounger(node, this.#youngest)) {
      this.#insertBehind(node, this.#youngest);
      return;
    }
    const late = this.#lastLate;
    let before = late !== null && isYounger(node, late) ? late : null;
    for (;;) {
      const next: PoolNode | null = before === null ? this.#oldest : before.younger;
      if (next === null || !isYounger(node, next)) break;
      before = next;
    }
    this.#insertBehind(node, before);
    this.#lastLate = node;
  }

  remove(node: PoolNode): void {
    const { older, younger } = node;
    if (older === null) this.#oldest = younger;
    else older.younger = younger;
    if (younger === null) this.#youngest = older;
    else younger.older = older;
    node.older = null;
    node.younger = null;
    if (this.#lastLate === node) this.#lastLate = null;
  }

  #insertBehind(node: PoolNode, older: PoolNode | null): void {
    const younger = older === null ? this.#oldest : older.younger;
    node.older = older;
    node.younger = younger;
    if (older === null) this.#oldest = node;
    else older.younger = node;
    if (younger === null) this.#youngest = node;
    else younger.older = node;
  }
}
