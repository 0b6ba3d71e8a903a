/** A binary heap of indices under an order that never changes. */

export class PriorityQueue {
  readonly #before: (a: number, b: number) => boolean;
  readonly #heap: number[] = [];

  /** `before(a, b)`: a leaves the queue earlier. A strict total order. */
  constructor(before: (a: number, b: number) => boolean) {
    this.#before = before;
  }

  get length(): number {
    return this.#heap.length;
  }

  peek(): number | null {
    return this.#heap[0] ?? null;
  }

  push(item: number): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(item);
    while (at > 0) {
      const up = (at - 1) >>> 1;
      const parent = heap[up] as number;
      if (!this.#before(item, parent)) break;
      heap[at] = parent;
      at = up;
    }
    heap[at] = item;
  }

  pop(): number | null {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined) return null;
    if (heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= heap.length) break;
      const right = down + 1;
      if (right < heap.length && this.#before(heap[right] as number, heap[down] as number)) {
        down = right;
      }
      const child = heap[down] as number;
      if (!this.#before(child, last)) break;
      heap[at] = child;
      at = down;
    }
    heap[at] = last;
    return top;
  }
}
