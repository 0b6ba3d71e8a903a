/** The watcher against every fraud in states and steps, on anvil, over real blocks of this node. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openCommitterJournal } from '../../node/committerJournal.ts';
import { openWatchMemory } from '../../node/watchMemory.ts';
import { ZERO_B256 } from '../../primitives/types.ts';
import {
  type Alarm,
  type CommittedBlock,
  connectRpc,
  openL1Reader,
  openL1Sender,
  openSettlement,
  TxLane,
  Watcher,
} from '../../settlement/index.ts';
import { openMemoryEngine } from '../../state/engine/memory.ts';
import type { Engine } from '../../state/engine/port.ts';
import type { StateParts } from '../../tx/stateSteps.ts';
import { ANVIL_KEYS, anvilPath } from '../support/anvil.ts';
import { type BlockState, withState } from '../support/blockStates.ts';
import { FRAUDS } from '../support/frauds.ts';
import { CHALLENGER, genesisState, type Rollup } from '../support/rollup.ts';
import { openWorld } from '../support/rollupWorld.ts';
import { SETTLEMENT } from '../support/settlementContracts.ts';
import {
  type Ground,
  STATE_FRAUDS,
  STATE_VARIANTS,
  type StateFraud,
} from '../support/stateFrauds.ts';

const QUIET = { info: () => {}, warn: () => {}, error: () => {} };
const LANE = { bumpAfterMs: 5_000, maxFeeCap: 100_000_000_000n };
const ROUNDS_MAX = 6;

/** Blocks as a node serves them: with their steps. */
function served(blocks: readonly CommittedBlock[], states: readonly BlockState[]) {
  return blocks.map((block, i) => ({
    ...block,
    steps: states[i]!.steps,
    parts: states[i]!.parts,
  }));
}

async function watcherOf(
  rollup: Rollup,
  blocks: readonly CommittedBlock[],
  alarms: Alarm[],
  parts: StateParts = rollup.genesis,
  ours: readonly CommittedBlock[] = blocks,
  kept: Engine | null = null,
): Promise<Watcher> {
  const rpc = await connectRpc(rollup.anvil.url);
  const reader = await openL1Reader({ urls: [rollup.anvil.url] });
  const chain = await openL1Sender(rpc, reader, ANVIL_KEYS[CHALLENGER]!);
  const journal = await openCommitterJournal(null);
  const events = await rollup.events();
  const entries = (await rollup.entries()).map((entry, i) => ({ ...entry, event: events[i]! }));
  const owner = { ethereumChainId: 1n, settlement: rollup.settlement, genesisState: ZERO_B256 };
  return new Watcher({
    ...(kept === null ? {} : { memory: await openWatchMemory(kept, owner, QUIET) }),
    contract: await openSettlement(rpc, rollup.settlement as never, chain.sender),
    lane: new TxLane(LANE, { chain, journal, log: QUIET, nowMs: Date.now }),
    log: QUIET,
    blockAt: async (height) => ours[height - 1]!,
    operatorBlockAt: async (height) => blocks[height - 1]!,
    entries: async () => entries,
    genesis: () => ({ utxos: genesisState(), parts }),
    onAlarm: (alarm) => alarms.push(alarm),
  });
}

test('the watcher disputes states', { skip: anvilPath() === null }, async (t) => {
  const { rollup, blocks, states, split } = await openWorld(t);
  const { anvil, settlement, genesis } = rollup;
  const ground: Ground = { blocks, states, split, genesis, events: await rollup.events() };
  const count = (): Promise<bigint> => anvil.read(settlement, SETTLEMENT, 'batchCount');
  let clean = await anvil.test.snapshot();
  const commit = async (all: readonly CommittedBlock[], at: number): Promise<void> => {
    await anvil.test.revert({ id: clean });
    clean = await anvil.test.snapshot();
    await rollup.commit(all.slice(0, at));
    await rollup.commit(all.slice(at), all[at - 1]!.header.id);
  };

  await t.test('true blocks are in order', async () => {
    await commit(blocks, split);
    const alarms: Alarm[] = [];
    const watcher = await watcherOf(rollup, served(blocks, states), alarms);
    await watcher.step();
    assert.deepEqual(watcher.progress(), { audited: 2, alarms: 0, selfTest: true });
  });

  /** A cheaper statement may do as well. */
  const found = new Set<string>();
  const wins = async (fraud: StateFraud): Promise<void> => {
    const at = fraud.splitAt?.(ground) ?? split;
    const planted = fraud.plant({ ...ground, split: at });
    await commit(planted.blocks, at);
    const alarms: Alarm[] = [];
    const watcher = await watcherOf(rollup, served(planted.blocks, planted.states), alarms);
    for (let rounds = 0; rounds < ROUNDS_MAX && (await count()) > 1n; rounds++) {
      await watcher.step();
      await anvil.test.mine({ blocks: 4 });
    }
    await watcher.step();
    assert.ok((await count()) < 2n, JSON.stringify(alarms));
    const [first] = alarms;
    assert.equal(first?.type, 'fraud', JSON.stringify(alarms));
    if (first.type === 'fraud') found.add(first.statement);
    assert.ok(alarms.some(({ type }) => type === 'convicted'));
  };
  for (const fraud of [...STATE_FRAUDS, ...STATE_VARIANTS]) {
    await t.test(`${fraud.fraud} (${fraud.name})`, () => wins(fraud));
  }

  await t.test('by each of the statements', () => {
    const names = STATE_FRAUDS.map(({ name }) => name).sort();
    assert.deepEqual([...found].filter((name) => names.includes(name)).sort(), names);
  });

  await t.test('steps that are held back are an alarm', async () => {
    await commit(blocks, split);
    const alarms: Alarm[] = [];
    const watcher = await watcherOf(rollup, blocks, alarms);
    await watcher.step();
    assert.deepEqual(
      alarms.map(({ type }) => type),
      ['dataMissing'],
    );
  });

  await t.test('what contracts hold is not what executing the blocks gives: an alarm', async () => {
    const rest = blocks[0]!.header.id;
    const lied = states.map((state, i) =>
      i < split ? state : { ...state, parts: { ...state.parts, rest } },
    );
    const others = blocks.map((block, i) => withState(block, lied[i]!.steps, lied[i]!.parts));
    await commit(others, split);
    const alarms: Alarm[] = [];
    const [theirs, ours] = [served(others, lied), served(blocks, states)];
    const watcher = await watcherOf(rollup, theirs, alarms, genesis, ours);
    await watcher.step();
    await watcher.step();
    assert.deepEqual(alarms, [{ type: 'executionDiffers', batch: 1, height: split + 1 }]);
  });

  // What is found by remembering spent coins, too.
  const doubleSpend = FRAUDS.find(({ name }) => name === 'doubleSpend')!;
  const lies = [
    ...STATE_FRAUDS.filter(({ splitAt }) => splitAt === undefined).map((fraud) => {
      const planted = fraud.plant(ground);
      return { fraud: fraud.fraud, lie: served(planted.blocks, planted.states) };
    }),
    { fraud: doubleSpend.fraud, lie: served(doubleSpend.plant(blocks, split).blocks, states) },
  ];
  for (const { fraud, lie } of lies) {
    await t.test(`${fraud}, by a watcher that was started again`, async () => {
      const kept = openMemoryEngine(() => 1);
      await anvil.test.revert({ id: clean });
      clean = await anvil.test.snapshot();
      await rollup.commit(blocks.slice(0, split));
      const honest = served(blocks, states);
      await (await watcherOf(rollup, honest, [], genesis, honest, kept)).step();
      await rollup.commit(lie.slice(split), lie[split - 1]!.header.id);
      const alarms: Alarm[] = [];
      const watcher = await watcherOf(rollup, lie, alarms, genesis, lie, kept);
      for (let rounds = 0; rounds < ROUNDS_MAX && (await count()) > 1n; rounds++) {
        await watcher.step();
        await anvil.test.mine({ blocks: 4 });
      }
      assert.equal(await count(), 1n, JSON.stringify(alarms));
      assert.equal(watcher.progress().audited, 1);
    });
  }

  await t.test('another genesis than that of the contract is refused', async () => {
    const parts = { ...genesis, held: genesis.held + 1n };
    const watcher = await watcherOf(rollup, blocks, [], parts);
    await assert.rejects(watcher.step(), { code: 'WATCH_WRONG_GENESIS' });
  });
});
