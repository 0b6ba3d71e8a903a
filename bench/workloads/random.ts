/** Chance that is the same every time. */

/**
 * Draws ranks 0 … count − 1 with probability ~ 1 / (rank + 1)^theta.
 * @param theta 0: all ranks alike
 */
export function zipfRanks(next: () => number, count: number, theta: number): () => number {
  const sums = new Float64Array(count);
  let sum = 0;
  for (let i = 0; i < count; i += 1) {
    sum += 1 / (i + 1) ** theta;
    sums[i] = sum;
  }
  return () => {
    const wanted = next() * sum;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] as number) > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

/** `count` different ranks (fewer when there are not so many). */
export function distinctRanks(draw: () => number, count: number, available: number): number[] {
  const ranks = new Set<number>();
  const wanted = Math.min(count, available);
  // With a steep distribution the rare ranks hardly ever come: fill up in order then.
  for (let tries = 0; ranks.size < wanted && tries < 20 * wanted; tries += 1) ranks.add(draw());
  for (let rank = 0; ranks.size < wanted; rank += 1) ranks.add(rank);
  return [...ranks];
}
