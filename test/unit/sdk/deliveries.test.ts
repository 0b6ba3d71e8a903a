/** The program that hands messages to contracts is the published one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contractMessagePredicate, contractMessageScript } from '@fuel-bridge/message-predicates';
import { bytesToHex } from '../../../primitives/bytes.ts';
import { DELIVERY_PREDICATE, DELIVERY_SCRIPT } from '../../../sdk/client/deliveries.ts';

test('predicate and script are those of the bridge', () => {
  assert.equal(bytesToHex(DELIVERY_PREDICATE), contractMessagePredicate);
  assert.equal(bytesToHex(DELIVERY_SCRIPT), contractMessageScript);
});
