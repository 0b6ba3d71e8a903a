/** Fuel's bridge on anvil with a node behind it, relayer and committer running. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Provider, Wallet, type WalletUnlocked } from 'fuels';
import { composeNode, type Node } from '../../node/compose.ts';
import { embeddedConfig } from '../../node/defaults.ts';
import { SILENT_LOG } from '../../node/log.ts';
import { ANVIL_KEYS, Anvil } from './anvil.ts';
import { deployFuelBridge, type FuelBridge } from './fuelBridge.ts';
import { until } from './until.ts';

export const INTERVAL = 10;
export const FINAL_AFTER_S = 100;
/** Wallets of anvil. */
export const ADMIN = 0;
export const USER = 1;

export type World = {
  readonly anvil: Anvil;
  readonly bridge: FuelBridge;
  readonly node: Node;
  readonly provider: Provider;
  readonly rich: WalletUnlocked;
};

export async function openWorld(t: Pick<TestContext, 'after'>): Promise<World> {
  const anvil = await Anvil.start();
  t.after(() => anvil.stop());
  const terms = {
    timeToFinalizeS: BigInt(FINAL_AFTER_S),
    interval: BigInt(INTERVAL),
    cooldownS: 100,
  };
  const bridge = await deployFuelBridge(anvil, terms);
  const directory = mkdtempSync(join(tmpdir(), 'bridge-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const config = embeddedConfig({
    dbType: 'disk',
    dbPath: directory,
    workerCount: 0,
    nodeVersion: '0.47.1',
    gasPrice: { ...embeddedConfig().gasPrice, startingExecPrice: 1n, minExecPrice: 1n },
    relayer: {
      urls: [anvil.url],
      contracts: [bridge.portal],
      deployHeight: 0n,
      pageSize: 50,
      maxLogsPerPage: 100,
      minRoundMs: 30,
      syncingPollMs: 30,
      syncingLogMs: 1_000,
    },
    committer: {
      url: anvil.url,
      chainState: bridge.chainState,
      secret: ANVIL_KEYS[ADMIN]!,
      pollMs: 30,
      bumpAfterMs: 5_000,
      maxFeeCap: 100_000_000_000n,
    },
  });
  const node = await composeNode(config, { log: SILENT_LOG });
  const { ip, port } = await node.listen();
  const provider = new Provider(`http://${ip}:${port}/v1/graphql`);
  await provider.init();
  const rich = Wallet.fromPrivateKey(node.accounts[0]!.secret, provider);
  t.after(() => node.close());
  return { anvil, bridge, node, provider, rich };
}

/** Everything that happened on Ethereum is in a block here. */
export async function takeIn({ anvil, node, provider }: World): Promise<void> {
  const tip = await anvil.pub.getBlockNumber();
  await anvil.test.mine({ blocks: 4 });
  await until('read', () => (node.services.relayer.progress()?.read ?? 0n) >= tip);
  await provider.produceBlocks(1);
}

/** Blocks up to the next multiple of the interval, committed and final on Ethereum. */
export async function settle({ anvil, node, provider }: World): Promise<void> {
  const before = node.services.store.latest.height;
  const height = (Math.floor(before / INTERVAL) + 1) * INTERVAL;
  await provider.produceBlocks(height - before);
  for (;;) {
    const done = node.services.committer.progress();
    if ((done?.committed?.height ?? 0) >= height) return;
    await anvil.test.mine({ blocks: 1 });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
