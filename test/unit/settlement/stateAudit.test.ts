/**
 * Steps of random blocks of the executor are in order; with anything in them altered they are not,
 * and the statement names the place.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plantedIn, StateAuditor, type StateStatement } from '../../../settlement/stateAudit.ts';
import type { Step } from '../../../tx/stateSteps.ts';
import { idOf, randomOf } from '../../support/chainMaker.ts';
import { TERMS, type TracedWorld, tracedWorld } from '../../support/tracedWorld.ts';

const SEEDS = 2;
const BLOCKS = 3;
const MUTATIONS = 60;

function auditAll({ genesis, made }: TracedWorld): StateStatement | null {
  const auditor = new StateAuditor(TERMS, { height: 0, ...genesis() });
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
    const world = await tracedWorld(seed, BLOCKS);
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
  const { genesis, made } = await tracedWorld(1, BLOCKS);
  const auditor = new StateAuditor(TERMS, { height: 0, ...genesis() });
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
