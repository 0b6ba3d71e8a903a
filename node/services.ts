/**
 * The services that the API is written against. `compose.ts` builds them; GraphQL, metrics and the
 * SDK see only this.
 */

import type { SealedBlock } from '../executor/ports.ts';
import type { B256, BlockHeight, ContractId, Gas, Tai64, TxId } from '../primitives/types.ts';
import type { CommitterProgress, RelayerProgress } from '../settlement/index.ts';
import type { ChainStore } from '../state/types.ts';
import type { ConsensusParameters } from '../tx/params.ts';
import type { ProgramState, Receipt } from '../tx/receipt.ts';
import type { ChargeableTx, Output, Transaction, TxPointer, UtxoId } from '../tx/types.ts';
import type { Fairness } from '../txpool/fairness.ts';
import type { PoolGauges } from '../txpool/service.ts';
import type { NodeConfig } from './config.ts';
import type { DaService } from './daBlocks.ts';
import type { FollowStatus } from './daFollow.ts';
import type { DebugService } from './debug/sessions.ts';
import type { DevControls } from './dev/types.ts';
import type { ExplainService } from './explain/service.ts';
import type { SettlementView } from './settlementView.ts';
import type { StageReport } from './stages.ts';
import type { StateTreeService } from './stateTree/keeper.ts';
import type { TraceService } from './trace/service.ts';

/** Status of a transaction as clients see it. */
export type TxStatus =
  | { type: 'submitted'; time: Tai64 }
  | {
      type: 'preconfirmationSuccess' | 'preconfirmationFailure';
      txPointer: TxPointer;
      totalGas: Gas;
      totalFee: bigint;
      receipts: readonly Receipt[];
      tx: Transaction;
      resolvedOutputs: readonly { utxoId: UtxoId; output: Output }[];
      /** Failure only. */
      reason: string | null;
      programState: ProgramState | null;
    }
  | {
      type: 'success' | 'failure';
      blockHeight: BlockHeight;
      time: Tai64;
      programState: ProgramState | null;
      receipts: readonly Receipt[];
      totalGas: Gas;
      totalFee: bigint;
      /** Failure only. */
      reason: string | null;
    }
  | { type: 'squeezedOut'; reason: string };

/** Where everybody learns what became of a transaction. */
export interface TxStatusHub {
  current(txId: TxId): TxStatus | null;
  /**
   * Events from now on. A preconfirmation replaces an undelivered `submitted`; ends after a final
   * status (success, failure, squeezedOut) or when `signal` aborts.
   * @throws CodedError SUBSCRIPTION_LIMIT when the configured number is reached
   */
  subscribe(txId: TxId, signal: AbortSignal): AsyncIterableIterator<TxStatus>;
}

/** Result of a dry run of one transaction. */
export type DryRunResult = {
  id: TxId;
  success: boolean;
  programState: ProgramState | null;
  reason: string | null;
  totalGas: Gas;
  totalFee: bigint;
  receipts: readonly Receipt[];
  /** The transaction after execution. */
  tx: ChargeableTx;
};

export interface TxService {
  /**
   * Verifies and inserts; resolves when the pool has it.
   * @throws CodedError with the pool's text (`tx-and-exec.md` §4) as message
   */
  submit(raw: Uint8Array): Promise<{ id: TxId; tx: Transaction }>;
  /** In the pool or being executed. */
  pooled(txId: TxId): { tx: ChargeableTx; raw: Uint8Array } | null;
  /** Counts for metrics and `nodeInfo.txPoolStats`. */
  stats(): { txCount: number; totalGas: Gas; totalSizeBytes: number };
  /** Transactions in each part of the pool. */
  gauges(): PoolGauges;
  /** Waiting times, hot contracts, and what was held back. */
  fairness(): Fairness;
}

export interface BlockService {
  /** Makes `count` blocks now. @returns height of the last, after it is visible to readers */
  produceBlocks(count: number, startTime: Tai64 | null): Promise<BlockHeight>;
  /** Every committed block, in order, after it is readable. @returns unsubscribe */
  onBlock(listener: (block: SealedBlock) => void): () => void;
}

export interface DryRunService {
  /**
   * Runs on top of the latest block at header height + 1 with the latest block's time.
   * `gasPrice` null: the price of the next block. `utxoValidation` null: the node's setting.
   * A missing contract input becomes a PANIC receipt per missing id (see graphql.md, dryRun).
   * @throws CodedError DRY_RUN_REFUSED when a transaction would be skipped at block level
   */
  dryRun(
    txs: readonly ChargeableTx[],
    options: {
      utxoValidation: boolean | null;
      gasPrice: bigint | null;
      recordStorageReads?: boolean;
    },
  ): Promise<{
    results: DryRunResult[];
    storageReads: {
      contractId: ContractId;
      kind: 'slot' | 'balance';
      key: B256;
      value: Uint8Array | null;
    }[];
  }>;
  /** Fills in `predicateGasUsed`. @throws CodedError PREDICATE_ESTIMATION with the checker's text */
  estimatePredicates(tx: ChargeableTx): Promise<ChargeableTx>;
}

export interface GasPriceService {
  /** Price of the next block. */
  next(): bigint;
  /** Worst case `horizon` blocks ahead. */
  worstCase(horizon: number): bigint;
  /** Price of the latest block, from its mint; 0 at genesis. */
  latest(): bigint;
}

export interface NodeServices {
  /** Development controls; absent without `--dev`. */
  readonly dev?: DevControls;
  /** Why blocks and the pool are, or are not, parallel; absent where nothing is made. */
  readonly explain?: ExplainService;
  /** The step debugger; absent without `--debug`. */
  readonly debug?: DebugService;
  /** What transactions did, call by call; absent where nothing is made. */
  readonly trace?: TraceService;
  /** Posting to the DA layer; absent where nothing is posted. */
  readonly da?: DaService;
  /** Following of a DA layer; absent in a node that makes blocks. */
  readonly follower?: { status(): FollowStatus };
  /** How busy the stages are; absent where nothing is made. */
  readonly stages?: StageReport;
  /** Roots and proofs of the state; absent where no tree is kept. */
  readonly stateTree?: StateTreeService;
  /** How the chain stands on Ethereum. */
  readonly settlement?: SettlementView;
  readonly config: NodeConfig;
  readonly store: ChainStore;
  readonly txs: TxService;
  readonly status: TxStatusHub;
  readonly blocks: BlockService;
  readonly dryRuns: DryRunService;
  readonly gasPrice: GasPriceService;
  readonly relayer: { progress(): RelayerProgress | null };
  readonly committer: { progress(): CommitterProgress | null };
  /** The parameters in force for the next block, and their version. */
  params(): { version: number; params: ConsensusParameters };
  /** Height that every read path reflects. */
  visibleHeight(): BlockHeight;
  /** Resolves at `height`, or rejects when `signal` aborts. */
  waitForHeight(height: BlockHeight, signal: AbortSignal): Promise<void>;
  chainName(): string;
}
