/** Has the node complete a transaction, and makes sure that it stayed the one that was meant. */
import { bytesToHex, equalBytes, hexToBytes } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import { sign } from '../../primitives/secp256k1.ts';
import type { Address, AssetId, TxId } from '../../primitives/types.ts';
import { type AccessList, accessListOf } from '../../tx/access.ts';
import { decodeTx, encodeOutput, encodeTx } from '../../tx/codec/index.ts';
import { txId } from '../../tx/id.ts';
import type { Receipt } from '../../tx/receipt.ts';
import type { ChargeableTx, Output } from '../../tx/types.ts';
import type { ChainInfo } from './chain.ts';
import type { Client } from './graphql.ts';
import { RECEIPT, receiptOf } from './lookup.ts';
import { receiptFromFields } from './receipts.ts';

/** What of an asset a transaction spends, the fee not counted. Units of the asset. */
export type Spending = { readonly assetId: AssetId; readonly amount: bigint };

/** How a transaction ended when the node ran it without a block. */
export type RunOutcome = {
  readonly success: boolean;
  /** `Revert(n)` or the name of a panic; null on success. */
  readonly reason: string | null;
  readonly receipts: readonly Receipt[];
  /** Gas of the script. */
  readonly gasUsed: bigint;
};

/** A transaction that waits for its signature, and what it did when the node tried it. */
export type Plan<Tx extends ChargeableTx = ChargeableTx> = {
  readonly tx: Tx;
  readonly id: TxId;
  readonly chain: ChainInfo;
  readonly from: Address;
  /** Upper bound of the fee, base asset units. */
  readonly maxFee: bigint;
  readonly gasPrice: bigint;
  readonly access: AccessList;
  readonly outcome: RunOutcome;
};

export type AssembleOptions = {
  readonly chain: ChainInfo;
  readonly from: Address;
  readonly spends: readonly Spending[];
  /** Gas for the script beyond what it used when the node tried it. */
  readonly reserveGas?: bigint;
};

/** Blocks ahead for which the gas price is estimated. */
const BLOCK_HORIZON = 10;

/** Fields of the outcome of a run; `receiptsOfRun` reads them. */
export const RUN_STATUS: string = `__typename
  ... on DryRunSuccessStatus { receipts { ${RECEIPT} } }
  ... on DryRunFailureStatus { reason receipts { ${RECEIPT} } }`;

const ASSEMBLE = `query assemble(
  $tx: HexString!, $blockHorizon: U32!, $required: [RequiredBalance!]!, $feeIndex: U16!,
  $reserveGas: U64
) {
  assembleTx(
    tx: $tx, blockHorizon: $blockHorizon, requiredBalances: $required, feeAddressIndex: $feeIndex,
    estimatePredicates: true, reserveGas: $reserveGas
  ) {
    transaction { rawPayload }
    gasPrice
    status { ${RUN_STATUS} }
  }
}`;

export type RunStatus = {
  __typename: string;
  reason?: string;
  receipts: Record<string, string | null>[];
};
type Answer = {
  assembleTx: { transaction: { rawPayload: string }; gasPrice: string; status: RunStatus };
};

/** The API's status of a run as an outcome. */
export function outcomeOf({ reason, receipts }: RunStatus): RunOutcome {
  const read = receipts.map((row) => receiptFromFields(receiptOf(row)));
  const end = read.find((receipt) => receipt.type === 'scriptResult');
  const gasUsed = end?.type === 'scriptResult' ? end.gasUsed : 0n;
  return { success: reason === undefined, reason: reason ?? null, receipts: read, gasUsed };
}

/**
 * Inputs, fee, gas limit, contracts and variable outputs, as the node finds them.
 * @throws CodedError GRAPHQL (funds missing, …), PLAN_CHANGED when the node returned another
 * transaction than was asked for: then nothing may be signed
 */
export async function assemblePlan<Tx extends ChargeableTx>(
  client: Client,
  start: Tx,
  { chain, from, spends, reserveGas = 0n }: AssembleOptions,
): Promise<Plan<Tx>> {
  const sums = sumsOf(spends, chain.baseAssetId);
  const { assembleTx } = await client.request<Answer>(ASSEMBLE, {
    tx: bytesToHex(encodeTx(start)),
    blockHorizon: String(BLOCK_HORIZON),
    required: [...sums].map(([assetId, amount]) => ({
      assetId,
      amount: String(amount),
      account: { address: from },
      changePolicy: { change: from },
    })),
    feeIndex: String([...sums.keys()].indexOf(chain.baseAssetId)),
    reserveGas: String(reserveGas),
  });
  const { tx } = decodeTx(hexToBytes(assembleTx.transaction.rawPayload));
  checkUnchanged(tx as ChargeableTx, start, from);
  const id = txId(tx, chain.chainId);
  return {
    tx: tx as Tx,
    id,
    chain,
    from,
    maxFee: (tx as Tx).policies.maxFee ?? 0n,
    gasPrice: BigInt(assembleTx.gasPrice),
    access: accessListOf(tx as Tx, id),
    outcome: outcomeOf(assembleTx.status),
  };
}

/**
 * By asset; the base asset, of which the fee is paid, is always there. One unit of it brings a coin
 * in where transactions cost nothing; it comes back as change.
 */
function sumsOf(spends: readonly Spending[], baseAssetId: AssetId): Map<AssetId, bigint> {
  const sums = new Map<AssetId, bigint>([[baseAssetId, 1n]]);
  for (const { assetId, amount } of spends) sums.set(assetId, (sums.get(assetId) ?? 0n) + amount);
  return sums;
}

/** The parts that nobody but the caller decides on, in one form for comparing. */
function fixedPart(tx: ChargeableTx): string {
  const { policies: _policies, inputs: _inputs, outputs: _outputs, witnesses, ...rest } = tx;
  const plain = JSON.stringify(rest, (key, value) => {
    if (key === 'scriptGasLimit' || key === 'receiptsRoot') return undefined;
    if (value instanceof Uint8Array) return bytesToHex(value);
    return typeof value === 'bigint' ? String(value) : value;
  });
  const first = tx.type === 'script' ? [] : witnesses.slice(0, 1).map(bytesToHex);
  return [plain, ...first].join();
}

/** A node that is not ours might put in what nobody asked for: nothing else than the plan is signed. */
function checkUnchanged(tx: ChargeableTx, start: ChargeableTx, from: Address): void {
  const refuse = (why: string): never => {
    throw new CodedError(
      'PLAN_CHANGED',
      `the node returned another transaction than was asked for (${why}); nothing was signed`,
    );
  };
  if (tx.type !== start.type || fixedPart(tx) !== fixedPart(start)) refuse('its contents');
  for (const input of tx.inputs.slice(start.inputs.length)) {
    if (input.type === 'contract') continue;
    const owner = input.type === 'coin' ? input.owner : input.recipient;
    if (owner !== from) refuse(`it spends coins of ${owner}`);
  }
  if (tx.outputs.length < start.outputs.length) refuse('an output is missing');
  tx.outputs.forEach((output, i) => {
    const asked = start.outputs[i];
    if (asked !== undefined) {
      if (!isSame(output, asked)) refuse(`output ${i}`);
    } else if (output.type === 'change') {
      if (output.to !== from) refuse('its change goes elsewhere');
    } else if (output.type === 'coin' || output.type === 'contractCreated') {
      refuse(`output ${i} was not asked for`);
    }
  });
}

/** Amounts and roots of some kinds are filled in by running. */
function isSame(output: Output, asked: Output): boolean {
  if (output.type !== asked.type) return false;
  if (output.type === 'variable') return true;
  if (output.type === 'contract') return output.inputIndex === (asked as typeof output).inputIndex;
  return equalBytes(encodeOutput(output), encodeOutput(asked));
}

/** Signs a plan with the secret of its sender. @returns a new transaction */
export function signPlan<Tx extends ChargeableTx>(plan: Plan<Tx>, secret: Uint8Array): Tx {
  const signature = sign(secret, hexToBytes(plan.id));
  const slots = new Set(
    plan.tx.inputs.flatMap((input) =>
      input.type !== 'contract' && input.predicate.length === 0 ? [input.witnessIndex] : [],
    ),
  );
  const witnesses = plan.tx.witnesses.map((bytes, i) => (slots.has(i) ? signature : bytes));
  return { ...plan.tx, witnesses };
}
