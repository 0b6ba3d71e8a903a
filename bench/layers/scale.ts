/** How much is measured. */

export type Scale = {
  readonly name: 'quick' | 'full';
  /** Transactions of a block where the block is not what varies. */
  readonly count: number;
  readonly rounds: number;
  readonly workers: readonly number[];
  readonly thetas: readonly number[];
  readonly contracts: readonly number[];
  readonly blocks: readonly number[];
  /** Transactions of the end-to-end layers. */
  readonly signed: number;
  /** Workers that are simulated. */
  readonly simulated: readonly number[];
  readonly simulatedCount: number;
};

const SIMULATED: readonly number[] = [1, 2, 4, 8, 16, 32, 64];

export const QUICK: Scale = {
  name: 'quick',
  count: 200,
  rounds: 2,
  workers: [1, 2],
  thetas: [0, 0.99, 1.5],
  contracts: [1, 10, 1000],
  blocks: [100, 1000],
  signed: 1000,
  simulated: SIMULATED,
  simulatedCount: 1000,
};

export const FULL: Scale = {
  name: 'full',
  count: 1000,
  rounds: 5,
  workers: [1, 2, 4],
  thetas: [0, 0.25, 0.5, 0.75, 0.99, 1.25, 1.5],
  contracts: [1, 3, 10, 30, 100, 300, 1000],
  blocks: [100, 300, 1000, 3000, 10_000],
  signed: 10_000,
  simulated: SIMULATED,
  simulatedCount: 10_000,
};
