/** Largest u64. */
export const U64_MAX: bigint = (1n << 64n) - 1n;
/** Largest u32. */
export const U32_MAX: number = 0xffff_ffff;

/** Whether `value` is in the range of u64. */
export function isU64(value: bigint): boolean {
  return value >= 0n && value <= U64_MAX;
}

/** Sum that stops at {@link U64_MAX}. */
export function saturatingAdd(a: bigint, b: bigint): bigint {
  const sum = a + b;
  return sum > U64_MAX ? U64_MAX : sum;
}

/** Difference that stops at 0. */
export function saturatingSub(a: bigint, b: bigint): bigint {
  return a > b ? a - b : 0n;
}

/** Product that stops at {@link U64_MAX}. */
export function saturatingMul(a: bigint, b: bigint): bigint {
  const product = a * b;
  return product > U64_MAX ? U64_MAX : product;
}

/** Sum, or null when it is no u64. */
export function checkedAdd(a: bigint, b: bigint): bigint | null {
  const sum = a + b;
  return sum > U64_MAX ? null : sum;
}

/** Difference, or null when it is negative. */
export function checkedSub(a: bigint, b: bigint): bigint | null {
  return a < b ? null : a - b;
}

/** Product, or null when it is no u64. */
export function checkedMul(a: bigint, b: bigint): bigint | null {
  const product = a * b;
  return product > U64_MAX ? null : product;
}
