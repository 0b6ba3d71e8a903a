/** Dry runs and predicate estimation over the latest state. */

import { dryRun } from '../executor/dryRun.ts';
import type { BlockEnv, ExecutedTx, TxToExecute } from '../executor/ports.ts';
import { estimatePredicates } from '../predicates/estimate.ts';
import { CodedError } from '../primitives/errors.ts';
import { type Tai64, ZERO_B256 } from '../primitives/types.ts';
import type { ChainStore } from '../state/types.ts';
import { encodeTx } from '../tx/codec/transaction.ts';
import { txId } from '../tx/id.ts';
import type { ConsensusParameters } from '../tx/params.ts';
import type { ChargeableTx } from '../tx/types.ts';
import { rulesFor } from '../vm/rules.ts';
import { nextStateTransitionVersion } from './blockMaker.ts';
import type { NodeConfig } from './config.ts';
import type { DryRunResult, DryRunService, GasPriceService } from './services.ts';

export type DryRunDeps = {
  readonly config: NodeConfig;
  readonly store: ChainStore;
  readonly params: () => { version: number; params: ConsensusParameters };
  readonly gasPrice: GasPriceService;
  /** Development controls: the time that the next block would get, and whose signature is waived. */
  readonly dev?: {
    readonly time: (latest: Tai64) => Tai64 | null;
    readonly asSigned: (tx: ChargeableTx) => ChargeableTx;
    /** A fork learns what it reads. */
    readonly prepare: (tx: ChargeableTx) => void;
  };
};

function resultOf(executed: ExecutedTx): DryRunResult {
  const { id, success, programState, reason, totalGas, totalFee, receipts, tx } = executed;
  return {
    id,
    success,
    programState,
    reason,
    totalGas,
    totalFee,
    receipts,
    tx: tx as ChargeableTx,
  };
}

/** Of a run on top of the latest block that no block holds. */
export type DryRunOptions = {
  /** null: that of the next block. */
  readonly gasPrice: bigint | null;
  /** null: as the node does. */
  readonly utxoValidation: boolean | null;
};

/** What is fixed before such a run. */
export function dryRunEnv(deps: DryRunDeps, options: DryRunOptions): BlockEnv {
  const { config, store, gasPrice } = deps;
  const { version, params } = deps.params();
  const { latest } = store;
  return {
    height: latest.height + 1,
    time: deps.dev?.time(latest.time) ?? latest.time,
    daHeight: latest.daHeight,
    prevRoot: ZERO_B256,
    gasPrice: options.gasPrice ?? gasPrice.next(),
    coinbaseRecipient: config.coinbaseRecipient ?? ZERO_B256,
    consensusParametersVersion: version,
    stateTransitionVersion: nextStateTransitionVersion(store),
    params,
    rules: rulesFor(params, config.vmRules),
    utxoValidation: options.utxoValidation ?? config.utxoValidation,
  };
}

export function createDryRuns(deps: DryRunDeps): DryRunService {
  const { config, store } = deps;
  return {
    async dryRun(txs, options) {
      for (const tx of txs) deps.dev?.prepare(tx);
      const env = dryRunEnv(deps, options);
      const { params } = env;
      const jobs = txs.map(
        (tx): TxToExecute => ({
          id: txId(tx, params.chainId),
          tx,
          raw: encodeTx(tx),
          // Of impersonated owners nothing is to be verified.
          verified: deps.dev !== undefined && deps.dev.asSigned(tx) !== tx,
        }),
      );
      const recordStorageReads = options.recordStorageReads ?? false;
      const { executed, storageReads } = await dryRun(env, jobs, store, { recordStorageReads });
      return { results: executed.map(resultOf), storageReads: [...storageReads] };
    },

    async estimatePredicates(tx) {
      const { params } = deps.params();
      const rules = rulesFor(params, config.vmRules);
      try {
        return estimatePredicates(tx, undefined, params, store, rules, 'each');
      } catch (cause) {
        if (!(cause instanceof CodedError)) throw cause;
        const max = cause.context['maxGas'];
        throw new CodedError(
          'PREDICATE_ESTIMATION',
          `TransactionExceedsTotalGasAllowance(${String(max)})`,
          cause.context,
          cause,
        );
      }
    },
  };
}
