/** Which events a block takes in. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RelayedEvent } from '../../../executor/relayed.ts';
import { openRelayerJournal } from '../../../node/relayerJournal.ts';
import { CodedError } from '../../../primitives/errors.ts';
import { daHeightOf, decodeInboxLog, sliceInbox } from '../../../settlement/index.ts';
import { FakeL1, forcedLog, messageLog, noncesOf, someBytes, word } from '../../support/fakeL1.ts';

const LIMITS = { gas: 100n, count: 3 };
const coded = (code: string) => (thrown: unknown) =>
  thrown instanceof CodedError && thrown.code === code;

function message(nonce: number, daHeight: number): RelayedEvent {
  const record = {
    sender: word(1),
    recipient: word(2),
    nonce: word(nonce),
    amount: 5n,
    data: new Uint8Array(0),
    daHeight: BigInt(daHeight),
  };
  return { type: 'message', message: record };
}

const forced = (nonce: number, daHeight: number, maxGas: bigint): RelayedEvent => ({
  type: 'transaction',
  nonce: word(nonce),
  maxGas,
  raw: someBytes(9),
  daHeight: BigInt(daHeight),
});

const journalOf = (all: readonly RelayedEvent[]) => ({
  events: async (after: bigint, limit: number): Promise<RelayedEvent[]> =>
    all.filter((event) => daHeightOf(event) > after).slice(0, limit),
});

test('without events the DA height follows Ethereum', async () => {
  const journal = journalOf([]);
  assert.deepEqual(await sliceInbox(journal, 4n, 4n, LIMITS), { daHeight: 4n, events: [] });
  assert.deepEqual(await sliceInbox(journal, 4n, 90n, LIMITS), { daHeight: 90n, events: [] });
  await assert.rejects(sliceInbox(journal, 4n, 3n, LIMITS), coded('INBOX_BEHIND'));
});

test('whole Ethereum blocks, as many as gas and count allow', async () => {
  const events = [
    message(1, 5),
    forced(2, 5, 60n),
    message(3, 7),
    forced(4, 9, 40n),
    forced(5, 12, 1n),
    message(6, 12),
  ];
  const first = await sliceInbox(journalOf(events), 4n, 20n, LIMITS);
  assert.equal(first.daHeight, 11n);
  assert.deepEqual(noncesOf(first.events), [1, 2, 3, 4]);
  const second = await sliceInbox(journalOf(events), 11n, 20n, LIMITS);
  assert.equal(second.daHeight, 20n);
  assert.deepEqual(noncesOf(second.events), [5, 6]);
  const byCount = [1, 2, 3, 4].map((nonce) => forced(nonce, nonce, 1n));
  const third = await sliceInbox(journalOf(byCount), 0n, 9n, LIMITS);
  assert.deepEqual([third.daHeight, third.events.length], [3n, 3]);
});

test('what is not read as a whole yet is left for later', async () => {
  const events = [message(1, 5), message(2, 8)];
  const slice = await sliceInbox(journalOf(events), 4n, 7n, LIMITS);
  assert.deepEqual([slice.daHeight, noncesOf(slice.events)], [7n, [1]]);
});

test('one Ethereum block above the limits stops block production, as in the reference', async () => {
  const wide = journalOf([forced(1, 5, 101n)]);
  await assert.rejects(sliceInbox(wide, 4n, 9n, LIMITS), coded('NO_NEW_DA_HEIGHT'));
  const later = await sliceInbox(wide, 3n, 9n, LIMITS);
  assert.deepEqual(later, { daHeight: 4n, events: [] });
});

test('a long absence is taken in over several blocks, one crowded Ethereum block at once', async () => {
  const events = [message(1, 1), message(2, 2), message(3, 3)];
  const short = await sliceInbox(journalOf(events), 0n, 9n, LIMITS, 2);
  assert.deepEqual([short.daHeight, noncesOf(short.events)], [2n, [1, 2]]);
  const crowd = Array.from({ length: 9_000 }, (_, i) => message(i, 6));
  const crowded = await sliceInbox(journalOf([message(1, 5), ...crowd]), 5n, 9n, LIMITS, 2);
  assert.deepEqual([crowded.daHeight, crowded.events.length], [9n, 9_000]);
  const before = await sliceInbox(journalOf([message(1, 5), ...crowd]), 4n, 9n, LIMITS, 2);
  assert.deepEqual([before.daHeight, before.events.length], [5n, 1]);
});

test('the journal gives back what it was given', async () => {
  const l1 = new FakeL1();
  l1.mine([messageLog(1, { data: someBytes(100), amount: 2n ** 64n - 1n })]);
  l1.mine([forcedLog(2, 7n, someBytes(0)), messageLog(3)]);
  const events = l1.blocks.flatMap(({ logs }) => logs).flatMap((log) => decodeInboxLog(log) ?? []);
  const journal = await openRelayerJournal(null);
  const to = { number: 2n, hash: word(77) };
  await journal.append(to, events, 31_337n);
  assert.deepEqual(await journal.events(0n, 10), events);
  assert.deepEqual(await journal.events(1n, 1), [events[1]]);
  assert.deepEqual([journal.position(), journal.chainId()], [to, 31_337n]);
  const counts = [0n, 1n, 2n, 9n, 1n, 2n].map((height) => () => journal.countUpTo(height));
  for (const [i, count] of [0n, 1n, 3n, 3n, 1n, 3n].entries()) {
    assert.equal(await counts[i]!(), count);
  }
});

test('other events are left aside, malformed ones named', () => {
  const l1 = new FakeL1();
  l1.mine([{ topics: [word(1)], data: new Uint8Array(0) }, messageLog(1)]);
  const [other, good] = l1.blocks[1]!.logs;
  assert.equal(decodeInboxLog(other!), null);
  const bad = [
    { ...good!, topics: good!.topics.slice(0, 3) },
    { ...good!, data: good!.data.slice(0, 64) },
    { ...good!, data: good!.data.map((byte, i) => (i === 3 ? 1 : byte)) },
    { ...good!, data: good!.data.map((byte, i) => (i === 63 ? 97 : byte)) },
    { ...good!, data: good!.data.map((byte, i) => (i === 95 ? 1 : byte)) },
  ];
  for (const log of bad) assert.throws(() => decodeInboxLog(log), coded('L1_LOG_MALFORMED'));
});
