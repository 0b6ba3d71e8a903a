/**
 * `npm run demo:l1`: an Ethereum of one's own, Fuel's bridge and the project's contracts on it, a
 * node behind each; ether goes in, moves, comes out; then a dishonest operator plants each fraud and
 * the watcher wins.
 */
import { Address, bn, Wallet } from 'fuels';
import { formatEther, type Hex, parseEther } from 'viem';
import { openCommitterJournal } from '../../node/committerJournal.ts';
import {
  type CommittedBlock,
  connectRpc,
  openL1Reader,
  openL1Sender,
  openSettlement,
  TxLane,
  Watcher,
} from '../../settlement/index.ts';
import { ANVIL_KEYS, anvilPath } from '../support/anvil.ts';
import {
  FINAL_AFTER_S,
  openWorld as openBridgeWorld,
  settle,
  takeIn,
  USER,
} from '../support/bridgeWorld.ts';
import { claimOf, commitOf } from '../support/claim.ts';
import { FRAUDS } from '../support/frauds.ts';
import { PORTAL } from '../support/fuelBridge.ts';
import { CHALLENGER, type Rollup } from '../support/rollup.ts';
import { openWorld as openRollupWorld } from '../support/rollupWorld.ts';
import { SETTLEMENT } from '../support/settlementContracts.ts';

const TARGET: Hex = '0x00000000000000000000000000000000000dead1';
const LANE = { bumpAfterMs: 5_000, maxFeeCap: 100_000_000_000n };
const QUIET = { info: () => {}, warn: () => {}, error: () => {} };

/** What tests leave to their runner: undone in reverse order. */
class Cleanup {
  private readonly tasks: (() => unknown)[] = [];
  after = (task?: () => unknown): void => {
    if (task !== undefined) this.tasks.push(task);
  };
  async run(): Promise<void> {
    for (const task of this.tasks.reverse()) await task();
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function bridgeTour(cleanup: Cleanup): Promise<void> {
  say("\nFuel's published bridge, unchanged");
  const world = await openBridgeWorld(cleanup as never);
  const { anvil, bridge, provider, node } = world;
  say(`  portal ${bridge.portal}, chain state ${bridge.chainState}`);
  const base = await provider.getBaseAssetId();
  const alice = Wallet.generate({ provider });
  const bob = Wallet.generate({ provider });
  const to = [alice.address.toB256()];
  await anvil.send('deposit', USER, bridge.portal, PORTAL, 'depositETH', to, parseEther('1'));
  await takeIn(world);
  say(`  deposited: Alice has ${(await alice.getBalance(base)).formatUnits()} ETH here`);
  await (await alice.transfer(bob.address, bn(600_000_000), base)).waitForResult();
  say(`  transferred: Bob has ${(await bob.getBalance(base)).formatUnits()} ETH`);
  const sent = await bob.withdrawToBaseLayer(Address.fromEvmAddress(TARGET), bn(250_000_000));
  await sent.waitForResult();
  await settle(world);
  const where = await commitOf(node, sent.id, anvil.url, bridge.chainState);
  if (where.type === 'waiting') throw new Error('the withdrawal was not committed');
  say(`  withdrawn 0.25 ETH; block ${where.rootHeight} is committed, not final`);
  await anvil.pass(FINAL_AFTER_S + 1);
  const claim = await claimOf(node, sent.id, where.rootHeight);
  await anvil.send('claim', USER, bridge.portal, PORTAL, 'relayMessage', claim);
  const paid = await anvil.pub.getBalance({ address: TARGET });
  say(`  ${FINAL_AFTER_S} s later: claimed, ${formatEther(paid)} ETH on Ethereum`);
}

async function watcherOf(
  rollup: Rollup,
  served: () => readonly CommittedBlock[],
): Promise<Watcher> {
  const { anvil, settlement } = rollup;
  const rpc = await connectRpc(anvil.url);
  const reader = await openL1Reader({ urls: [anvil.url] });
  const chain = await openL1Sender(rpc, reader, ANVIL_KEYS[CHALLENGER] as Hex);
  const journal = await openCommitterJournal(null);
  return new Watcher({
    contract: await openSettlement(rpc, settlement as Hex, chain.sender),
    lane: new TxLane(LANE, { chain, journal, log: QUIET, nowMs: Date.now }),
    log: QUIET,
    blockAt: async (height) => served()[height - 1] as CommittedBlock,
    entries: () => rollup.entries(),
    genesis: null,
    onAlarm: (alarm) => {
      if (alarm.type === 'fraud') say(`  alarm: ${alarm.statement} in batch ${alarm.batch}`);
    },
  });
}

async function disputeTour(cleanup: Cleanup): Promise<void> {
  say("\nThe project's own contracts");
  const { rollup, blocks, split } = await openRollupWorld(cleanup as never);
  const { anvil, settlement, inbox } = rollup;
  say(`  settlement ${settlement}, inbox ${inbox}`);
  say(`  ${blocks.length} blocks with deposits, forced transactions and transfers`);
  let served: readonly CommittedBlock[] = blocks;
  const watcher = await watcherOf(rollup, () => served);
  const first = blocks.slice(0, split);
  await rollup.commit(first);
  await watcher.step();
  say(`  the true batch: ${watcher.progress().audited} in order`);
  for (const fraud of FRAUDS) {
    served = fraud.plant(blocks, split).blocks;
    await rollup.commit(served.slice(split), first.at(-1)?.header.id);
    const purse = (): Promise<bigint> =>
      anvil.pub.getBalance({ address: anvil.wallets[CHALLENGER]?.account.address as Hex });
    const before = await purse();
    while ((await anvil.read(settlement, SETTLEMENT, 'batchCount')) !== 1n) {
      await watcher.step();
      await anvil.test.mine({ blocks: 4 });
    }
    await watcher.step();
    say(
      `  convicted: ${fraud.fraud}; the watcher gained ${formatEther((await purse()) - before)} ETH`,
    );
  }
}

async function main(): Promise<void> {
  if (anvilPath() === null) throw new Error('the package of anvil is not there for this machine');
  const cleanup = new Cleanup();
  try {
    await bridgeTour(cleanup);
    await disputeTour(cleanup);
    say('\nDone.');
  } finally {
    await cleanup.run();
  }
}

await main();
