/** A watcher goes on behind the last batch that was in order; what was kept and does not fit goes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openWatchMemory } from '../../../node/watchMemory.ts';
import type { B256 } from '../../../primitives/types.ts';
import { AuditedStates, type WatchMemory } from '../../../settlement/auditedStates.ts';
import type { StoredBatch } from '../../../settlement/index.ts';
import { plantedIn } from '../../../settlement/stateAudit.ts';
import { openMemoryEngine } from '../../../state/engine/memory.ts';
import type { Engine } from '../../../state/engine/port.ts';
import { idOf } from '../../support/chainMaker.ts';
import { TERMS, type TracedWorld, tracedWorld } from '../../support/tracedWorld.ts';

const BLOCKS = 8;
const KEPT = 3;
const CHAIN = { ethereumChainId: 1n, settlement: '0x11', genesisState: idOf('genesis') };
const QUIET = { info: () => {}, warn: () => {} };

/** The contract: a batch for each block. */
function contractOf(world: TracedWorld, count: number, changed: number | null = null) {
  const batchAt = async (number: number): Promise<StoredBatch> => {
    const { header, inboxCount } = world.made[number]!.block;
    const { id: root, height } = header;
    const rest = { lastBlockId: root, first: height, last: height, inboxCount, timeS: 0 };
    const other = number === changed ? idOf('another batch') : root;
    return { root: other, ...rest, proposer: '0x22' };
  };
  return { batchAt, batchCount: async () => count };
}

const memoryOf = (engine: Engine, chain: typeof CHAIN = CHAIN): Promise<WatchMemory> =>
  openWatchMemory(engine, chain, QUIET, KEPT);

const open = (world: TracedWorld, memory: WatchMemory | null): Promise<AuditedStates> =>
  AuditedStates.open(TERMS, () => ({ height: 0, ...world.genesis() }), memory);

/** Audits batches from `from` to before `to`; all of them must be in order. */
async function audit(
  world: TracedWorld,
  audited: AuditedStates,
  from: number,
  to: number,
): Promise<void> {
  const contract = contractOf(world, to);
  for (let number = from; number < to; number++) {
    const { block, inbox } = world.made[number]!;
    assert.ok(audited.states.follows(block.header.height), `batch ${number} is followed`);
    assert.equal(audited.states.audit(block, inbox), null, `batch ${number}`);
    await audited.keep(number, await contract.batchAt(number));
    audited.states.settle(block.header.height);
  }
}

/** Keys of nodes. */
async function nodes(engine: Engine): Promise<Uint8Array[]> {
  const rows = await engine.scan({ prefix: Uint8Array.of(1), limit: 1_000_000 });
  return rows.map(({ key }) => key);
}

test('goes on behind the last batch, and still finds what is wrong', async () => {
  const world = await tracedWorld(3, BLOCKS);
  const engine = openMemoryEngine(() => 1);
  await audit(world, await open(world, await memoryOf(engine)), 0, 5);
  const audited = await open(world, await memoryOf(engine));
  const found = await audited.resume(contractOf(world, BLOCKS));
  // The newest is audited again.
  assert.equal(found.length, 4);
  const { block, inbox } = world.made[4]!;
  assert.equal(audited.states.audit(plantedIn(block), inbox)?.name, 'wrongStep');
  await audit(world, audited, 4, BLOCKS);
  const last = (await memoryOf(engine)).stateAt(BLOCKS - 1);
  assert.deepEqual(last?.parts, world.made.at(-1)!.block.parts);
});

test('nodes that left long ago are thrown away, the rest can be read', async () => {
  const world = await tracedWorld(4, BLOCKS);
  const [engine, roomy] = [openMemoryEngine(() => 1), openMemoryEngine(() => 1)];
  await audit(world, await open(world, await memoryOf(engine)), 0, BLOCKS);
  const all = await openWatchMemory(roomy, CHAIN, QUIET, BLOCKS + 1);
  await audit(world, await open(world, all), 0, BLOCKS);
  assert.ok((await nodes(engine)).length < (await nodes(roomy)).length);
  const memory = await memoryOf(engine);
  for (let number = 0; number < BLOCKS; number++) {
    const state = memory.stateAt(number);
    assert.equal(state !== null, number >= BLOCKS - KEPT, `batch ${number}`);
    if (state === null) continue;
    // Every node is passed through: each coin of the genesis is looked for.
    const { utxos } = world.genesis();
    assert.equal(state.utxos.step(0n).coins, world.made[number]!.block.parts.coins);
    state.utxos.coins.update(new Uint8Array(34), new Uint8Array(1));
    assert.notEqual(state.utxos.step(0n).coins, utxos.step(0n).coins);
  }
});

test('batches that were replaced are audited again', async () => {
  const world = await tracedWorld(5, BLOCKS);
  const engine = openMemoryEngine(() => 1);
  await audit(world, await open(world, await memoryOf(engine)), 0, 6);
  const audited = await open(world, await memoryOf(engine));
  const found = await audited.resume(contractOf(world, BLOCKS, 5));
  assert.equal(found.length, 4);
  await audit(world, audited, 4, 6);
  // Taken back while it runs, further than the states in memory reach,
  const { batchAt } = contractOf(world, BLOCKS);
  const all = [...found, await batchAt(4)];
  assert.equal((await audited.remain(all.slice(0, 4))).length, 4);
  await audit(world, audited, 4, 6);
  // and further than what is kept.
  assert.equal((await audited.remain(all.slice(0, 2))).length, 0);
  await audit(world, audited, 0, 2);
});

test('without a memory a deep roll-back leads to the genesis', async () => {
  const world = await tracedWorld(6, BLOCKS);
  const audited = await open(world, null);
  assert.deepEqual(await audited.resume(contractOf(world, BLOCKS)), []);
  await audit(world, audited, 0, 5);
  const contract = contractOf(world, BLOCKS);
  const two = [await contract.batchAt(0), await contract.batchAt(1)];
  assert.deepEqual(await audited.remain(two), []);
  await audit(world, audited, 0, BLOCKS);
});

test('what is damaged is audited again', async () => {
  const world = await tracedWorld(7, BLOCKS);
  const engine = openMemoryEngine(() => 1);
  await audit(world, await open(world, await memoryOf(engine)), 0, 6);
  const row = Uint8Array.of(2, 0, 0, 0, 4);
  const bytes = engine.get(row)!.slice();
  bytes[40]! ^= 1;
  await engine.write((batch) => batch.put(row, bytes));
  const shorter = await open(world, await memoryOf(engine));
  assert.equal((await shorter.resume(contractOf(world, BLOCKS))).length, 3);

  // Every node of the trees, the top ones too.
  const keys = await nodes(engine);
  await engine.write((batch) => {
    for (const key of keys) batch.put(key, engine.get(key)!.slice(1));
  });
  const audited = await open(world, await memoryOf(engine));
  const found = await audited.resume(contractOf(world, BLOCKS));
  assert.equal(found.length, 3);
  const { block, inbox } = world.made[3]!;
  let error: unknown = null;
  try {
    audited.states.audit(block, inbox);
  } catch (reason) {
    error = reason;
  }
  assert.equal((error as { code?: string } | null)?.code, 'WATCH_MEMORY_CORRUPT');
  assert.equal(await audited.startOver(new Error('another')), false);
  assert.equal(await audited.startOver(error), true);
  await audit(world, audited, 0, BLOCKS);
});

test('what is of another chain or contract is thrown away', async () => {
  const world = await tracedWorld(8, BLOCKS);
  const others: (typeof CHAIN)[] = [
    { ...CHAIN, ethereumChainId: 2n },
    { ...CHAIN, settlement: '0x12' },
    { ...CHAIN, genesisState: idOf('other') as B256 },
  ];
  for (const other of others) {
    const engine = openMemoryEngine(() => 1);
    await audit(world, await open(world, await memoryOf(engine)), 0, 2);
    const audited = await open(world, await memoryOf(engine, other));
    assert.deepEqual(await audited.resume(contractOf(world, BLOCKS)), []);
    await audit(world, audited, 0, 2);
  }
});
