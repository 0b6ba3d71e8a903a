/**
 * `npm run demo:l1`: an Ethereum of one's own, Fuel's bridge and the project's contracts on it, a
 * node behind each; ether goes in, moves, comes out; then a dishonest operator plants each fraud and
 * the watcher wins; at last everybody is gone, and a coin is taken out.
 */
import { Address, bn, Wallet } from 'fuels';
import { formatEther, type Hex, parseEther } from 'viem';
import { openCommitterJournal } from '../../node/committerJournal.ts';
import type { B256 } from '../../primitives/types.ts';
import {
  batchOf,
  blockProof,
  type CommittedBlock,
  commitArguments,
  connectRpc,
  exitCoinArguments,
  openL1Reader,
  openL1Sender,
  openSettlement,
  TxLane,
  Watcher,
} from '../../settlement/index.ts';
import { utxoKeyOf } from '../../tx/accessKeys.ts';
import { coinKey } from '../../tx/stateSteps.ts';
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
import { keyOf } from '../support/funded.ts';
import {
  BOND,
  CHALLENGER,
  ESCAPE_S,
  genesisState,
  OPERATOR,
  type Rollup,
} from '../support/rollup.ts';
import { openWorld as openRollupWorld, type World as RollupWorld } from '../support/rollupWorld.ts';
import { SETTLEMENT } from '../support/settlementContracts.ts';
import { type Ground, STATE_FRAUDS } from '../support/stateFrauds.ts';

const TARGET: Hex = '0x00000000000000000000000000000000000dead1';
const LANE = { bumpAfterMs: 5_000, maxFeeCap: 100_000_000_000n };
const NO_POINTER = Uint8Array.of(2);
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

type Served = () => readonly CommittedBlock[];

async function watcherOf(rollup: Rollup, served: Served): Promise<Watcher> {
  const { anvil, settlement, genesis } = rollup;
  const rpc = await connectRpc(anvil.url);
  const reader = await openL1Reader({ urls: [anvil.url] });
  const chain = await openL1Sender(rpc, reader, ANVIL_KEYS[CHALLENGER] as Hex);
  const journal = await openCommitterJournal(null);
  const events = await rollup.events();
  const entries = (await rollup.entries()).map((entry, i) => ({ ...entry, event: events[i]! }));
  return new Watcher({
    contract: await openSettlement(rpc, settlement as Hex, chain.sender),
    lane: new TxLane(LANE, { chain, journal, log: QUIET, nowMs: Date.now }),
    log: QUIET,
    blockAt: async (height) => served()[height - 1] as CommittedBlock,
    entries: async () => entries,
    genesis: () => ({ utxos: genesisState(), parts: genesis }),
    onAlarm: (alarm) => {
      if (alarm.type === 'fraud') say(`  alarm: ${alarm.statement} in batch ${alarm.batch}`);
    },
  });
}

/** What a dishonest operator commits: two batches, the fraud where the second begins. */
type Planted = {
  readonly fraud: string;
  readonly blocks: readonly CommittedBlock[];
  readonly split: number;
  /** What the second batch says its last block is, when that is the lie. */
  readonly end?: B256;
};

function everyFraud(world: RollupWorld, events: Ground['events']): Planted[] {
  const { blocks, states, split } = world;
  const inBytes = FRAUDS.map(({ fraud, plant }) => {
    const planted = plant(blocks, split).blocks;
    return { fraud, split, blocks: withSteps(planted, states) };
  });
  const ground = { blocks, states, split, events, genesis: world.rollup.genesis };
  const inSteps = STATE_FRAUDS.map((fraud) => {
    const at = fraud.splitAt?.(ground) ?? split;
    const planted = fraud.plant({ ...ground, split: at });
    return { fraud: fraud.fraud, split: at, blocks: withSteps(planted.blocks, planted.states) };
  });
  const [first] = blocks as [CommittedBlock];
  const inBatch = {
    fraud: 'a batch that ends with another block than it holds',
    split,
    blocks: withSteps(blocks, states),
    end: first.header.id,
  };
  return [...inBytes, inBatch, ...inSteps];
}

/** The second batch, as the dishonest one says it. */
async function commitLie(
  { anvil, settlement }: Rollup,
  { blocks, split, end }: Planted,
): Promise<void> {
  const batch = batchOf(blocks.slice(split));
  const parent = blocks[split - 1]!.header.id;
  const [before, height, root, last, ...rest] = commitArguments(batch, parent, NO_POINTER);
  const args = [before, height, root, end ?? last, ...rest];
  await anvil.send('lie', OPERATOR, settlement, SETTLEMENT, 'commitBatch', args, BOND);
}

/** Blocks as a node serves them. */
function withSteps(
  blocks: readonly CommittedBlock[],
  states: RollupWorld['states'],
): CommittedBlock[] {
  return blocks.map((block, i) => {
    const { steps, parts } = states[i]!;
    return { ...block, steps, parts };
  });
}

async function disputeTour(cleanup: Cleanup): Promise<void> {
  say("\nThe project's own contracts");
  const world = await openRollupWorld(cleanup as never);
  const { rollup, blocks, states } = world;
  const { anvil, settlement, inbox } = rollup;
  say(`  settlement ${settlement}, inbox ${inbox}`);
  say(`  ${blocks.length} blocks with deposits, forced transactions and transfers`);
  let clean = await anvil.test.snapshot();
  const purse = (): Promise<bigint> =>
    anvil.pub.getBalance({ address: anvil.wallets[CHALLENGER]?.account.address as Hex });
  for (const lie of everyFraud(world, await rollup.events())) {
    const { fraud, blocks: planted, split } = lie;
    await anvil.test.revert({ id: clean });
    clean = await anvil.test.snapshot();
    const watcher = await watcherOf(rollup, () => planted);
    await rollup.commit(planted.slice(0, split));
    await commitLie(rollup, lie);
    const before = await purse();
    while ((await anvil.read<bigint>(settlement, SETTLEMENT, 'batchCount')) > 1n) {
      await watcher.step();
      await anvil.test.mine({ blocks: 4 });
    }
    await watcher.step();
    say(`  convicted: ${fraud}; the watcher gained ${formatEther((await purse()) - before)} ETH`);
  }
  await anvil.test.revert({ id: clean });
  const watcher = await watcherOf(rollup, () => withSteps(blocks, states));
  await rollup.commit(blocks);
  await watcher.step();
  say(`  the true batch: ${watcher.progress().audited} in order`);
  await exitTour(world);
}

/** The operator is gone for good, and so is everybody else: a coin leaves by itself. */
async function exitTour({ rollup, blocks, states }: RollupWorld): Promise<void> {
  const { anvil, settlement } = rollup;
  const call = (name: string, args: readonly unknown[]): Promise<unknown> =>
    anvil.send(name, CHALLENGER, settlement, SETTLEMENT, name, args);
  await rollup.send('depositETH', [keyOf(3).address], parseEther('0.1'));
  await anvil.pass(ESCAPE_S);
  const { parts, trees } = states.at(-1)!;
  const last = blockProof(0n, batchOf(blocks), blocks.length - 1);
  await call('close', [last, parts]);
  say(`  nobody has committed for ${ESCAPE_S} s: anybody closes the chain`);
  const coin = rollup.coins.find((each) => pointerOf(rollup, each.utxoId.txId) === null)!;
  const proof = trees
    .at(-1)!
    .coins.prove(coinKey(utxoKeyOf(coin.utxoId.txId, coin.utxoId.outputIndex)));
  const terms = { settlement: settlement.toLowerCase() as Hex, ethereumChainId: 31_337n };
  const txPointer = { blockHeight: 0, txIndex: 0 };
  const owned = { ...coin, txPointer };
  const to: Hex = '0x00000000000000000000000000000000000dead2';
  await call('exitCoin', exitCoinArguments(owned, proof, { ...terms, to }, coin.key.secret));
  const paid = await anvil.pub.getBalance({ address: to });
  say(`  the owner of a coin took it out: ${formatEther(paid)} ETH on Ethereum`);
}

const pointerOf = (rollup: Rollup, id: B256): unknown => rollup.node.services.store.transaction(id);

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
