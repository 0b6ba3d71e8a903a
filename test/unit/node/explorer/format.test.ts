import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  age,
  amount,
  bytesOfHex,
  bytesText,
  decimal,
  grouped,
  plural,
  readable,
  short,
  timeText,
  unixOf,
} from '../../../../node/explorer/format.ts';

const EPOCH = (1n << 62n) + 10n;
const BASE = `0x${'ab'.repeat(32)}`;
/** Narrow space between groups. */
const plain = (text: string): string => text.replaceAll('\u202f', ' ');

describe('texts of the explorer', () => {
  it('amounts: nine decimals for the base asset, units for others, exact up to 2^64', () => {
    assert.equal(plain(amount('18446744073709551615', BASE, BASE)), '18 446 744 073.709551615');
    assert.equal(amount('0', BASE, BASE), '0');
    assert.equal(amount('1', BASE, BASE), '0.000000001');
    assert.equal(amount('1500000000', BASE, BASE), '1.5');
    assert.equal(plain(amount('1500000000', `0x${'cd'.repeat(32)}`, BASE)), '1 500 000 000');
    assert.equal(decimal(123n, 0), '123');
  });

  it('numbers in groups of three', () => {
    assert.deepEqual(['0', '999', '1000', '1234567'].map(grouped).map(plain), [
      '0',
      '999',
      '1 000',
      '1 234 567',
    ]);
    assert.equal(plural(1, 'set'), '1 set');
    assert.equal(plural(0n, 'entry', 'entries'), '0 entries');
  });

  it('times: TAI64 to UTC, and how long ago', () => {
    const at = (unix: number): string => String(EPOCH + BigInt(unix));
    assert.equal(unixOf(at(0)), 0);
    assert.equal(timeText(at(1_795_000_000)), '2026-11-18 11:06:40 UTC');
    assert.equal(timeText(at(0)), 'start of the chain');
    const now = 1_795_000_000_000;
    const ago = (seconds: number): string => age(at(1_795_000_000 - seconds), now);
    assert.deepEqual([0, 59, 60, 3599, 3600, 86_400, -5].map(ago), [
      '0 s ago',
      '59 s ago',
      '1 min ago',
      '59 min ago',
      '1 h ago',
      '1 d ago',
      '0 s ago',
    ]);
  });

  it('bytes', () => {
    assert.deepEqual([0, 1023, 1024, 1_572_864].map(bytesText), [
      '0 B',
      '1023 B',
      '1.0 KiB',
      '1.5 MiB',
    ]);
    assert.deepEqual([...bytesOfHex('0x00ff')], [0, 255]);
    assert.equal(readable('0x3c623e'), '<b>');
    assert.equal(readable('0x3c00'), null);
    assert.equal(readable('0x'), null);
    assert.equal(short(BASE), '0xabababab…abab');
  });
});
