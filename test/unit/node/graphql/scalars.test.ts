import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatTxPointer,
  parseB256,
  parseTxPointer,
  parseUnsigned,
  parseUtxoKey,
} from '../../../../node/graphql/scalars.ts';
import { fakeServices } from '../../../support/fakeServices.ts';
import { ask } from '../../../support/graphqlClient.ts';

test('ids are padded on the left and come without prefix too', () => {
  assert.equal(parseB256('0xAB'), `0x${'00'.repeat(31)}ab`);
  assert.equal(parseB256(''), `0x${'00'.repeat(32)}`);
  assert.throws(() => parseB256('abc'), /Odd number of digits/);
  assert.throws(() => parseB256('0x0g'), /Invalid character 'g' at position 1/);
  assert.throws(() => parseB256('00'.repeat(33)), /expected 32 bytes, received 33/);
});

test('numbers are decimal strings within their width', () => {
  assert.equal(parseUnsigned('18446744073709551615', 64), 18446744073709551615n);
  assert.throws(() => parseUnsigned('18446744073709551616', 64), /number too large/);
  assert.throws(() => parseUnsigned('-1', 64), /invalid digit/);
  assert.throws(() => parseUnsigned('', 64), /empty string/);
  assert.throws(() => parseUnsigned('0x1', 64), /invalid digit/);
});

test('a UTXO id ends in two bytes of index', () => {
  assert.equal(parseUtxoKey('0x1'), `0x${'0'.repeat(64)}0001`);
  assert.equal(parseUtxoKey(`${'AB'.repeat(32)}0002`), `0x${'ab'.repeat(32)}0002`);
  assert.throws(() => parseUtxoKey('0x12345'), /Invalid encoded byte in UtxoId/);
});

test('a transaction pointer has twelve digits and no prefix', () => {
  assert.deepEqual(parseTxPointer('0000001f000a'), { blockHeight: 31, txIndex: 10 });
  assert.equal(formatTxPointer({ blockHeight: 31, txIndex: 10 }), '0000001f000a');
  assert.throws(() => parseTxPointer('0x000000010000'), /Invalid encoded byte in TxPointer/);
});

test('a number where a decimal string belongs is refused', async () => {
  const fake = fakeServices();
  const literal = await ask(fake, '{ block(height: 3) { id } }');
  assert.equal(literal.errors?.[0]?.message, 'Expected input type "U32", found 3.');
  const query = 'query($h: U32!) { block(height: $h) { id } }';
  const variable = await ask(fake, query, { h: 3 });
  assert.match(variable.errors?.[0]?.message ?? '', /Expected input type "U32", found 3\./);
});
