/** Calls of contract methods: the script that makes them, trying them out, planning them. */
import {
  bytesToHex,
  concatBytes,
  hexToBytes,
  utf8,
  writeU32,
  writeU64,
} from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import { type Address, type AssetId, type ContractId, ZERO_B256 } from '../../primitives/types.ts';
import { type CallNode, callTreeOf, isCall } from '../../tx/callTree.ts';
import { encodeTx } from '../../tx/codec/index.ts';
import type { Receipt } from '../../tx/receipt.ts';
import type { CoinInput, ContractInput, ScriptTx } from '../../tx/types.ts';
import {
  assemblePlan,
  outcomeOf,
  type Plan,
  RUN_STATUS,
  type RunOutcome,
  type RunStatus,
} from './assemble.ts';
import { type ChainInfo, getChainInfo } from './chain.ts';
import type { Client } from './graphql.ts';

/** One call. `args`: what `encodeArguments` gives. */
export type CallRequest = {
  readonly contractId: ContractId;
  readonly method: string;
  readonly args: Uint8Array;
  /** Coins that go along. Units of the asset. */
  readonly amount?: bigint;
  /** Default: the base asset. */
  readonly assetId?: AssetId;
};

export type CallPlanOptions = {
  /** Gas limit of the script; default: what trying it took, and a tenth more. */
  readonly gasLimit?: bigint;
};

const WORD = 8;
const ID = 32;
const SCRIPT_START = 96;
/** Registers that the script uses. */
const AT = 16;
const AMOUNT = 17;
const ASSET = 18;
const ONE = 1;
const CGAS = 10;
/** Share of the measured gas that is added, as the state may change until the block. */
const GAS_MARGIN_DIVISOR = 10n;
/** Runs until no further contract is missing. */
const TRIES_MAX = 16;
const EMPTY = new Uint8Array(0);
const NO_UTXO = { txId: ZERO_B256, outputIndex: 0 } as const;
const NO_POINTER = { blockHeight: 0, txIndex: 0 } as const;

const INSTRUCTION_BYTES = 4;
/** Of the instruction table, which would bring the whole VM into a bundle. */
const OPCODE = { RET: 0x24, CALL: 0x2d, LW: 0x5d, MOVI: 0x72 } as const;
const IMMEDIATE_18_MAX = 0x3_ffff;

function movi(register: number, value: number): number {
  if (value > IMMEDIATE_18_MAX) {
    throw new CodedError(
      'CALL_TOO_LARGE',
      'the arguments of the calls are too long for one script',
    );
  }
  return (OPCODE.MOVI << 24) | (register << 18) | value;
}

/** Where a transaction's bytes begin in memory: behind its id, the base asset, and balances. */
function txAddress(maxInputs: number): number {
  return 2 * ID + maxInputs * (ID + WORD) + WORD;
}

/** Words of the script for one call. */
const WORDS_PER_CALL = 5;

function words(values: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(values.length * WORD);
  values.forEach((value, i) => {
    writeU64(bytes, i * WORD, value);
  });
  return bytes;
}

/**
 * A script that makes the calls one after the other, and its data. The first reverting call ends it.
 * @param chain whose `maxInputs` says where a transaction lies in memory
 * @throws CodedError CALL_TOO_LARGE
 */
export function callScript(
  calls: readonly CallRequest[],
  chain: Pick<ChainInfo, 'maxInputs' | 'baseAssetId'>,
): { readonly script: Uint8Array; readonly scriptData: Uint8Array } {
  const scriptWords = calls.length * WORDS_PER_CALL + 1;
  const scriptBytes = Math.ceil((scriptWords * INSTRUCTION_BYTES) / WORD) * WORD;
  const base = txAddress(chain.maxInputs) + SCRIPT_START + scriptBytes;
  const code: number[] = [];
  const data: Uint8Array[] = [];
  let at = base;
  for (const { contractId, method, args, amount = 0n, assetId = chain.baseAssetId } of calls) {
    const name = utf8(method);
    const amountAt = at + ID + 2 * WORD;
    const assetAt = amountAt + WORD;
    const nameAt = assetAt + ID;
    const argsAt = nameAt + WORD + name.length;
    code.push(
      movi(AT, at),
      movi(AMOUNT, amountAt),
      (OPCODE.LW << 24) | (AMOUNT << 18) | (AMOUNT << 12),
      movi(ASSET, assetAt),
      (OPCODE.CALL << 24) | (AT << 18) | (AMOUNT << 12) | (ASSET << 6) | CGAS,
    );
    data.push(
      hexToBytes(contractId),
      words([BigInt(nameAt), BigInt(argsAt), amount]),
      hexToBytes(assetId),
      words([BigInt(name.length)]),
      name,
      args,
    );
    at = argsAt + args.length;
  }
  code.push((OPCODE.RET << 24) | (ONE << 18));
  const script = new Uint8Array(code.length * INSTRUCTION_BYTES);
  code.forEach((word, i) => {
    writeU32(script, i * INSTRUCTION_BYTES, word >>> 0);
  });
  return { script, scriptData: concatBytes(...data) };
}

function contractInput(contractId: ContractId): ContractInput {
  const roots = { balanceRoot: ZERO_B256, stateRoot: ZERO_B256 };
  return { type: 'contract', utxoId: NO_UTXO, ...roots, txPointer: NO_POINTER, contractId };
}

/** The calls with the contracts that they name; nothing is paid for yet. */
function startTx(calls: readonly CallRequest[], chain: ChainInfo): ScriptTx {
  const contracts = [...new Set(calls.map(({ contractId }) => contractId))];
  return {
    type: 'script',
    scriptGasLimit: 0n,
    receiptsRoot: ZERO_B256,
    ...callScript(calls, chain),
    policies: { maxFee: 0n },
    inputs: contracts.map(contractInput),
    outputs: contracts.map((_, inputIndex) => ({
      type: 'contract',
      inputIndex,
      balanceRoot: ZERO_B256,
      stateRoot: ZERO_B256,
    })),
    witnesses: [],
  };
}

/**
 * Plans calls in one transaction. The node tries them: `outcome` says what they would do now; a
 * plan whose outcome is no success would fail in a block, too, and cost its fee.
 * @throws CodedError GRAPHQL (funds missing, no such contract), PLAN_CHANGED
 */
export async function planCall(
  client: Client,
  from: Address,
  calls: readonly CallRequest[],
  options: CallPlanOptions = {},
): Promise<Plan<ScriptTx>> {
  const chain = await getChainInfo(client);
  const start = startTx(calls, chain);
  const spends = calls.map(({ amount = 0n, assetId = chain.baseAssetId }) => ({ assetId, amount }));
  const first = await assemblePlan(client, start, { chain, from, spends });
  const used = first.tx.scriptGasLimit;
  const wanted = options.gasLimit ?? used + used / GAS_MARGIN_DIVISOR;
  if (wanted <= used) return first;
  return assemblePlan(client, start, { chain, from, spends, reserveGas: wanted - used });
}

const DRY_RUN = `query dryRun($txs: [HexString!]!) {
  dryRun(txs: $txs, utxoValidation: false, gasPrice: "0") { status { ${RUN_STATUS} } }
}`;

const GAS_LIMIT = '{ chain { consensusParameters { txParams { maxGasPerTx } } } }';

/** Coins out of nothing, for runs without a block. */
function madeUp(from: Address, assetId: AssetId, amount: bigint, outputIndex: number): CoinInput {
  return {
    type: 'coin',
    utxoId: { txId: ZERO_B256, outputIndex },
    owner: from,
    amount,
    assetId,
    txPointer: NO_POINTER,
    witnessIndex: 0,
    predicateGasUsed: 0n,
    predicate: EMPTY,
    predicateData: EMPTY,
  };
}

/**
 * What calls would do now. Needs no funds and no signature; contracts that are called on the way
 * are found by trying, and places for coins that contracts pay out are provided.
 * @param from who would be calling
 * @throws CodedError GRAPHQL
 */
export async function simulateCall(
  client: Client,
  from: Address,
  calls: readonly CallRequest[],
): Promise<RunOutcome & { readonly tx: ScriptTx }> {
  const chain = await getChainInfo(client);
  type Limits = { chain: { consensusParameters: { txParams: { maxGasPerTx: string } } } };
  const limits = (await client.request<Limits>(GAS_LIMIT)).chain.consensusParameters.txParams;
  const tx = startTx(calls, chain);
  // The rest is for what a transaction costs before its script begins.
  const maxGas = BigInt(limits.maxGasPerTx);
  tx.scriptGasLimit = maxGas - maxGas / 8n;
  tx.witnesses.push(EMPTY);
  tx.inputs.push(madeUp(from, chain.baseAssetId, 0n, 0));
  calls.forEach(({ amount = 0n, assetId = chain.baseAssetId }, i) => {
    if (amount > 0n) tx.inputs.push(madeUp(from, assetId, amount, i + 1));
  });
  const VARIABLE_OUTPUTS = 4;
  for (let i = 0; i < VARIABLE_OUTPUTS; i += 1) {
    tx.outputs.push({ type: 'variable', to: ZERO_B256, amount: 0n, assetId: ZERO_B256 });
  }
  for (let tries = 1; ; tries += 1) {
    type Answer = { dryRun: { status: RunStatus }[] };
    const { dryRun } = await client.request<Answer>(DRY_RUN, { txs: [bytesToHex(encodeTx(tx))] });
    const outcome = outcomeOf((dryRun[0] as { status: RunStatus }).status);
    const missing = undeclared(outcome, tx);
    if (missing.length === 0 || tries === TRIES_MAX) return { ...outcome, tx };
    for (const contractId of missing) {
      const roots = { balanceRoot: ZERO_B256, stateRoot: ZERO_B256 };
      tx.outputs.push({ type: 'contract', inputIndex: tx.inputs.length, ...roots });
      tx.inputs.push(contractInput(contractId));
    }
  }
}

function undeclared({ receipts }: RunOutcome, tx: ScriptTx): ContractId[] {
  const known = new Set(
    tx.inputs.flatMap((input) => (input.type === 'contract' ? [input.contractId] : [])),
  );
  const ids = receipts.flatMap((receipt) =>
    receipt.type === 'panic' && receipt.contractId !== null ? [receipt.contractId] : [],
  );
  return [...new Set(ids)].filter((id) => !known.has(id));
}

/** The calls that a script made itself, in order. */
export function callsOf(receipts: readonly Receipt[]): CallNode[] {
  return callTreeOf(receipts).steps.filter(isCall);
}

/** What a call gave back, in the ABI's encoding; null: it did not come to its end. */
export function returnedBytes({ end }: CallNode): Uint8Array | null {
  if (end?.type === 'returnData') return end.data;
  return end?.type === 'return' ? words([end.val]) : null;
}
