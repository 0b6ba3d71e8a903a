/**
 * One transaction at block level: checks, execution, and what it leaves behind.
 *
 * A transaction that fails inside the VM is included and pays; one that fails here is skipped, with
 * the reference's text, and leaves nothing. Pure: reads through a view, returns changes.
 *
 * @source fuel-core-executor 0.48.2 (behaviour)
 */

import { verifyPredicates } from '../predicates/verify.ts';
import type { B256, UtxoKey } from '../primitives/types.ts';
import { ZERO_B256 } from '../primitives/types.ts';
import { utxoKeyOf } from '../tx/accessKeys.ts';
import { encodeExecuted } from '../tx/executed.ts';
import { maxFee, minGas, usedFee } from '../tx/fees.ts';
import { messageId } from '../tx/id.ts';
import type { ProgramState, Receipt } from '../tx/receipt.ts';
import type { ChargeableTx, CoinInput, ContractInput, TxPointer } from '../tx/types.ts';
import type { CheckedBalances } from '../tx/validity.ts';
import { checkSignatures, checkTx, debugText } from '../tx/validity.ts';
import { panicName } from '../vm/panic.ts';
import type { Observer, VmResult } from '../vm/transact.ts';
import { transact } from '../vm/transact.ts';
import { checkInputs } from './checkInputs.ts';
import { type ByContract, TxOverlay } from './overlay.ts';
import type { BlockEnv, Changes, ContractUtxo, ExecutedTx, StateView } from './ports.ts';
import { emptyChanges, type TxToExecute } from './ports.ts';
import { balanceAccessRoot, slotAccessRoot } from './roots.ts';
import { skipText } from './texts.ts';
import { addUtxoChanges, utxoConflict } from './utxos.ts';

const U64_MAX = (1n << 64n) - 1n;
const NO_POINTER: TxPointer = { blockHeight: 0, txIndex: 0 };
const NO_UTXO: ContractUtxo = {
  utxoId: { txId: ZERO_B256, outputIndex: 0 },
  txPointer: NO_POINTER,
};

/** Values of contracts before a transaction, of what it read. */
export type TxReads = {
  readonly slots: ByContract<Uint8Array>;
  readonly balances: ByContract<bigint>;
};

/** An included transaction with everything the block needs of it. */
export type TxOutcome = {
  readonly executed: ExecutedTx;
  readonly changes: Changes;
  readonly reads: TxReads;
  /** Messages sent out; none after a revert. */
  readonly messageIds: readonly B256[];
  /** Metered size: the whole canonical one. */
  readonly sizeBytes: number;
};

export type RunTxResult =
  | { readonly ok: true; readonly outcome: TxOutcome }
  /** Skipped; `reason` is the executor's error text. */
  | { readonly ok: false; readonly reason: string };

/** How a transaction is run. */
export type RunTxOptions = {
  readonly txIndex: number;
  /** Price of the block, or 0 for forced transactions. */
  readonly gasPrice: bigint;
  /** Dry runs go on behind an access to an undeclared contract and collect the ids. */
  readonly collectMissing?: boolean;
  /** Sees the machine of a script at every instruction; slow. */
  readonly observe?: Observer;
};

function skip(reason: string): { readonly ok: false; readonly reason: string } {
  return { ok: false, reason };
}

/** Runs `job` on top of `view`. */
export function runTx(
  env: BlockEnv,
  view: StateView,
  job: TxToExecute,
  options: RunTxOptions,
): RunTxResult {
  const checked = checkBeforeRun(env, view, job, options.gasPrice);
  if ('reason' in checked) return skip(checked.reason);
  const storage = new TxOverlay(view, env);
  const result = transact({
    tx: job.tx,
    raw: job.raw,
    txId: job.id,
    params: env.params,
    gasPrice: options.gasPrice,
    storage,
    rules: env.rules,
    balances: checked.balances,
    onMissingContract: options.collectMissing ? 'collect' : 'panic',
    ...(options.observe === undefined ? {} : { observe: options.observe }),
  });
  if (result.refused !== undefined) return skip(skipText.vmExecution(job.id, result.refused));
  return settle(env, view, job, options, storage, result);
}

/** Everything that is decided before the program runs. */
function checkBeforeRun(
  env: BlockEnv,
  view: StateView,
  job: TxToExecute,
  gasPrice: bigint,
): { balances: CheckedBalances } | { reason: string } {
  const { id, tx } = job;
  if (view.transactionExists(id)) return { reason: skipText.transactionIdCollision(id) };
  const expiration = tx.policies.expiration ?? U64_MAX;
  if (job.verified && BigInt(env.height) > expiration) {
    return { reason: skipText.transactionExpired(expiration, env.height) };
  }
  const validity = checkTx(tx, env.height, env.params);
  if (!validity.ok) return { reason: `Validity(${debugText(validity.error)})` };
  if (env.utxoValidation) {
    const reason = checkOwnership(env, view, job);
    if (reason !== null) return { reason };
  }
  const feeMax = maxFee(tx, env.params, gasPrice);
  if (feeMax > U64_MAX) return { reason: 'Validity(BalanceOverflow)' };
  const limit = tx.policies.maxFee ?? 0n;
  if (feeMax > limit) return { reason: skipText.insufficientMaxFee(limit, feeMax) };
  return { balances: validity.balances };
}

function checkOwnership(env: BlockEnv, view: StateView, job: TxToExecute): string | null {
  if (!job.verified) {
    const predicates = verifyPredicates(job.tx, job.id, env.params, view, env.rules);
    if (!predicates.ok) {
      const debug = `PredicateVerificationFailed(${debugText(predicates.error)})`;
      return skipText.validity(debug);
    }
  }
  const mismatch = checkInputs(job.tx.inputs, view, env.daHeight);
  if (mismatch !== null || job.verified) return mismatch;
  const signatures = checkSignatures(job.tx, job.id);
  return signatures.ok ? null : skipText.validity(`Validity(${debugText(signatures.error)})`);
}

function settle(
  env: BlockEnv,
  view: StateView,
  job: TxToExecute,
  options: RunTxOptions,
  storage: TxOverlay,
  result: VmResult,
): RunTxResult {
  const success = !result.reverted;
  const { receipts } = result;
  const changes = success ? storage.changes : emptyChanges();
  const tx = fillTx(env, view, job.tx, storage, { tx: result.tx, success });
  const settled = { id: job.id, tx, success };
  const conflict = utxoConflict(settled, view);
  if (conflict !== null) return skip(conflict);
  const pointer = { blockHeight: env.height, txIndex: options.txIndex };
  const isCoin = (key: UtxoKey): boolean => env.utxoValidation || view.coin(key) !== null;
  addUtxoChanges(settled, pointer, changes, isCoin);
  if (tx.type === 'create' && success) {
    changes.contractSalt = new Map([...changes.contractCode.keys()].map((id) => [id, tx.salt]));
  }
  const least = minGas(tx, env.params);
  const totalFee = usedFee(tx, env.params, result.gasUsed, options.gasPrice, least);
  if (totalFee > (tx.policies.maxFee ?? 0n)) return skip(skipText.feeOverflow);
  const raw = encodeExecuted(job.raw, tx);
  const executed: ExecutedTx = {
    id: job.id,
    tx,
    raw,
    success,
    programState: result.programState,
    reason: success ? null : failureReason(receipts, result.programState),
    receipts,
    totalGas: least + result.gasUsed,
    totalFee,
  };
  const messageIds = success ? sentMessages(receipts) : [];
  const reads = { slots: storage.slotReads, balances: storage.balanceReads };
  return { ok: true, outcome: { executed, changes, reads, messageIds, sizeBytes: raw.length } };
}

/** The executed form: what the VM left, with inputs and contract outputs filled in. */
function fillTx(
  env: BlockEnv,
  view: StateView,
  submitted: ChargeableTx,
  storage: TxOverlay,
  result: { readonly tx: ChargeableTx; readonly success: boolean },
): ChargeableTx {
  const inputs = result.tx.inputs.map((input, i) => {
    const before = submitted.inputs[i];
    if (input.type === 'contract') return fillContract(input, view, storage);
    const predicateGasUsed = before?.type === 'contract' ? 0n : (before?.predicateGasUsed ?? 0n);
    if (input.type === 'message') return { ...input, predicateGasUsed };
    return { ...input, predicateGasUsed, txPointer: coinPointer(env, view, input) };
  });
  const outputs = result.tx.outputs.map((output) => {
    if (output.type !== 'contract' || !result.success) return output;
    const input = inputs[output.inputIndex];
    if (input?.type !== 'contract') return output;
    return {
      ...output,
      balanceRoot: balanceAccessRoot(storage.changes.balances.get(input.contractId)),
      stateRoot: slotAccessRoot(storage.changes.slots.get(input.contractId)),
    };
  });
  return { ...result.tx, inputs, outputs };
}

function fillContract(input: ContractInput, view: StateView, storage: TxOverlay): ContractInput {
  const utxo = view.contractUtxo(input.contractId) ?? NO_UTXO;
  return {
    ...input,
    utxoId: utxo.utxoId,
    txPointer: utxo.txPointer,
    balanceRoot: balanceAccessRoot(storage.balanceReads.get(input.contractId)),
    stateRoot: slotAccessRoot(storage.slotReads.get(input.contractId)),
  };
}

/** Without UTXO validation coins may be made up: the reference then leaves the pointer zero. */
function coinPointer(env: BlockEnv, view: StateView, input: CoinInput): TxPointer {
  if (!env.utxoValidation) return NO_POINTER;
  const { txId, outputIndex } = input.utxoId;
  return view.coin(utxoKeyOf(txId, outputIndex))?.txPointer ?? NO_POINTER;
}

function sentMessages(receipts: readonly Receipt[]): B256[] {
  const ids: B256[] = [];
  for (const receipt of receipts) {
    if (receipt.type !== 'messageOut') continue;
    const { sender, recipient, nonce, amount, data } = receipt;
    ids.push(messageId(sender, recipient, nonce, amount, data));
  }
  return ids;
}

/** Failure text: the first revert or panic receipt, else the program's state in debug form. */
export function failureReason(receipts: readonly Receipt[], state: ProgramState | null): string {
  for (const receipt of receipts) {
    if (receipt.type === 'revert') return `Revert(${receipt.ra})`;
    if (receipt.type === 'panic') return panicName(receipt.reason);
  }
  if (state === null) return 'None';
  if (state.type === 'returnData') return `Some(ReturnData(${state.digest.slice(2)}))`;
  const name = state.type === 'return' ? 'Return' : 'Revert';
  return `Some(${name}(${state.value}))`;
}
