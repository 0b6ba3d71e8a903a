/** `fuelrail call`: a method of a contract, tried out or sent. */
import { traceCallOf } from '../../node/trace/tree.ts';
import type { CallTree, TraceCall } from '../../node/trace/types.ts';
import { bytesToHex } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import { type Address, type ContractId, ZERO_B256 } from '../../primitives/types.ts';
import { type Abi, encodeArguments, methodOf, methodText } from '../../sdk/abi/abi.ts';
import { formatValue } from '../../sdk/abi/decode.ts';
import { parseArgument } from '../../sdk/abi/text.ts';
import { type Plan, type RunOutcome, signPlan } from '../../sdk/client/assemble.ts';
import { getChainInfo } from '../../sdk/client/chain.ts';
import { type CallRequest, planCall, simulateCall } from '../../sdk/client/contractCall.ts';
import { getTransaction } from '../../sdk/client/lookup.ts';
import { receiptFromFields } from '../../sdk/client/receipts.ts';
import {
  type AbiBook,
  type DecodedCall,
  decodeCall,
  failedCall,
  readAbiBook,
} from '../trace/decode.ts';
import { traceTx } from '../trace/load.ts';
import { callLines, changeLines, failureText, idLines } from '../trace/text.ts';
import { BASE_DECIMALS, parseAmount, parseDecimals } from '../wallet/amounts.ts';
import { confirm } from '../wallet/ask.ts';
import {
  addressOf,
  clientOf,
  parseAddress,
  parseId,
  parseIndex,
  print,
  unlock,
  type WalletFlags,
} from '../wallet/context.ts';
import { usage } from '../wallet/errors.ts';
import { explainMissing } from '../wallet/funds.ts';
import { planLines, sendPlan } from './send.ts';

export type CallFlags = WalletFlags & {
  readonly account: string;
  readonly abi: readonly string[];
  readonly amount?: string;
  readonly asset?: string;
  readonly decimals?: string;
  readonly gas?: string;
  readonly from?: string;
  readonly dryRun?: boolean;
};

function methodsText(abi: Abi): string {
  return [...abi.methods.values()].map((method) => `  ${methodText(method)}`).join('\n');
}

type Asked = { readonly book: AbiBook; readonly request: CallRequest };

/** The call that the command line describes. @throws CodedError CLI_… */
async function requestOf(
  contract: string,
  name: string | undefined,
  values: readonly string[],
  flags: CallFlags,
): Promise<Asked> {
  const book = await readAbiBook(flags.abi);
  const abi = book(contract.toLowerCase());
  if (abi === null) return usage(`--abi names none for ${contract}: write --abi <file>`);
  if (name === undefined) {
    return usage(`which method? The ABI has\n${methodsText(abi)}`);
  }
  const contractId = parseId('a contract', contract) as ContractId;
  try {
    const method = methodOf(abi, name);
    if (values.length !== method.inputs.length) {
      usage(
        `${methodText(method)} takes ${method.inputs.length} argument(s), not ${values.length}`,
      );
    }
    const args = encodeArguments(
      method,
      method.inputs.map((input, i) => parseArgument(input, values[i] ?? '')),
    );
    const coins = await coinsOf(flags);
    if (coins.amount > 0n && !method.isPayable) {
      usage(`${name} takes no coins: it is not marked #[payable]`);
    }
    return { book, request: { contractId, method: name, args, ...coins } };
  } catch (cause) {
    const isInput = cause instanceof CodedError && /^ABI_(VALUE|METHOD)$/.test(cause.code);
    if (isInput) throw new CodedError('CLI_ARGUMENT', cause.message, cause.context, cause);
    throw cause;
  }
}

async function coinsOf(flags: CallFlags): Promise<{ amount: bigint; assetId?: Address }> {
  if (flags.amount === undefined) return { amount: 0n };
  const { baseAssetId } = await getChainInfo(clientOf(flags));
  const assetId = flags.asset === undefined ? baseAssetId : parseId('--asset', flags.asset);
  const own = flags.decimals === undefined ? 0 : parseDecimals(flags.decimals);
  const decimals = assetId === baseAssetId ? BASE_DECIMALS : own;
  return { amount: parseAmount(flags.amount, decimals), assetId };
}

/** The tree of the script's calls, decoded, and the value of the one that was asked for. */
function decoded(
  raw: TraceCall,
  { book, request }: Asked,
): { tree: DecodedCall; call: DecodedCall | null } {
  const first = raw.steps.find((step) => step.type === 'call');
  const named = raw.steps.map((step) =>
    step === first && step.type === 'call'
      ? { ...step, method: request.method, args: bytesToHex(request.args) }
      : step,
  );
  const tree = decodeCall({ ...raw, steps: named }, book);
  const call = tree.steps.find((step) => step.type === 'call');
  return { tree, call: (call as DecodedCall | undefined) ?? null };
}

type Shown = Asked & { readonly outcome: RunOutcome; readonly trace?: CallTree | null };

/** What the calls did: the tree, then the result. */
function outcomeParts({ outcome, trace, ...asked }: Shown): { json: object; text: string } {
  const raw = trace?.call ?? traceCallOf(outcome.receipts, { read: () => null });
  const { tree, call } = decoded(raw, asked);
  const failed = failedCall(tree);
  const why = failed === null ? null : failureText(failed.end, failed.call.revertReason);
  const value = call?.returned;
  const result = outcome.success
    ? `result ${value === undefined ? '()' : formatValue(value)}`
    : `failed: ${why ?? outcome.reason}`;
  return {
    json: {
      success: outcome.success,
      result: value ?? null,
      reason: outcome.success ? null : (why ?? outcome.reason),
      gasUsed: outcome.gasUsed,
      call,
      ...(trace == null ? {} : { slots: trace.slots, balances: trace.balances }),
    },
    text: [
      ...callLines(tree).slice(1, -1),
      ...idLines(tree),
      ...(trace == null ? [] : changeLines(trace)),
      result,
    ].join('\n'),
  };
}

/** The node's text, as one reads it here. */
const explain =
  ({ contractId }: CallRequest) =>
  (cause: unknown): never => {
    if (!String(cause).includes('InputContractDoesNotExist')) throw cause;
    throw new CodedError(
      'CONTRACT_MISSING',
      `contract ${contractId}, or one that it calls, is not on this chain; is it the right network (--url)?`,
      {},
      cause,
    );
  };

async function tryCall(asked: Asked, flags: CallFlags): Promise<void> {
  const from = flags.from === undefined ? ZERO_B256 : parseAddress('--from', flags.from);
  const client = clientOf(flags);
  const { tx, ...outcome } = await simulateCall(client, from, [asked.request]).catch(
    explain(asked.request),
  );
  // Only nodes for development tell more than the receipts do.
  const trace = await traceTx(client, tx).catch(() => null);
  const { json, text } = outcomeParts({ ...asked, outcome, trace });
  if (!outcome.success) {
    if (flags.json) print(flags, { status: 'not sent', ...json }, '');
    throw new CodedError('CALL_FAILED', `the call would fail${flags.json ? '' : `\n${text}`}`);
  }
  print(
    flags,
    { status: 'not sent', ...json },
    `${text}\ngas ${outcome.gasUsed}; nothing was sent`,
  );
}

/** `fuelrail call` */
export async function call(
  contract: string,
  name: string | undefined,
  values: readonly string[],
  flags: CallFlags,
): Promise<void> {
  const asked = await requestOf(contract, name, values, flags);
  const { request } = asked;
  if (flags.dryRun) return tryCall(asked, flags);
  if (flags.from !== undefined) usage('--from is for --dry-run; --account chooses who signs');
  const client = clientOf(flags);
  const index = parseIndex(flags.account);
  const from = await addressOf(flags, index);
  const gasLimit = flags.gas === undefined ? {} : { gasLimit: gasOf(flags.gas) };
  const plan = await planCall(client, from, [request], gasLimit)
    .catch(explain(request))
    .catch(async (cause) => explainMissing(cause, (await getChainInfo(client)).baseAssetId));
  const shown = outcomeParts({ ...asked, outcome: plan.outcome });
  if (!plan.outcome.success) {
    throw new CodedError('CALL_FAILED', `the call would fail; nothing was sent\n${shown.text}`);
  }
  if (!flags.json) process.stdout.write(`${previewText(plan, request)}\nit would\n${shown.text}\n`);
  await confirm('Sign and send?', flags.yes === true);
  const { secret } = await unlock(flags, index);
  const status = await sendPlan(client, plan, signPlan(plan, secret), flags);
  const found = await getTransaction(client, plan.id);
  const receipts = (found?.receipts ?? []).map(receiptFromFields);
  const success = status.type === 'success';
  const gasUsed = plan.outcome.gasUsed;
  const outcome = { success, reason: success ? null : status.reason, receipts, gasUsed };
  const done = outcomeParts({ ...asked, outcome });
  if (!success) {
    throw new CodedError('TX_FAILED', `transaction ${plan.id} failed\n${done.text}`);
  }
  const { blockHeight, totalFee, totalGas } = status;
  print(
    flags,
    { id: plan.id, blockHeight, totalFee, totalGas, ...done.json },
    `done in block ${blockHeight}, gas ${totalGas}, fee ${totalFee}\n${done.text}`,
  );
}

function gasOf(text: string): bigint {
  return /^\d{1,19}$/.test(text) ? BigInt(text) : usage(`--gas is a whole number, not '${text}'`);
}

function previewText(plan: Plan, request: CallRequest): string {
  const coins =
    (request.amount ?? 0n) === 0n ? '' : ` with ${request.amount} of ${request.assetId}`;
  return [`call ${request.method} of ${request.contractId}${coins}`, ...planLines(plan)].join('\n');
}
