/**
 * Runs the program of one predicate input. Contracts are out of reach; of the world only blobs can
 * be read.
 *
 * @source fuel-vm 0.66.4, predicate executor
 */
import { assert } from '../primitives/errors.ts';
import type { B256, BlobId, TxId } from '../primitives/types.ts';
import { encodeTx } from '../tx/codec/transaction.ts';
import { prepareForExecution } from '../tx/id.ts';
import { type TxOffsets, txOffsets } from '../tx/offsets.ts';
import type { ConsensusParameters } from '../tx/params.ts';
import type { ChargeableTx } from '../tx/types.ts';
import { RuntimeBalances } from './balances.ts';
import { initialise, newContext } from './initialise.ts';
import { interpret } from './interpret.ts';
import { acquireMachine, GGAS, type Machine, releaseMachine } from './machine.ts';
import type { VmRules, VmStorage } from './ports.ts';
import { quickValue } from './quickReturn.ts';
import { HALT, type Step } from './row.ts';

/** The part of the state that predicates may read. */
export type BlobSource = { blob(id: BlobId): Uint8Array | null };

/** A transaction made ready for running its predicates one by one. */
export type PredicateSubject = {
  readonly tx: ChargeableTx;
  readonly txId: TxId;
  readonly bytes: Uint8Array;
  readonly offsets: TxOffsets;
  readonly params: ConsensusParameters;
  readonly blobs: BlobSource;
  readonly rules: VmRules;
};

export function predicateSubject(
  tx: ChargeableTx,
  txId: TxId,
  params: ConsensusParameters,
  blobs: BlobSource,
  rules: VmRules,
): PredicateSubject {
  const prepared = prepareForExecution(tx);
  return {
    tx: prepared,
    txId,
    bytes: encodeTx(prepared),
    offsets: txOffsets(prepared),
    params,
    blobs,
    rules,
  };
}

/** How a predicate ended. `instruction`: the raw word of the panic, 0 when it was not fetched. */
export type PredicateEnd =
  | { readonly type: 'return'; readonly value: bigint }
  | { readonly type: 'returnData'; readonly digest: B256 }
  | { readonly type: 'revert'; readonly value: bigint }
  | { readonly type: 'panic'; readonly reason: number; readonly instruction: number };

export type PredicateRun = { readonly end: PredicateEnd; readonly gasUsed: bigint };

/** Hooks for tests: see `Observer` of `transact.ts`. */
export type PredicateObserver = {
  readonly step?: (m: Machine) => void;
  readonly end?: (m: Machine) => void;
};

/** Runs the predicate of input `index` with `gas`. A bare `RET` needs no VM. */
export function runPredicate(
  subject: PredicateSubject,
  index: number,
  gas: bigint,
  observe?: PredicateObserver,
): PredicateRun {
  const input = subject.tx.inputs[index];
  const offset = subject.offsets.inputs[index]?.predicate;
  assert(input !== undefined && input.type !== 'contract', 'the input has a predicate');
  assert(offset !== null && offset !== undefined, 'the input has a predicate');
  if (observe === undefined) {
    const quick = quickValue(input.predicate, subject.params, gas);
    if (quick !== null) {
      return { end: { type: 'return', value: quick.value }, gasUsed: quick.gasUsed };
    }
  }
  const balances = new RuntimeBalances(new Map());
  const ctx = newContext({
    ...subject,
    txOffsets: subject.offsets,
    gasPrice: 0n,
    storage: blobsOnly(subject.blobs),
    balances,
    predicateIndex: index,
    missingContracts: null,
  });
  const m = acquireMachine(ctx);
  try {
    initialise(m, balances, subject.bytes, ctx.txAddress + offset, gas);
    const step = interpret(m, observe?.step);
    const run = { end: endOf(m, step), gasUsed: gas - m.reg(GGAS) };
    observe?.end?.(m);
    return run;
  } finally {
    releaseMachine(m);
  }
}

function endOf(m: Machine, step: Step): PredicateEnd {
  if (step === HALT.return) return { type: 'return', value: m.endValue };
  if (step === HALT.returnData) return { type: 'returnData', digest: m.endDigest! };
  if (step === HALT.revert) return { type: 'revert', value: m.endValue };
  return { type: 'panic', reason: step, instruction: m.word };
}

/** Instructions that need anything else are not allowed in predicates. */
function blobsOnly(blobs: BlobSource): VmStorage {
  const denied = (): never => assertDenied();
  return {
    blob: (id) => blobs.blob(id),
    contractCode: denied,
    slot: denied,
    setSlot: denied,
    clearSlot: denied,
    balance: denied,
    setBalance: denied,
    clearBalance: denied,
    createContract: denied,
    createBlob: denied,
    uploadedBytecode: denied,
    setUploadedBytecode: denied,
    addConsensusParameters: denied,
    addStateTransitionBytecode: denied,
    blockHeight: 0,
    consensusParametersVersion: 0,
    stateTransitionVersion: 0,
    coinbase: `0x${'00'.repeat(32)}`,
    blockHash: denied,
    timestamp: denied,
  };
}

function assertDenied(): never {
  assert(false, 'predicates cannot reach the state');
}
