import type { Tai64 } from './types.ts';

/** 2^62 marks the label; 10 s is what TAI was ahead of UTC when Unix time began. */
const TAI64_OF_UNIX_EPOCH = (1n << 62n) + 10n;

/** TAI64 label of a Unix time. Unit: whole seconds; a fraction is cut off. */
export function unixSecondsToTai64(unixSeconds: number | bigint): Tai64 {
  const whole = typeof unixSeconds === 'bigint' ? unixSeconds : BigInt(Math.floor(unixSeconds));
  return TAI64_OF_UNIX_EPOCH + whole;
}

/** Unix time of a TAI64 label. Unit: seconds; negative before 1970. */
export function tai64ToUnix(label: Tai64): bigint {
  return label - TAI64_OF_UNIX_EPOCH;
}
