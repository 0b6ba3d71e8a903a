/** Values of the chain as people read them. */

/** TAI64 of the Unix epoch. */
const TAI64_EPOCH = (1n << 62n) + 10n;
/** Decimals of the base asset. */
const BASE_DECIMALS = 9;

/** `0x1234abcd…9876`, for ids. */
export function short(id: string): string {
  return id.length > 18 ? `${id.slice(0, 10)}…${id.slice(-4)}` : id;
}

/** `1 234 567`, with thin spaces that do not break. */
export function grouped(value: bigint | number | string): string {
  const text = String(value);
  return text.replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

/** Units as a decimal number without trailing zeros. */
export function decimal(units: bigint, decimals: number): string {
  const text = units.toString().padStart(decimals + 1, '0');
  const whole = grouped(text.slice(0, text.length - decimals));
  const rest = text.slice(text.length - decimals).replace(/0+$/, '');
  return rest === '' ? whole : `${whole}.${rest}`;
}

/** The base asset of the chain has decimals; what other assets mean by a unit is not on the chain. */
export function amount(units: string | bigint, assetId: string | null, base: string): string {
  const value = BigInt(units);
  return assetId === base ? decimal(value, BASE_DECIMALS) : grouped(value);
}

/** Unix time of a TAI64 label. Unit: seconds. */
export function unixOf(tai64: string): number {
  return Number(BigInt(tai64) - TAI64_EPOCH);
}

/** `2026-11-21 13:05:09 UTC`. */
export function timeText(tai64: string): string {
  const unix = unixOf(tai64);
  if (unix <= 0) return 'start of the chain';
  return `${new Date(unix * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

const UNITS: readonly (readonly [number, string])[] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
];

/** `5 s ago`, `3 min ago`. */
export function age(tai64: string, nowMs: number = Date.now()): string {
  const unix = unixOf(tai64);
  if (unix <= 0) return '–';
  const seconds = Math.max(0, Math.floor(nowMs / 1000) - unix);
  for (const [size, name] of UNITS) {
    if (seconds >= size) return `${Math.floor(seconds / size)} ${name} ago`;
  }
  return `${seconds} s ago`;
}

export function bytesText(count: number): string {
  if (count < 1024) return `${count} B`;
  const kib = count / 1024;
  return kib < 1024 ? `${kib.toFixed(1)} KiB` : `${(kib / 1024).toFixed(1)} MiB`;
}

/** Length of a hex text. Unit: bytes. */
export function hexBytes(hex: string): number {
  return Math.max(0, (hex.length - 2) >> 1);
}

export function bytesOfHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(hexBytes(hex));
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = Number.parseInt(hex.slice(2 + 2 * i, 4 + 2 * i), 16);
  }
  return bytes;
}

/** The bytes as text where all of it can be read; null otherwise. */
export function readable(hex: string): string | null {
  const bytes = bytesOfHex(hex);
  if (bytes.length === 0 || bytes.some((byte) => byte < 0x20 || byte > 0x7e)) return null;
  return String.fromCharCode(...bytes);
}

export function milliseconds(ms: number | null): string {
  if (ms === null) return '–';
  return `${ms.toFixed(ms < 1 ? 3 : 2)} ms`;
}

export const plural = (count: number | bigint, one: string, many: string = `${one}s`): string =>
  `${grouped(count)} ${String(count) === '1' ? one : many}`;
