/** Following Ethereum: order, pages, finality, resuming, faults. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openRelayerJournal } from '../../../node/relayerJournal.ts';
import { CodedError } from '../../../primitives/errors.ts';
import { type InboxJournal, Relayer, type RelayerSettings } from '../../../settlement/index.ts';
import { majorityReader } from '../../../settlement/l1/reader.ts';
import {
  FakeL1,
  forcedLog,
  messageLog,
  noncesOf,
  PORTAL,
  someBytes,
} from '../../support/fakeL1.ts';

const QUIET = { info: () => {}, warn: () => {}, error: () => {} };
const SETTINGS: RelayerSettings = {
  contracts: [PORTAL],
  deployHeight: 0n,
  pageSize: 4,
  maxLogsPerPage: 10,
  minRoundMs: 1,
  syncingPollMs: 1,
  syncingLogMs: 1,
};
const LIMITS = { gas: 1_000_000n, count: 100 };
const coded = (code: string) => (thrown: unknown) =>
  thrown instanceof CodedError && thrown.code === code;

function relayerOf(
  l1: FakeL1,
  journal: InboxJournal,
  over: Partial<RelayerSettings> = {},
): Relayer {
  const settings = { ...SETTINGS, ...over };
  return new Relayer(settings, { reader: l1, journal, log: QUIET, nowMs: Date.now });
}

/** Blocks 1…n, message `n` in block n. */
function chainOf(count: number, final = count): FakeL1 {
  const l1 = new FakeL1();
  for (let nonce = 1; nonce <= count; nonce++) l1.mine([messageLog(nonce)]);
  l1.final = final;
  return l1;
}

test('events come in the order of Ethereum, up to the finalized block, page by page', async () => {
  const l1 = chainOf(6, 8);
  l1.mine([
    messageLog(7),
    forcedLog(8, 21n, someBytes(70)),
    messageLog(9, { data: someBytes(33) }),
  ]);
  l1.mine([]);
  l1.mine([messageLog(10)]);
  const journal = await openRelayerJournal(null);
  await relayerOf(l1, journal).syncOnce();
  const events = await journal.events(0n, 100);
  assert.deepEqual(noncesOf(events), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.deepEqual(l1.asked, [
    [1n, 4n],
    [5n, 8n],
  ]);
  assert.deepEqual(events[7], {
    type: 'transaction',
    nonce: `0x${'0'.repeat(63)}8`,
    maxGas: 21n,
    raw: someBytes(70),
    daHeight: 7n,
  });
  const last = events[8]!;
  assert.ok(last.type === 'message' && last.message.amount === 1_000n);
  assert.deepEqual(last.message.data, someBytes(33));
  assert.equal(journal.position()?.number, 8n);
});

test('reading starts behind the deployment; other contracts are not asked for', async () => {
  const l1 = chainOf(5);
  l1.mine([{ ...messageLog(6), address: `0x${'bb'.repeat(20)}` }]);
  l1.final = 6;
  const journal = await openRelayerJournal(null);
  await relayerOf(l1, journal, { deployHeight: 3n }).syncOnce();
  assert.deepEqual(noncesOf(await journal.events(0n, 100)), [4, 5]);
});

test('a reorganisation above the finalized block changes nothing that was read', async () => {
  for (const depth of [1, 7, 30]) {
    const l1 = chainOf(60, 30);
    const journal = await openRelayerJournal(null);
    const relayer = relayerOf(l1, journal, { pageSize: 7 });
    await relayer.syncOnce();
    l1.reorganise(depth, 1);
    for (let nonce = 100; nonce < 103; nonce++) l1.mine([messageLog(nonce)]);
    l1.final = l1.blocks.length - 1;
    await relayer.syncOnce();
    const kept = Array.from({ length: 60 - depth }, (_, i) => i + 1);
    assert.deepEqual(noncesOf(await journal.events(0n, 200)), [...kept, 100, 101, 102]);
  }
});

test('an endpoint that takes back a finalized block is not followed', async () => {
  const l1 = chainOf(6);
  const journal = await openRelayerJournal(null);
  const relayer = relayerOf(l1, journal);
  await relayer.syncOnce();
  l1.reorganise(3, 9);
  l1.mine([messageLog(50)]);
  l1.final = 7;
  await assert.rejects(relayer.syncOnce(), coded('L1_FINALITY_BROKEN'));
  assert.deepEqual(noncesOf(await journal.events(0n, 100)), [1, 2, 3, 4, 5, 6]);
  l1.blocks.splice(4);
  l1.final = 3;
  await assert.rejects(relayer.syncOnce(), coded('L1_BEHIND'));
});

test('pages shrink on refusals and big answers, grow again, never beyond the setting', async () => {
  const l1 = chainOf(40);
  l1.rangeMax = 3;
  const journal = await openRelayerJournal(null);
  const relayer = relayerOf(l1, journal, { pageSize: 16 });
  await relayer.syncOnce();
  assert.equal((await journal.events(0n, 100)).length, 40);
  l1.rangeMax = 100;
  for (let block = 0; block < 60; block++) l1.mine([]);
  l1.final = 100;
  await relayer.syncOnce();
  assert.equal(relayer.progress().pageSize, 16);
  l1.mine(Array.from({ length: 11 }, (_, i) => messageLog(200 + i)));
  l1.final = 101;
  await relayer.syncOnce();
  assert.equal(relayer.progress().pageSize, 8);
  assert.ok(l1.asked.every(([from, to]) => to - from < 16n));
});

test('a fault in the middle loses and doubles nothing; the next round goes on', async () => {
  const l1 = chainOf(20);
  const journal = await openRelayerJournal(null);
  const relayer = relayerOf(l1, journal);
  for (const code of ['L1_UNAVAILABLE', 'L1_UNAVAILABLE', 'L1_BAD_ANSWER']) {
    l1.faults.push(new CodedError(code, 'down'));
    await assert.rejects(relayer.syncOnce(), coded(code));
  }
  await relayer.syncOnce();
  const nonces = noncesOf(await journal.events(0n, 100));
  assert.deepEqual(
    nonces,
    Array.from({ length: 20 }, (_, i) => i + 1),
  );
});

test('a machine that lags behind another one loses nothing', async () => {
  const l1 = chainOf(6);
  const journal = await openRelayerJournal(null);
  const lagging = Object.assign(new FakeL1(), { final: 6 });
  lagging.finalized = () => l1.finalized();
  await assert.rejects(relayerOf(lagging, journal).syncOnce(), coded('L1_BEHIND'));
  const other = chainOf(6);
  other.reorganise(3, 8);
  other.finalized = () => l1.finalized();
  await assert.rejects(relayerOf(other, journal, { pageSize: 9 }).syncOnce(), coded('L1_BEHIND'));
  await relayerOf(l1, journal).syncOnce();
  assert.equal((await journal.events(0n, 100)).length, 6);
});

test('on disk it resumes behind the last page, and refuses another Ethereum chain', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'relayer-'));
  try {
    const l1 = chainOf(8, 4);
    let journal = await openRelayerJournal(directory);
    await relayerOf(l1, journal).syncOnce();
    await journal.close();
    journal = await openRelayerJournal(directory);
    assert.equal(journal.position()?.number, 4n);
    l1.final = 8;
    l1.asked.length = 0;
    await relayerOf(l1, journal).syncOnce();
    assert.deepEqual(l1.asked, [[5n, 8n]]);
    assert.deepEqual(noncesOf(await journal.events(0n, 100)), [1, 2, 3, 4, 5, 6, 7, 8]);
    l1.id = 5n;
    await assert.rejects(relayerOf(l1, journal).syncOnce(), coded('L1_OTHER_CHAIN'));
    await journal.close();
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('answers that were not asked for are refused', async () => {
  const l1 = chainOf(3);
  const journal = await openRelayerJournal(null);
  const reader = Object.assign(new FakeL1(), l1);
  reader.logs = async () => [l1.blocks[1]!.logs[0]!, l1.blocks[1]!.logs[0]!];
  await assert.rejects(relayerOf(reader, journal).syncOnce(), coded('L1_BAD_ANSWER'));
  reader.logs = async () => [{ ...l1.blocks[1]!.logs[0]!, blockNumber: 9n }];
  await assert.rejects(relayerOf(reader, journal).syncOnce(), coded('L1_BAD_ANSWER'));
  reader.logs = async () => [{ ...l1.blocks[1]!.logs[0]!, data: new Uint8Array(40) }];
  await assert.rejects(relayerOf(reader, journal).syncOnce(), coded('L1_LOG_MALFORMED'));
  assert.equal(journal.position(), null);
});

test('a block waits for Ethereum to be read, and gives up when the node stops', async () => {
  const l1 = chainOf(5);
  l1.isSyncing = true;
  const relayer = relayerOf(l1, await openRelayerJournal(null));
  relayer.start();
  const waiting = relayer.slice(0n, LIMITS);
  await new Promise((resolve) => setTimeout(resolve, 10));
  l1.isSyncing = false;
  assert.equal((await waiting).daHeight, 5n);
  const ahead = relayer.slice(6n, LIMITS);
  const refused = assert.rejects(ahead, coded('RELAYER_STOPPED'));
  await relayer.stop();
  await refused;
  await assert.rejects(relayer.slice(0n, LIMITS), coded('RELAYER_STOPPED'));
});

test('with several endpoints the majority counts', async () => {
  const [honest, also, liar] = [chainOf(9, 7), chainOf(9, 9), chainOf(9, 9)];
  liar.reorganise(9, 4);
  const reader = majorityReader([liar, honest, also]);
  assert.deepEqual(await reader.finalized(), await also.finalized());
  const logs = await reader.logs(1n, 9n, [PORTAL]);
  assert.equal(logs.length, 9);
  await assert.rejects(
    majorityReader([liar, honest]).logs(1n, 9n, [PORTAL]),
    coded('L1_UNAVAILABLE'),
  );
  liar.faults.push(new CodedError('L1_UNAVAILABLE', 'down'));
  assert.equal((await reader.logs(1n, 9n, [PORTAL])).length, 9);
  liar.faults.push(new CodedError('L1_REFUSED', 'down'));
  honest.faults.push(new CodedError('L1_REFUSED', 'down'));
  await assert.rejects(reader.logs(1n, 9n, [PORTAL]), coded('L1_REFUSED'));
});
