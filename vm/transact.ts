/**
 * Executes one transaction of any chargeable kind that passed all checks.
 *
 * @source fuel-vm 0.66.4, executors (behaviour)
 */
import { type B256, type ContractId, type TxId, ZERO_B256 } from '../primitives/types.ts';
import { encodeTx } from '../tx/codec/transaction.ts';
import { prepareForExecution } from '../tx/id.ts';
import { txOffsets, zeroMalleableBytes } from '../tx/offsets.ts';
import type { ConsensusParameters } from '../tx/params.ts';
import type { ProgramState, Receipt } from '../tx/receipt.ts';
import type { ChargeableTx, ScriptTx } from '../tx/types.ts';
import type { CheckedBalances } from '../tx/validity/balances.ts';
import { RuntimeBalances, spendable } from './balances.ts';
import { applyWithoutProgram } from './deploy.ts';
import { initialise, newContext, txAddressOf } from './initialise.ts';
import { interpret } from './interpret.ts';
import { acquireMachine, type Machine, releaseMachine } from './machine.ts';
import { returnWord } from './ops/frame.ts';
import { writeOutput } from './outputMemory.ts';
import { settleOutputs } from './outputs.ts';
import { PANIC } from './panic.ts';
import type { VmRules, VmStorage } from './ports.ts';
import { quickReturn } from './quickReturn.ts';
import type { ReceiptList } from './receipts.ts';
import { HALT, type Step } from './row.ts';

/** Sees the machine of a script; for tests and debuggers. Its presence forces a real VM start. */
export type Observer = {
  /** Before every instruction. */
  readonly step?: (m: Machine) => void;
  /** After the last receipt; the machine is reused afterwards. */
  readonly end?: (m: Machine) => void;
};

export type TransactInput = {
  readonly tx: ChargeableTx;
  /** Canonical bytes of `tx`, when they are at hand: saves encoding it again. */
  readonly raw?: Uint8Array;
  readonly txId: TxId;
  readonly params: ConsensusParameters;
  readonly gasPrice: bigint;
  readonly storage: VmStorage;
  readonly rules: VmRules;
  /** What the validity check found in the inputs. */
  readonly balances: CheckedBalances;
  /** `collect`: undeclared contracts do not stop a dry run, they are listed. */
  readonly onMissingContract?: 'panic' | 'collect';
  readonly observe?: Observer;
};

export type VmResult = {
  /**
   * The transaction after execution: outputs and receipts root filled in. Malleable fields are
   * zero, `predicateGasUsed` too; the executor puts its values back.
   */
  readonly tx: ChargeableTx;
  /** Made when they are asked for. */
  readonly receipts: readonly Receipt[];
  readonly programState: ProgramState;
  /** The caller must throw away what was written to storage. */
  readonly reverted: boolean;
  /** Gas that the script used; 0 for other kinds. Min gas is not in it. */
  readonly gasUsed: bigint;
  /**
   * Only in `collect` mode: undeclared contracts in the order of access, repeated as they were. For
   * each of them a Panic receipt is already appended to `receipts`, and `reverted` is true.
   */
  readonly missingContracts: readonly ContractId[];
  /** Why the VM gives no result: the transaction must not be included. All else is void then. */
  readonly refused?: string;
};

const NOOP_WORD = 0x4700_0000;
const SUCCESS = 0n;
const REVERT = 1n;
const PANICKED = 2n;

/** Runs the transaction against `storage`. Guest faults are part of the result; nothing throws. */
export function transact(input: TransactInput): VmResult {
  const tx = prepareForExecution(input.tx);
  for (const each of tx.inputs) {
    if (each.type === 'contract' && input.storage.contractCode(each.contractId) === null) {
      return refusal(tx, 'InputContractDoesNotExist');
    }
  }
  return tx.type === 'script' ? runScript(input, tx) : runWithoutProgram(input, tx);
}

function refusal(tx: ChargeableTx, refused: string): VmResult {
  return {
    tx,
    receipts: [],
    programState: { type: 'revert', value: 0n },
    reverted: true,
    gasUsed: 0n,
    missingContracts: [],
    refused,
  };
}

function runWithoutProgram(
  input: TransactInput,
  tx: Exclude<ChargeableTx, { type: 'script' }>,
): VmResult {
  const refused =
    applyWithoutProgram(tx, input.storage) ??
    settleOutputs(tx, {
      params: input.params,
      gasPrice: input.gasPrice,
      gasUsed: 0n,
      reverted: false,
      checked: input.balances,
      remaining: (asset) => input.balances.nonRetryable.get(asset) ?? 0n,
    });
  if (refused !== null) return refusal(tx, refused);
  return {
    tx,
    receipts: [],
    programState: { type: 'return', value: 1n },
    reverted: false,
    gasUsed: 0n,
    missingContracts: [],
  };
}

/** How a script came to its end, before its outputs are settled. */
export type ScriptEnd = {
  readonly receipts: ReceiptList;
  readonly state: ProgramState;
  /** Value of the ScriptResult receipt. */
  readonly result: bigint;
  readonly gasUsed: bigint;
  /** When it is known already. */
  readonly receiptsRoot?: B256;
};

function runScript(input: TransactInput, tx: ScriptTx): VmResult {
  const amounts = spendable(input.balances, input.params.baseAssetId);
  if (amounts === null) return refusal(tx, 'BalanceOverflow');
  if (input.observe === undefined) {
    const end = quickReturn(tx, input.params, txAddressOf(input.params));
    if (end !== null) return finish(input, tx, end, (asset) => amounts.get(asset) ?? 0n, []);
  }
  const balances = new RuntimeBalances(amounts);
  const missing: ContractId[] | null = input.onMissingContract === 'collect' ? [] : null;
  const m = startScript(input, tx, balances, missing);
  try {
    const step = runProgram(m, tx, input.observe);
    if (m.refused !== null) return refusal(tx, m.refused);
    const end = closeScript(m, tx, step);
    const left = (asset: `0x${string}`): bigint => balances.amount(asset) ?? 0n;
    const result = finish(input, tx, end, left, missing ?? []);
    if (input.observe?.end !== undefined) {
      // Only an observer still looks at the memory.
      for (let i = 0; i < tx.outputs.length; i++) writeOutput(m, i);
      input.observe.end(m);
    }
    return result;
  } finally {
    releaseMachine(m);
  }
}

/**
 * A machine at the first instruction of a script. Whoever takes it gives it back, or keeps it.
 * @param tx `prepareForExecution` of `input.tx`
 */
export function startScript(
  input: TransactInput,
  tx: ScriptTx,
  balances: RuntimeBalances,
  missingContracts: ContractId[] | null,
): Machine {
  const { txId, params, gasPrice, rules, storage } = input;
  const offsets = txOffsets(tx);
  const ctx = newContext({
    tx,
    txId,
    params,
    gasPrice,
    rules,
    storage,
    balances,
    txOffsets: offsets,
    missingContracts,
    predicateIndex: null,
  });
  const m = acquireMachine(ctx);
  const entry = ctx.txAddress + offsets.scriptOffset!;
  initialise(m, balances, input.raw ?? encodeTx(tx), entry, tx.scriptGasLimit);
  if (input.raw !== undefined) {
    zeroMalleableBytes(m.mem.subarray(ctx.txAddress, ctx.txAddress + input.raw.length), tx);
  }
  return m;
}

function runProgram(m: Machine, tx: ScriptTx, observe: Observer | undefined): Step {
  if (tx.script.length > 0) return interpret(m, observe?.step);
  return returnWord(m, 1n);
}

/** What a script's last step means; adds the receipt of a panic. */
export function closeScript(m: Machine, tx: ScriptTx, step: Step): ScriptEnd {
  const gasUsed = tx.scriptGasLimit - m.reg(9);
  const { receipts } = m;
  switch (step) {
    case HALT.return:
      return { receipts, state: { type: 'return', value: m.endValue }, result: SUCCESS, gasUsed };
    case HALT.returnData:
      return {
        receipts,
        state: { type: 'returnData', digest: m.endDigest! },
        result: SUCCESS,
        gasUsed,
      };
    case HALT.revert:
      return { receipts, state: { type: 'revert', value: m.endValue }, result: REVERT, gasUsed };
    default:
      receipts.push(panicReceipt(m, step));
      return { receipts, state: { type: 'revert', value: 0n }, result: PANICKED, gasUsed };
  }
}

function panicReceipt(m: Machine, reason: number): Receipt {
  return {
    type: 'panic',
    id: m.contract ?? ZERO_B256,
    reason,
    instruction: m.word,
    pc: m.reg(3),
    is: m.reg(12),
    contractId: m.panicContract,
  };
}

/** The part that needs no machine: last receipt, outputs, receipts root. */
export function finish(
  input: TransactInput,
  tx: ScriptTx,
  end: ScriptEnd,
  remaining: (asset: `0x${string}`) => bigint,
  missing: readonly ContractId[],
): VmResult {
  const { receipts, gasUsed } = end;
  receipts.push({ type: 'scriptResult', result: end.result, gasUsed });
  receipts.close();
  const { params, gasPrice, balances: checked } = input;
  const reverted = end.state.type === 'revert';
  const settled = { params, gasPrice, gasUsed, reverted, checked, remaining };
  const refused = settleOutputs(tx, settled);
  if (refused !== null) return refusal(tx, refused);
  tx.receiptsRoot = end.receiptsRoot ?? receipts.root();
  for (const contractId of missing) receipts.push(missingReceipt(contractId));
  return {
    tx,
    get receipts() {
      return receipts.all();
    },
    programState: end.state,
    reverted: reverted || missing.length > 0,
    gasUsed,
    missingContracts: missing,
  };
}

function missingReceipt(contractId: ContractId): Receipt {
  return {
    type: 'panic',
    id: ZERO_B256,
    reason: PANIC.ContractNotInInputs,
    instruction: NOOP_WORD,
    pc: 0n,
    is: 0n,
    contractId,
  };
}
