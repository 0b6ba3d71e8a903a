import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { balanceAccessRoot, slotAccessRoot } from '../../../executor/roots.ts';
import { ZERO_B256 } from '../../../primitives/types.ts';

const A = `0x${'0a'.repeat(32)}` as const;
const B = `0x${'0b'.repeat(32)}` as const;
const sha = (hex: string): string =>
  `0x${createHash('sha256').update(Buffer.from(hex, 'hex')).digest('hex')}`;

test('nothing accessed: zero', () => {
  assert.equal(balanceAccessRoot(undefined), ZERO_B256);
  assert.equal(slotAccessRoot(new Map()), ZERO_B256);
});

test('balances: ascending by key, 8 bytes, absent ones with a zero byte', () => {
  const root = balanceAccessRoot(
    new Map([
      [B, 258n],
      [A, null],
    ]),
  );
  assert.equal(root, sha(`${'0a'.repeat(32)}00${'0b'.repeat(32)}010000000000000102`));
});

test('slots: length, then bytes; an empty value is not an absent one', () => {
  const root = slotAccessRoot(
    new Map([
      [A, Uint8Array.of(7, 8)],
      [B, new Uint8Array()],
    ]),
  );
  const first = `${'0a'.repeat(32)}0100000000000000020708`;
  assert.equal(root, sha(`${first}${'0b'.repeat(32)}010000000000000000`));
});
