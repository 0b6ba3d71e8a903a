/**
 * The whole circle on anvil: a node commits its batches, a watcher audits them; a dishonest operator
 * plants each fraud, and the watcher wins by itself; then the node goes on.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseAbi, toFunctionSelector } from 'viem';
import { openCommitterJournal } from '../../node/committerJournal.ts';
import { startHttp } from '../../node/http.ts';
import {
  type Alarm,
  BatchCommitter,
  type CommittedBlock,
  connectRpc,
  openL1Reader,
  openL1Sender,
  openSettlement,
  SETTLEMENT_ABI,
  TxLane,
  Watcher,
} from '../../settlement/index.ts';
import { ANVIL_KEYS, anvilPath } from '../support/anvil.ts';
import { FRAUDS } from '../support/frauds.ts';
import { writeSnapshot } from '../support/funded.ts';
import { ROOT } from '../support/nodeProcess.ts';
import { CHALLENGER, OPERATOR, type Rollup, rollupSnapshot } from '../support/rollup.ts';
import { openWorld } from '../support/rollupWorld.ts';
import { SETTLEMENT } from '../support/settlementContracts.ts';

const QUIET = { info: () => {}, warn: () => {}, error: () => {} };
const LANE = { bumpAfterMs: 5_000, maxFeeCap: 100_000_000_000n };

async function partiesOf(rollup: Rollup, key: number, settings = LANE) {
  const rpc = await connectRpc(rollup.anvil.url);
  const reader = await openL1Reader({ urls: [rollup.anvil.url] });
  const chain = await openL1Sender(rpc, reader, ANVIL_KEYS[key]!);
  const journal = await openCommitterJournal(null);
  const lane = new TxLane(settings, { chain, journal, log: QUIET, nowMs: Date.now });
  return { lane, contract: await openSettlement(rpc, rollup.settlement as never, chain.sender) };
}

/** The honest node's committer. */
async function committerOf(rollup: Rollup, blocksPerBatch: number): Promise<BatchCommitter> {
  const { store } = rollup.node.services;
  const settings = { blocksPerBatch, maxWaitMs: 3_600_000 };
  return new BatchCommitter(settings, {
    ...(await partiesOf(rollup, OPERATOR)),
    log: QUIET,
    nowMs: Date.now,
    latestHeight: () => store.latest.height,
    blockId: (height) => store.blockId(height),
    blockAt: async (height) => (await rollup.committable())[height - 1]!,
  });
}

test('a watcher against an operator', { skip: anvilPath() === null }, async (t) => {
  const { rollup, blocks, split } = await openWorld(t);
  const { anvil, settlement } = rollup;
  let served: readonly CommittedBlock[] = blocks;
  const alarms: Alarm[] = [];
  const watcher = new Watcher({
    ...(await partiesOf(rollup, CHALLENGER)),
    log: QUIET,
    blockAt: async (height) => served[height - 1]!,
    entries: () => rollup.entries(),
    genesis: null,
    onAlarm: (alarm) => alarms.push(alarm),
  });
  const count = (): Promise<bigint> => anvil.read(settlement, SETTLEMENT, 'batchCount');
  const round = async (): Promise<void> => {
    await watcher.step();
    await anvil.test.mine({ blocks: 4 });
  };

  const committer = await committerOf(rollup, blocks.length);
  const first = blocks.slice(0, split);
  await rollup.commit(first);
  await round();
  assert.deepEqual(watcher.progress(), { audited: 1, alarms: 0, selfTest: true });

  for (const fraud of FRAUDS) {
    await t.test(`against ${fraud.fraud}`, async () => {
      alarms.length = 0;
      served = fraud.plant(blocks, split).blocks;
      await rollup.commit(served.slice(split), first.at(-1)!.header.id);
      for (let rounds = 0; rounds < 6 && (await count()) > 1n; rounds++) await round();
      await round();
      assert.equal(await count(), 1n);
      assert.deepEqual([alarms[0]?.type, alarms.at(-1)?.type], ['fraud', 'convicted']);
      served = blocks;
    });
  }

  await t.test('a statement that is not included gets higher fees', async () => {
    const [fraud] = FRAUDS as [(typeof FRAUDS)[number]];
    served = fraud.plant(blocks, split).blocks;
    await rollup.commit(served.slice(split), first.at(-1)!.header.id);
    const hasty = new Watcher({
      ...(await partiesOf(rollup, CHALLENGER, { ...LANE, bumpAfterMs: 1 })),
      log: QUIET,
      blockAt: async (height) => served[height - 1]!,
      entries: () => rollup.entries(),
      genesis: null,
      onAlarm: () => {},
    });
    await anvil.test.setAutomine(false);
    const fees: bigint[] = [];
    while (fees.length < 3) {
      await hasty.step();
      await new Promise((resolve) => setTimeout(resolve, 5));
      const { pending } = await anvil.test.getTxpoolContent();
      const [waiting] = Object.values(pending).flatMap((each) => Object.values(each));
      if (waiting !== undefined) fees.push(BigInt(waiting.maxFeePerGas!));
    }
    assert.ok(fees[1]! > fees[0]! && fees[2]! > fees[1]!, fees.join());
    await anvil.test.setAutomine(true);
    await anvil.test.mine({ blocks: 4 });
    assert.equal(await count(), 1n);
    served = blocks;
  });

  await t.test('data that is held back is an alarm, and nothing is sent', async () => {
    alarms.length = 0;
    const planted = FRAUDS[1]!.plant(blocks, split).blocks;
    await rollup.commit(planted.slice(split), first.at(-1)!.header.id);
    await round();
    await round();
    assert.deepEqual(
      alarms.map(({ type }) => type),
      ['dataMissing'],
    );
    served = planted;
    for (let rounds = 0; rounds < 6 && (await count()) > 1n; rounds++) await round();
    assert.equal(await count(), 1n);
    served = blocks;
  });

  await t.test('the node commits the true blocks, and the watcher agrees', async () => {
    alarms.length = 0;
    await committer.step();
    assert.equal(await count(), 1n, 'too few blocks wait');
    const eager = await committerOf(rollup, 1);
    for (let rounds = 0; rounds < 4; rounds++) {
      await eager.step();
      await anvil.test.mine({ blocks: 2 });
    }
    assert.equal(await count(), 2n);
    assert.deepEqual(eager.progress().committed?.height, blocks.length);
    await round();
    assert.equal(watcher.progress().audited, 2);
    assert.ok(alarms.every(({ type }) => type === 'convicted'));
  });

  await t.test('on the command line', async () => {
    const http = await startHttp(rollup.node.api, { ip: '127.0.0.1', port: 0 });
    t.after(() => http.close());
    const args = ['--ethereum', anvil.url, '--settlement', settlement, '--once'];
    const program = [join(ROOT, 'bin', 'fuelrail.js'), 'watch', ...args];
    const genesis = mkdtempSync(join(tmpdir(), 'fuelrail-watch-'));
    t.after(() => rmSync(genesis, { recursive: true }));
    writeSnapshot(genesis, rollupSnapshot());
    const url = ['--url', `http://${http.ip}:${http.port}`, '--snapshot', genesis];
    const figures = join(genesis, 'watch.prom');
    url.push('--metrics-file', figures);
    const ran = await new Promise<string>((resolve, reject) => {
      execFile(process.execPath, [...program, ...url], (error, out, err) =>
        error === null ? resolve(out) : reject(new Error(err)),
      );
    });
    assert.equal(ran, '2 batches in order, 0 alarms\n');
    const metrics = readFileSync(figures, 'utf8');
    for (const row of ['batches 2', 'alarms 0', 'self_test 1']) {
      assert.ok(metrics.includes(`\nfuelrail_watch_${row}\n`), row);
    }
  });
});

test('the functions that are called are those of the compiled contract', () => {
  const compiled = new Set(
    SETTLEMENT.abi.flatMap((item) => (item.type === 'function' ? [toFunctionSelector(item)] : [])),
  );
  const called = parseAbi(SETTLEMENT_ABI) as typeof SETTLEMENT.abi;
  for (const item of called) {
    if (item.type !== 'function') continue;
    assert.ok(compiled.has(toFunctionSelector(item)), item.name);
  }
});
