/** A trace with what ABIs make of it: arguments, returned values, logs, reasons of reverts. */
import type { CallTree, TraceCall, TraceEnd, TraceEvent } from '../../node/trace/types.ts';
import { hexToBytes, isB256 } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import { type Abi, decodeArguments, decodeHex, decodeLog, revertText } from '../../sdk/abi/abi.ts';
import type { Decoded } from '../../sdk/abi/decode.ts';
import { readAbi } from '../files.ts';
import { usage } from '../wallet/errors.ts';

/** Which ABI a contract (null: the script) has; null: none is known. */
export type AbiBook = (contract: string | null) => Abi | null;

export type DecodedEvent = TraceEvent & {
  /** Logs with data only. */
  readonly decoded?: { readonly type: string; readonly value: Decoded };
};
export type DecodedCall = Omit<TraceCall, 'steps'> & {
  readonly arguments?: readonly { readonly name: string; readonly value: Decoded }[];
  readonly returned?: Decoded;
  /** Why it reverted, in words. */
  readonly revertReason?: string;
  readonly steps: readonly (DecodedCall | DecodedEvent)[];
};
export type DecodedTree = Omit<CallTree, 'call'> & { readonly call: DecodedCall | null };

/**
 * `file` for every contract (or the script, if it is a script's), or `0x<contract>=file`.
 * @throws CodedError CLI_USAGE, CLI_FILE
 */
export async function readAbiBook(texts: readonly string[]): Promise<AbiBook> {
  const byContract = new Map<string, Abi>();
  let any: Abi | null = null;
  let script: Abi | null = null;
  for (const text of texts) {
    const at = text.indexOf('=');
    const id = text.slice(0, at).toLowerCase();
    if (at > 0 && id.startsWith('0x')) {
      if (!isB256(id)) usage(`--abi takes <file> or 0x<contract id>=<file>, not '${text}'`);
      byContract.set(id, await readAbi(text.slice(at + 1)));
      continue;
    }
    const abi = await readAbi(text);
    if (abi.programType === 'script') script = abi;
    else if (any === null) any = abi;
    else usage('for several contracts write --abi 0x<contract id>=<file> for each');
  }
  return (contract) => (contract === null ? script : (byContract.get(contract) ?? any));
}

export function decodeTree(tree: CallTree, book: AbiBook): DecodedTree {
  return { ...tree, call: tree.call === null ? null : decodeCall(tree.call, book) };
}

/** What is of another type than the ABI says stays as it is. */
function tolerant<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    if (error instanceof CodedError) return undefined;
    throw error;
  }
}

export function decodeCall(call: TraceCall, book: AbiBook): DecodedCall {
  const abi = book(call.contract);
  const method = abi?.methods.get(call.contract === null ? 'main' : (call.method ?? ''));
  const steps = call.steps.map((step) =>
    step.type === 'call' ? decodeCall(step, book) : decodeEvent(step, abi),
  );
  const { args, end } = call;
  const values =
    method === undefined || args === null
      ? undefined
      : tolerant(() => decodeArguments(method, hexToBytes(args)));
  const returned =
    method === undefined || end.type !== 'returnData'
      ? undefined
      : tolerant(() => decodeHex(method.output, end.data));
  const reason = end.type === 'revert' ? revertText(BigInt(end.value), abi) : null;
  return {
    ...call,
    ...(values === undefined ? {} : { arguments: values }),
    ...(returned === undefined ? {} : { returned }),
    ...(reason === null ? {} : { revertReason: reason }),
    steps,
  };
}

function decodeEvent(event: TraceEvent, abi: Abi | null): DecodedEvent {
  if (event.type !== 'logData' || abi === null) return event;
  const decoded = decodeLog(abi, BigInt(event.logId), hexToBytes(event.data));
  return decoded === null ? event : { ...event, decoded };
}

/** The call that failed first: where a revert or panic happened; null: none did. */
export function failedCall(call: DecodedCall): { call: DecodedCall; end: TraceEnd } | null {
  for (const step of call.steps) {
    const found = step.type === 'call' ? failedCall(step as DecodedCall) : null;
    if (found !== null) return found;
  }
  const { end } = call;
  return end.type === 'revert' || end.type === 'panic' ? { call, end } : null;
}
