/**
 * What a script has to declare, found by trying: dry runs until nothing is missing. The node tells
 * which contracts were called undeclared, and that an output for a payment was not there.
 */
import { bytesToHex } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import { type ContractId, ZERO_B256 } from '../../primitives/types.ts';
import { encodeTx } from '../../tx/codec/index.ts';
import type { Input, Output, ScriptTx } from '../../tx/types.ts';
import { PANIC } from '../../vm/panic.ts';
import { outcomeOf, RUN_STATUS, type RunOutcome, type RunStatus } from './assemble.ts';
import type { Client } from './graphql.ts';
import { askOwnRoute, type NodeTarget } from './ownRoutes.ts';

/** Dry runs before it is given up; each finds at least one thing. */
export const INFER_ROUNDS_MAX: number = 64;

/** With this the standard library of Sway reverts when no variable output is free. */
const NO_VARIABLE_OUTPUT = 0xffff_ffff_ffff_0001n;

/** Found by {@link inferAccess}. */
export type InferredAccess = {
  /** The transaction with what it needs; its fee and gas limit are the caller's still. */
  readonly tx: ScriptTx;
  /** Contracts that were added. */
  readonly contracts: readonly ContractId[];
  /** Variable outputs that were added. */
  readonly variableOutputs: number;
  /**
   * Declared contracts of which nothing changed: calls of them could run side by side. A hint from
   * one run on one state; null: the node cannot tell (only Fuelrail with --debug or --dev can).
   */
  readonly readOnly: readonly ContractId[] | null;
  /** Of the last dry run. */
  readonly outcome: RunOutcome;
  readonly dryRuns: number;
};

const DRY_RUN = `query dryRun($txs: [HexString!]!) {
  dryRun(txs: $txs, utxoValidation: false, gasPrice: "0") { status { ${RUN_STATUS} } }
}`;
type Answer = { dryRun: { status: RunStatus }[] };

function contractInput(contractId: ContractId): Input {
  return {
    type: 'contract',
    utxoId: { txId: ZERO_B256, outputIndex: 0 },
    balanceRoot: ZERO_B256,
    stateRoot: ZERO_B256,
    txPointer: { blockHeight: 0, txIndex: 0 },
    contractId,
  };
}

function withContract(tx: ScriptTx, contractId: ContractId): ScriptTx {
  const output: Output = {
    type: 'contract',
    inputIndex: tx.inputs.length,
    balanceRoot: ZERO_B256,
    stateRoot: ZERO_B256,
  };
  return {
    ...tx,
    inputs: [...tx.inputs, contractInput(contractId)],
    outputs: [...tx.outputs, output],
  };
}

function withVariable(tx: ScriptTx): ScriptTx {
  const output: Output = { type: 'variable', to: ZERO_B256, amount: 0n, assetId: ZERO_B256 };
  return { ...tx, outputs: [...tx.outputs, output] };
}

const declared = (tx: ScriptTx): ContractId[] =>
  tx.inputs.flatMap((input) => (input.type === 'contract' ? [input.contractId] : []));

/** What the run was missing, put in; the same object when nothing was. */
function completed(tx: ScriptTx, { receipts }: RunOutcome): ScriptTx {
  let more = tx;
  for (const receipt of receipts) {
    if (receipt.type !== 'panic') continue;
    const { reason, contractId } = receipt;
    const isMissing = reason === PANIC.ContractNotInInputs && contractId !== null;
    if (isMissing && !declared(more).includes(contractId)) more = withContract(more, contractId);
  }
  if (more !== tx) return more;
  const lacksOutput = receipts.some(
    (receipt) =>
      (receipt.type === 'panic' && receipt.reason === PANIC.OutputNotFound) ||
      (receipt.type === 'revert' && receipt.ra === NO_VARIABLE_OUTPUT),
  );
  return lacksOutput ? withVariable(tx) : tx;
}

/**
 * @param tx with at least one coin, and gas enough; needs no signature
 * @param target the same node as `client`, for the read-only hints; left out: none
 * @throws CodedError INFER_ROUNDS when it does not come to an end
 */
export async function inferAccess(
  client: Client,
  tx: ScriptTx,
  target?: NodeTarget,
): Promise<InferredAccess> {
  let current = tx;
  for (let dryRuns = 1; dryRuns <= INFER_ROUNDS_MAX; dryRuns += 1) {
    const txs = [bytesToHex(encodeTx(current))];
    const answer = await client.request<Answer>(DRY_RUN, { txs });
    const outcome = outcomeOf((answer.dryRun[0] as { status: RunStatus }).status);
    const more = completed(current, outcome);
    if (more === current) {
      const before = new Set(declared(tx));
      return {
        tx: current,
        contracts: declared(current).filter((id) => !before.has(id)),
        variableOutputs: countVariables(current) - countVariables(tx),
        readOnly: target === undefined ? null : await readOnlyOf(target, current),
        outcome,
        dryRuns,
      };
    }
    current = more;
  }
  throw new CodedError(
    'INFER_ROUNDS',
    `something is still missing after ${INFER_ROUNDS_MAX} dry runs: declare what is known first`,
  );
}

function countVariables({ outputs }: ScriptTx): number {
  return outputs.filter(({ type }) => type === 'variable').length;
}

async function readOnlyOf(target: NodeTarget, tx: ScriptTx): Promise<ContractId[] | null> {
  type Changes = { readonly contract: string }[];
  try {
    const body = { tx: bytesToHex(encodeTx(tx)) };
    const { slots, balances } = await askOwnRoute<{ slots: Changes; balances: Changes }>(
      target,
      '/trace',
      body,
    );
    const changed = new Set([...slots, ...balances].map(({ contract }) => contract));
    return declared(tx).filter((id) => !changed.has(id));
  } catch (thrown) {
    if (thrown instanceof CodedError) return null;
    throw thrown;
  }
}
