/** Values of command-line flags and their environment twins: text in, checked value out. */
import { CodedError } from '../primitives/errors.ts';
import type { B256 } from '../primitives/types.ts';
import type { FlagKind } from './runFlags.ts';

export type FlagValue = string | bigint | number | boolean | readonly string[];

const U64_MAX = (1n << 64n) - 1n;

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  ms: 1,
  s: 1000,
  sec: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  hr: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  days: 86_400_000,
};

function bad(flag: string, text: string, wanted: string): never {
  throw new CodedError(
    'CLI_BAD_VALUE',
    `invalid value '${text}' for '--${flag}': expected ${wanted}`,
    { flag },
  );
}

/** `1s`, `400ms`, `1h 30m`: any sum of number and unit. @returns ms */
export function parseDurationMs(flag: string, text: string): number {
  const parts = text.trim().match(/\d+(?:\.\d+)?\s*[a-z]+/gi);
  if (!parts || parts.join('').replace(/\s/g, '') !== text.replace(/\s/g, '')) {
    return bad(flag, text, 'a duration such as 1s, 400ms or 5m');
  }
  let totalMs = 0;
  for (const part of parts) {
    const match = /^([\d.]+)\s*([a-z]+)$/i.exec(part);
    const unitMs = UNIT_MS[match?.[2] ?? ''];
    if (!match || unitMs === undefined) return bad(flag, text, 'a unit of ms, s, m, h or d');
    totalMs += Number(match[1]) * unitMs;
  }
  return totalMs;
}

/** u64; larger numbers are cut to the largest, as harnesses pass u64::MAX for "no limit". */
export function parseU64(flag: string, text: string): bigint {
  if (!/^\d+$/.test(text)) return bad(flag, text, 'a whole number');
  const value = BigInt(text);
  return value > U64_MAX ? U64_MAX : value;
}

/** 32 bytes of hex, with or without `0x`. */
export function parseB256(flag: string, text: string): B256 {
  const digits = text.replace(/^0x/i, '').toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(digits)) return bad(flag, text, '32 bytes as 64 hex digits');
  return `0x${digits}`;
}

export function parseBool(flag: string, text: string): boolean {
  if (/^(true|1|yes|on)$/i.test(text)) return true;
  if (/^(false|0|no|off)$/i.test(text)) return false;
  return bad(flag, text, 'true or false');
}

function parseIp(flag: string, text: string): string {
  if (!/^(\d{1,3}(\.\d{1,3}){3}|[0-9a-f:]*:[0-9a-f:.]*)$/i.test(text)) {
    return bad(flag, text, 'an IP address such as 127.0.0.1');
  }
  return text;
}

/** @throws CodedError CLI_BAD_VALUE with what was expected */
export function parseFlag(flag: string, kind: FlagKind, text: string): FlagValue {
  switch (kind) {
    case 'switch':
    case 'bool':
      return parseBool(flag, text);
    case 'u64':
      return parseU64(flag, text);
    case 'i64':
      return /^-?\d+$/.test(text) ? BigInt(text) : bad(flag, text, 'a whole number');
    case 'duration':
      return parseDurationMs(flag, text);
    case 'ip':
      return parseIp(flag, text);
    case 'dbType':
      return /^(in-memory|rocks-db|disk)$/i.test(text)
        ? text.toLowerCase()
        : bad(flag, text, 'in-memory or rocks-db');
    case 'list':
      return text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item.length > 0);
    case 'path':
    case 'text':
      return text;
  }
}
