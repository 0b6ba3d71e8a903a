/** The workloads that tests and measurements run; the same options give the same bytes. */
import { fundedChain, roomyParams } from '../../test/support/funded.ts';
import { KINDS } from './kinds.ts';
import { genesisChanges, WorkloadMaker } from './maker.ts';
import type { Workload, WorkloadName, WorkloadOptions } from './types.ts';

export { LONG_WORK, type Workload, type WorkloadName, type WorkloadOptions } from './types.ts';

export const WORKLOAD_NAMES: readonly WorkloadName[] = Object.keys(KINDS) as WorkloadName[];

/** Workloads that are made to leave nothing to do in parallel, or to cheat. */
export const ADVERSARIAL: readonly WorkloadName[] = ['hot-contract', 'skipped', 'over-declared'];

const DEFAULTS: Omit<WorkloadOptions, 'count' | 'params'> = {
  seed: 1,
  contracts: 100,
  theta: 0,
  work: 0,
  depth: 8,
  multiShare: 0.3,
  readShare: 0.95,
  skipShare: 0.2,
  declared: 8,
  sign: true,
};

/** Makes `count` transactions of a workload, and the state that they run on. */
export function workload(
  name: WorkloadName,
  given: Pick<WorkloadOptions, 'count'> & Partial<WorkloadOptions>,
): Workload {
  const options = { ...DEFAULTS, params: roomyParams(), ...given };
  const maker = new WorkloadMaker(options);
  KINDS[name](maker);
  const { txs, skips } = maker;
  const { contracts, count, theta, work, seed } = options;
  const spread = maker.contracts().length === 0 ? '' : `, ${contracts} contracts, theta ${theta}`;
  return {
    name,
    options,
    describe: `${name}: ${count} transactions${spread}, work ${work}, seed ${seed}`,
    genesis: genesisChanges(maker),
    chain: () => fundedChain(maker.coins, maker.contracts(), options.params),
    txs,
    skips,
  };
}
