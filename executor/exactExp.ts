/**
 * Natural logarithm and exponential, correctly rounded to doubles. `Math.exp` may be one unit in
 * the last place off and differs between engines; the worst-case gas price must not.
 */

const FRACTION_BITS = 192n;
const ONE = 1n << FRACTION_BITS;

/** Fixed point from a double whose bits below 2^-100 are zero. */
function fromDouble(value: number): bigint {
  return BigInt(value * 2 ** 100) << (FRACTION_BITS - 100n);
}

/** atanh of a fixed-point number in [0, 1/2]. */
function atanh(x: bigint): bigint {
  const square = (x * x) >> FRACTION_BITS;
  let power = x;
  let sum = x;
  for (let n = 3n; power > 0n; n += 2n) {
    power = (power * square) >> FRACTION_BITS;
    sum += power / n;
  }
  return sum;
}

const LN2 = 2n * atanh(ONE / 3n);

/** ln(x) for 1 <= x < 2^52. */
export function exactLn(x: number): number {
  const halvings = Math.floor(Math.log2(x));
  const mantissa = fromDouble(x / 2 ** halvings);
  const ratio = ((mantissa - ONE) << FRACTION_BITS) / (mantissa + ONE);
  const result = 2n * atanh(ratio) + BigInt(halvings) * LN2;
  return Number(result) / 2 ** Number(FRACTION_BITS);
}

/** e^x for 0 <= x; Infinity above the range of doubles. Bits of x below 2^-100 do not count. */
export function exactExp(x: number): number {
  if (x > 710) return Infinity;
  const fixed = fromDouble(x);
  const doublings = fixed / LN2;
  const rest = fixed - doublings * LN2;
  let term = ONE;
  let sum = ONE;
  for (let n = 1n; term > 0n; n += 1n) {
    term = ((term * rest) >> FRACTION_BITS) / n;
    sum += term;
  }
  return (Number(sum) / 2 ** Number(FRACTION_BITS)) * 2 ** Number(doublings);
}
