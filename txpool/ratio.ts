/** Exact comparison of tips per gas. */

/**
 * Compares a / b with c / d, all of them non-negative, b and d positive.
 * @returns negative, zero or positive like `a / b - c / d`
 */
export function compareRatios(a: bigint, b: bigint, c: bigint, d: bigint): number {
  const left = a * d;
  const right = c * b;
  return left < right ? -1 : left > right ? 1 : 0;
}
