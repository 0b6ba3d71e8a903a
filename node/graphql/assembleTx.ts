/**
 * Completes a transaction that holds application logic only: inputs for the required balances and
 * the fee, change outputs, contracts and variable outputs that its script turns out to need,
 * witness slots, gas limit and max fee.
 *
 * @source behaviour of fuel-core 0.48.2, `assembleTx`
 */
import { type Address, type AssetId, type ContractId, ZERO_B256 } from '../../primitives/types.ts';
import { saturatingAdd, saturatingSub } from '../../primitives/u64.ts';
import { maxGas } from '../../tx/fees.ts';
import type { Receipt } from '../../tx/receipt.ts';
import type { ChargeableTx, CoinInput, ContractInput, ScriptTx } from '../../tx/types.ts';
import type { DryRunResult, NodeServices } from '../services.ts';
import {
  addMissingWitnesses,
  addRequiredInputs,
  adjustWitnessLimit,
  coverFee,
  estimateAgain,
  setMaxFee,
} from './assembleFunds.ts';
import {
  type Account,
  type AssembleRequest,
  type Assembly,
  copyTx,
  type RequiredBalance,
  refuse,
  startAssembly,
} from './assembly.ts';
import { tooManyCoins } from './coinSelection.ts';
import { type ExcludeInput, excludedOf } from './coins.ts';
import type { ApiContext, ResolverTable, TxNode } from './context.ts';
import { priceAhead } from './gasPrice.ts';
import { decodeChargeable } from './txInput.ts';

type AccountArg = {
  address?: Address;
  predicate?: { predicateAddress: Address; predicate: Uint8Array; predicateData: Uint8Array };
};
type AssembleArgs = {
  tx: Uint8Array;
  blockHorizon: number;
  requiredBalances: {
    assetId: AssetId;
    amount: bigint;
    account: AccountArg;
    changePolicy: { change?: Address; destroy?: string };
  }[];
  feeAddressIndex: number;
  excludeInput?: ExcludeInput | null;
  estimatePredicates?: boolean | null;
  reserveGas?: bigint | null;
};
type Assembled = { transaction: TxNode; status: DryRunResult; gasPrice: bigint };

/** PanicReason of a contract that the inputs do not name. */
const CONTRACT_NOT_IN_INPUTS = 0x17;
/** `RET $one`: a predicate that is always true. */
const ALWAYS_TRUE: readonly number[] = [0x24, 0x04, 0x00, 0x00];
const EMPTY = new Uint8Array(0);
const NO_POINTER = { blockHeight: 0, txIndex: 0 } as const;
const NO_UTXO = { txId: ZERO_B256, outputIndex: 0 } as const;

/** Lets a script without coins run; taken out again after the run. */
function placeholderInput(): CoinInput {
  return {
    type: 'coin',
    utxoId: NO_UTXO,
    owner: ZERO_B256,
    amount: 0n,
    assetId: ZERO_B256,
    txPointer: NO_POINTER,
    witnessIndex: 0,
    predicateGasUsed: 0n,
    predicate: Uint8Array.from(ALWAYS_TRUE),
    predicateData: EMPTY,
  };
}

function contractInput(contractId: ContractId): ContractInput {
  return {
    type: 'contract',
    utxoId: NO_UTXO,
    balanceRoot: ZERO_B256,
    stateRoot: ZERO_B256,
    txPointer: NO_POINTER,
    contractId,
  };
}

function runnable(tx: ChargeableTx): tx is ScriptTx {
  return tx.type === 'script' && tx.script.length > 0;
}

/** Fills up with variable outputs: how many the script needs shows when it runs. */
function addSpareOutputs(a: Assembly): void {
  if (!runnable(a.tx)) return;
  a.firstSpareOutput = a.tx.outputs.length;
  while (a.tx.outputs.length < a.params.txParams.maxOutputs) {
    a.tx.outputs.push({ type: 'variable', to: ZERO_B256, amount: 0n, assetId: ZERO_B256 });
  }
}

function dropSpareOutputs(a: Assembly): void {
  const first = a.firstSpareOutput;
  if (first === null) return;
  a.firstSpareOutput = null;
  const { outputs } = a.tx;
  for (;;) {
    const last = outputs.at(-1);
    if (outputs.length <= first || last?.type !== 'variable' || last.amount !== 0n) return;
    outputs.pop();
  }
}

function hasSpendableInput(tx: ChargeableTx): boolean {
  return tx.inputs.some(
    (input) => input.type === 'coin' || (input.type === 'message' && input.data.length === 0),
  );
}

function missingContracts(result: DryRunResult): ContractId[] {
  if (result.success) return [];
  return result.receipts.flatMap((receipt: Receipt) => {
    if (receipt.type !== 'panic' || receipt.reason !== CONTRACT_NOT_IN_INPUTS) return [];
    return [receipt.contractId ?? refuse('missing contract id')];
  });
}

function addContract(a: Assembly, contractId: ContractId): void {
  if (a.contracts.has(contractId)) return;
  a.contracts.add(contractId);
  const inputIndex = a.tx.inputs.length;
  a.tx.inputs.push(contractInput(contractId));
  const slot = a.firstSpareOutput;
  if (slot === null || slot >= a.tx.outputs.length) {
    refuse('Run out of slots for the contract outputs');
  } else {
    const roots = { balanceRoot: ZERO_B256, stateRoot: ZERO_B256 };
    a.tx.outputs[slot] = { type: 'contract', inputIndex, ...roots };
    a.firstSpareOutput = slot + 1;
  }
}

/** One run with all the gas there is; leaves the executed form in `a.tx`. */
async function tryScript(a: Assembly, script: ScriptTx): Promise<DryRunResult> {
  const placeholder = !hasSpendableInput(script);
  if (placeholder) script.inputs.push(placeholderInput());
  script.scriptGasLimit = 0n;
  const { maxGasPerTx } = a.params.txParams;
  script.scriptGasLimit = saturatingSub(maxGasPerTx, maxGas(script, a.params));
  const result = await dryRunOne(a.services, script, 0n);
  a.dryRuns += 1;
  a.tx = copyTx(result.tx);
  if (placeholder) a.tx.inputs.pop();
  return result;
}

async function dryRunOne(
  services: NodeServices,
  tx: ChargeableTx,
  gasPrice: bigint,
): Promise<DryRunResult> {
  const { results } = await services.dryRuns.dryRun([tx], { utxoValidation: false, gasPrice });
  return results[0] ?? refuse('No result for the dry run');
}

/** Runs the script until every contract it touches is among the inputs; sets the gas limit. */
async function estimateScript(a: Assembly): Promise<void> {
  if (!runnable(a.tx)) return;
  setMaxFee(a, 0n);
  const max = a.services.config.graphql.assembleDryRunsMax;
  for (;;) {
    const script = a.tx;
    if (!runnable(script)) {
      return refuse('During script gas limit estimation, dry-run returned incorrect transaction');
    }
    if (a.dryRuns > max) {
      refuse(`The transaction script estimation requires running of script more than ${max} times`);
    }
    const result = await tryScript(a, script);
    const missing = missingContracts(result);
    if (missing.length === 0) {
      setGasLimit(a, result);
      return;
    }
    for (const contractId of missing) addContract(a, contractId);
  }
}

function setGasLimit(a: Assembly, result: DryRunResult): void {
  if (a.tx.type !== 'script') return;
  let used = 0n;
  for (const receipt of result.receipts) {
    if (receipt.type === 'scriptResult') used = saturatingAdd(used, receipt.gasUsed);
  }
  a.tx.scriptGasLimit = used;
}

/** @throws CodedError ASSEMBLE_TX and those of coin selection, estimation and dry run */
export async function assemble(
  services: NodeServices,
  request: AssembleRequest,
): Promise<ChargeableTx> {
  const a = startAssembly(services, request);
  addMissingWitnesses(a);
  await addRequiredInputs(a);
  if (a.tx.type === 'script') a.tx.scriptGasLimit = 0n;
  await coverFee(a);
  adjustWitnessLimit(a);
  addSpareOutputs(a);
  if (a.estimates === 0) await estimateAgain(a);
  await estimateScript(a);
  dropSpareOutputs(a);
  await coverFee(a);
  adjustWitnessLimit(a);
  return a.tx;
}

function accountOf({ address, predicate }: AccountArg): Account {
  if (address !== undefined) return { type: 'address', owner: address };
  if (predicate === undefined) return refuse('An account is an address or a predicate');
  const { predicateAddress, predicateData } = predicate;
  return {
    type: 'predicate',
    owner: predicateAddress,
    predicate: predicate.predicate,
    predicateData,
  };
}

function requestOf(services: NodeServices, args: AssembleArgs): AssembleRequest {
  const { maxInputs } = services.params().params.txParams;
  if (args.requiredBalances.length > maxInputs) {
    throw tooManyCoins(args.requiredBalances.length, maxInputs);
  }
  const excluded = excludedOf(args.excludeInput, maxInputs);
  const gasPrice = priceAhead(services, args.blockHorizon);
  return {
    tx: decodeChargeable(args.tx, 'Mint transaction is not supported'),
    required: args.requiredBalances.map(
      ({ assetId, amount, account, changePolicy }): RequiredBalance => ({
        assetId,
        amount,
        account: accountOf(account),
        change: changePolicy.change ?? null,
      }),
    ),
    feeIndex: args.feeAddressIndex,
    excluded,
    estimatePredicates: args.estimatePredicates === true,
    reserveGas: args.reserveGas ?? 0n,
    gasPrice,
  };
}

async function assembleField(
  _: unknown,
  args: AssembleArgs,
  { services }: ApiContext,
): Promise<Assembled> {
  const request = requestOf(services, args);
  const tx = await assemble(services, request);
  const status = await dryRunOne(services, tx, request.gasPrice);
  return {
    transaction: { id: status.id, tx: status.tx, raw: null },
    status,
    gasPrice: request.gasPrice,
  };
}

export const ASSEMBLE_TX: ResolverTable = { Query: { assembleTx: assembleField } };
