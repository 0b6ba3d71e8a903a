import type { TestContext } from 'node:test';
import type { CommittedBlock } from '../../settlement/index.ts';
import type { BlockState } from './blockStates.ts';
import { randomOf } from './chainMaker.ts';
import { seedOf } from './mutate.ts';
import { grow, openRollup, type Rollup } from './rollup.ts';

export type World = {
  readonly rollup: Rollup;
  readonly blocks: readonly CommittedBlock[];
  /** Their steps. */
  readonly states: readonly BlockState[];
  split: number;
};

export async function openWorld(t: Pick<TestContext, 'after'>): Promise<World> {
  const rollup = await openRollup(t, randomOf(seedOf('disputes', 77)));
  await grow(rollup);
  const tracked = await rollup.tracked();
  const blocks = tracked.map(({ block }) => block);
  const states = tracked.map(({ state }) => state);
  // The second batch begins behind the last deposit.
  const split = blocks.length - 3;
  return { rollup, blocks, states, split };
}
