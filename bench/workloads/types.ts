/** What a workload is asked for and what it gives. */
import type { Changes, TxToExecute } from '../../executor/ports.ts';
import type { FundedChain } from '../../test/support/funded.ts';
import type { ConsensusParameters } from '../../tx/params.ts';

/**
 * | name            | what                                                                       |
 * |-----------------|----------------------------------------------------------------------------|
 * | `transfers`     | independent signed transfers, no contract                                  |
 * | `predicates`    | transfers of coins that a predicate owns                                   |
 * | `token`         | `send` between private slots; each holder in one of many token contracts   |
 * | `amm`           | swaps, two reserve slots that every swap of a pool writes                  |
 * | `orderbook`     | orders in markets: a counter and price levels                              |
 * | `oracle`        | reads of price feeds, few writes                                           |
 * | `mint-counter`  | mints a coin and counts                                                    |
 * | `chains`        | transfers that spend the transfer before: chains of `depth`                |
 * | `hot-contract`  | adversarial: all call one contract                                         |
 * | `skipped`       | adversarial: a share fails at block level, and takes followers with it     |
 * | `over-declared` | adversarial: lists with contracts that are never called                    |
 * | `mixed`         | 30 % transfers, 40 % one token, 30 % two or three tokens                   |
 */
export type WorkloadName =
  | 'transfers'
  | 'predicates'
  | 'token'
  | 'amm'
  | 'orderbook'
  | 'oracle'
  | 'mint-counter'
  | 'chains'
  | 'hot-contract'
  | 'skipped'
  | 'over-declared'
  | 'mixed';

export type WorkloadOptions = {
  /** Transactions. */
  readonly count: number;
  readonly seed: number;
  /** Contracts that calls are spread over. */
  readonly contracts: number;
  /** Zipf exponent of that spread; 0: even. */
  readonly theta: number;
  /**
   * Turns of hashing in each transaction, on top of what it does anyway: about 0.2 µs each. See
   * {@link LONG_WORK}.
   */
  readonly work: number;
  /** `chains`: transactions in a row. `skipped`: followers of a failing one. */
  readonly depth: number;
  /** `mixed`: share of transactions with two or three contracts. */
  readonly multiShare: number;
  /** `oracle`: share of transactions that only read. */
  readonly readShare: number;
  /** `skipped`: share of transactions that fail of themselves. */
  readonly skipShare: number;
  /** `over-declared`: contracts declared beyond the one that is called. */
  readonly declared: number;
  /** False: witnesses are zeros; for measurements that verify nothing. */
  readonly sign: boolean;
  readonly params: ConsensusParameters;
};

export type Workload = {
  readonly name: WorkloadName;
  readonly options: WorkloadOptions;
  /** One line for people. */
  readonly describe: string;
  /** The state before, for executors: a layer of `test/support/memoryState.ts`. */
  readonly genesis: Changes;
  /** The same state for `createNode({ snapshot })` and `writeSnapshot`. */
  chain(): FundedChain;
  /** In block order, `verified`. */
  readonly txs: readonly TxToExecute[];
  /** Indices of transactions that fail at block level. */
  readonly skips: readonly number[];
};

/** Turns of work that make a transaction take at least 0.2 ms on the machines we measure on. */
export const LONG_WORK = 1_500;
