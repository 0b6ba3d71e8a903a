/**
 * Steps of random blocks of the executor are in order; with anything in them altered they are not,
 * and the statement names the place.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Changes, SealedBlock } from '../../../executor/ports.ts';
import { produceBlock } from '../../../executor/produce.ts';
import type { RelayedEvent } from '../../../executor/relayed.ts';
import { createSerialRunner } from '../../../executor/serial.ts';
import { freshTreeBlock, treeGenesis } from '../../../node/stateTree/blocks.ts';
import type { InboxEntry } from '../../../settlement/index.ts';
import {
  plantedIn,
  StateAuditor,
  type StateStatement,
  type TracedBlock,
} from '../../../settlement/stateAudit.ts';
import { stepsOf } from '../../../state/stateTree.ts';
import { type StateParts, type Step, UtxoState } from '../../../tx/stateSteps.ts';
import { idOf, randomOf } from '../../support/chainMaker.ts';
import * as make from '../../support/executorTx.ts';
import { memoryState } from '../../support/memoryState.ts';
import { listSource, RandomChain, testEnv } from '../../support/randomBlock.ts';

const SEEDS = 2;
const BLOCKS = 3;
const TXS = 24;
const MUTATIONS = 60;
const { PARAMS } = make;
const TERMS = { chainId: PARAMS.chainId, baseAsset: PARAMS.baseAssetId, transferGas: 1n };
const REST = idOf('rest');

type Made = {
  readonly block: TracedBlock;
  readonly inbox: { readonly entries: readonly InboxEntry[]; readonly firstNonce: number };
};
type World = { readonly genesis: { utxos: UtxoState; parts: StateParts }; readonly made: Made[] };

function eventsOf(height: number): RelayedEvent[] {
  const data = new Uint8Array(height);
  const message = { sender: idOf('l1'), recipient: idOf('r'), amount: 9n, daHeight: 1n, data };
  return [
    { type: 'message', message: { ...message, nonce: idOf(`nonce ${height}`) } },
    // One that does not decode: it changes nothing, and takes a step.
    { type: 'transaction', nonce: idOf('n'), maxGas: 5n, raw: Uint8Array.of(9), daHeight: 1n },
  ];
}

async function worldOf(seed: number): Promise<World> {
  const chain = new RandomChain(seed, PARAMS, true);
  const layers: Changes[] = [chain.genesis];
  const runner = createSerialRunner();
  const start = { header: { height: 0, id: idOf('0') }, changes: chain.genesis };
  const tree = treeGenesis(start as unknown as SealedBlock, PARAMS.baseAssetId);
  const utxos = new UtxoState(tree.held);
  for (const [key, value] of tree.coins) utxos.coins.update(key, value);
  for (const [key, value] of tree.messages) utxos.messages.update(key, value);
  const genesis = { utxos: utxos.clone(), parts: { ...utxos.step(0n), rest: REST } };
  const made: Made[] = [];
  for (let height = 1; height <= BLOCKS; height++) {
    const env = testEnv(PARAMS, { height, daHeight: 1n });
    const events = eventsOf(height);
    const source = listSource(chain.txs(TXS), TXS);
    const block = await produceBlock(env, source, memoryState(layers), runner, { events });
    layers.push(block.changes);
    const sealed = { ...block, consensus: { type: 'poa', signature: new Uint8Array(64) } } as const;
    const steps = [...stepsOf(utxos, freshTreeBlock(sealed, PARAMS.baseAssetId))];
    const parts = { ...steps.at(-1)!, rest: REST };
    const transactions = block.transactions.map(({ raw }) => raw);
    const entries = events.map((event) => ({ id: idOf('entry'), block: 1n, event }));
    const firstNonce = made.length * events.length;
    const inboxCount = BigInt(firstNonce + events.length);
    made.push({
      block: { header: block.header, inboxCount, transactions, steps, parts },
      inbox: { entries, firstNonce },
    });
  }
  return { genesis, made };
}

function auditAll({ genesis, made }: World): StateStatement | null {
  const auditor = new StateAuditor(TERMS, { height: 0, ...genesis });
  for (const { block, inbox } of made) {
    const found = auditor.audit(block, inbox);
    if (found !== null) return found;
  }
  return null;
}

const LIES: readonly ((step: Step) => Partial<Step>)[] = [
  () => ({ coins: idOf('other') }),
  () => ({ messages: idOf('other') }),
  ({ held }) => ({ held: held + 1n }),
  ({ held }) => ({ held: held - 1n }),
  ({ out }) => ({ out: out + 1n }),
];

/** The height and the place that a statement names. */
function placeOf(found: StateStatement): [number, number | null] {
  if ('at' in found) return [found.at.height, found.at.tx];
  return [found.height, null];
}

test('steps of the executor are in order, altered ones are not', async () => {
  const random = randomOf(7);
  const names = new Set<string>();
  for (let seed = 1; seed <= SEEDS; seed++) {
    const world = await worldOf(seed);
    assert.equal(auditAll(world), null, `seed ${seed}`);
    for (let n = 0; n < MUTATIONS / SEEDS; n++) {
      const at = random(BLOCKS);
      const { block, inbox } = world.made[at]!;
      const index = random(block.steps.length + 1);
      const lie = LIES[random(LIES.length)]!;
      const isEnd = index === block.steps.length;
      const steps = block.steps.map((each, i) => (i === index ? { ...each, ...lie(each) } : each));
      const parts = isEnd ? { ...block.parts, ...lie(block.parts) } : block.parts;
      const lied = { block: { ...block, steps, parts }, inbox };
      const made = world.made.map((each, i) => (i === at ? lied : each));
      const found = auditAll({ ...world, made });
      const text = `seed ${seed}, block ${at + 1}, step ${index}`;
      assert.ok(found !== null, text);
      const [height, tx] = placeOf(found);
      assert.equal(height, at + 1, text);
      if (tx !== null) assert.equal(tx, index - 1 - inbox.entries.length, text);
      names.add(found.name);
    }
  }
  assert.deepEqual([...names].sort(), [
    'wrongMessageStep',
    'wrongStart',
    'wrongState',
    'wrongStep',
  ]);
});

test('batches that are taken back are audited again; what is settled is forgotten', async () => {
  const { genesis, made } = await worldOf(1);
  const auditor = new StateAuditor(TERMS, { height: 0, ...genesis });
  for (const { block, inbox } of made) {
    assert.equal(auditor.audit(plantedIn(block), inbox)?.name, 'wrongStep');
    assert.equal(auditor.audit(block, inbox), null, 'the planted one is not remembered');
  }
  auditor.forget(2);
  assert.ok(auditor.follows(2) && !auditor.follows(3));
  for (const { block, inbox } of made.slice(1)) assert.equal(auditor.audit(block, inbox), null);
  auditor.settle(3);
  assert.ok(auditor.follows(3) && !auditor.follows(2));
});
