/** What a chain takes in from Ethereum reaches those who follow the DA layer. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { composeNode, type Node } from '../../../node/compose.ts';
import type { NodeConfig } from '../../../node/config.ts';
import { DA_DEFAULTS, type DaSettings, LOCAL_POLICY } from '../../../node/daSettings.ts';
import { embeddedConfig } from '../../../node/defaults.ts';
import { SILENT_LOG } from '../../../node/log.ts';
import { maxGas } from '../../../tx/fees.ts';
import { FakeL1, forcedLog, messageLog, PORTAL, someBytes, word } from '../../support/fakeL1.ts';
import { serveL1 } from '../../support/fakeL1Server.ts';
import { coinOf, fundedChain, keyOf, roomyParams, transferOf } from '../../support/funded.ts';
import { until } from '../../support/until.ts';

const PARAMS = { ...roomyParams(), blockGasLimit: 10_000_000n };
const POLICY = { ...LOCAL_POLICY, retryMs: 10, finalityPollMs: 10 };
const RECEIVER = keyOf(9).address;

function relayerOf(url: string): NonNullable<NodeConfig['relayer']> {
  return {
    urls: [url],
    contracts: [PORTAL],
    deployHeight: 0n,
    pageSize: 3,
    maxLogsPerPage: 100,
    minRoundMs: 5,
    syncingPollMs: 5,
    syncingLogMs: 5,
  };
}

async function nodeOn(t: TestContext, url: string | null, da: Partial<DaSettings>): Promise<Node> {
  const config = embeddedConfig({
    trigger: { type: 'never' },
    workerCount: 0,
    da: { ...DA_DEFAULTS, policy: POLICY, followPollMs: 10, ...da },
    relayer: url === null ? null : relayerOf(url),
  });
  const snapshot = fundedChain([coinOf(0), coinOf(1)], [], PARAMS);
  const node = await composeNode(config, { log: SILENT_LOG, snapshot });
  t.after(() => node.close());
  await node.start();
  return node;
}

/** An Ethereum with a deposit, a forced transfer, and one that is nonsense. */
async function ethereum(t: TestContext, amount: bigint): Promise<string> {
  const l1 = new FakeL1();
  const server = await serveL1(l1);
  t.after(() => server.close());
  const forced = transferOf(coinOf(0), RECEIVER, 300_000n, PARAMS);
  const gas = maxGas(forced.tx, PARAMS);
  l1.mine([messageLog(0, { amount, recipient: RECEIVER })]);
  l1.mine([forcedLog(1, gas, forced.raw), forcedLog(2, gas, someBytes(40))]);
  l1.mine([]);
  l1.final = 2;
  return server.url;
}

for (const results of ['carried', 'derived'] as const) {
  test(`messages and forced transactions reach followers, results ${results}`, async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'fuelrail-inbox-'));
    t.after(() => rmSync(directory, { recursive: true, force: true }));
    const layer = { type: 'local', directory } as const;
    const url = await ethereum(t, 5_000n);
    const sequencer = await nodeOn(t, url, { layer, results });
    const { services } = sequencer;
    const read = (): bigint => services.relayer.progress()?.read ?? 0n;
    await until(
      () => 'Ethereum is read',
      () => read() >= 2n,
    );
    await services.blocks.produceBlocks(2, null);
    await until(
      () => `posted: ${services.da?.status()?.lastError}`,
      () => services.da?.status()?.final === 2,
    );
    const tip = services.store.latest;
    assert.equal(tip.daHeight, 2n);
    const forced = transferOf(coinOf(0), RECEIVER, 300_000n, PARAMS);

    const believing = await nodeOn(t, null, { layer, follow: true });
    const checking = await nodeOn(t, url, { layer, follow: true });
    for (const { services: of } of [believing, checking]) {
      await until(
        () => `derived: ${of.follower?.status().failure}`,
        () => of.store.latest.height === 2,
      );
      assert.equal(of.store.latest.id, tip.id);
      assert.equal(await of.store.digest(), await services.store.digest());
      assert.equal(of.store.transaction(forced.id)?.success, true);
      assert.equal(of.store.messageStatus(word(0)), 'UNSPENT');
    }

    // There the deposit is another one: the sequencer is not believed.
    const elsewhere = await nodeOn(t, await ethereum(t, 4_999n), { layer, follow: true });
    const status = () => elsewhere.services.follower?.status();
    await until(
      () => 'stopped',
      () => status()?.failure !== null,
    );
    assert.match(status()?.failure ?? '', /block 1 takes in other events than Ethereum/);
    assert.equal(elsewhere.services.store.latest.height, 0);
  });
}
