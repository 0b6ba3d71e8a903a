/** Traces as people read them. */
import type { TraceEnd, TracePredicate } from '../../node/trace/types.ts';
import { formatValue } from '../../sdk/abi/decode.ts';
import type { DecodedCall, DecodedEvent, DecodedTree } from './decode.ts';

/** Hex beyond this is cut in the text; `--json` has all of it. Unit: characters. */
const HEX_SHOWN_MAX = 66;

/** `0x1234…cdef`: enough to tell ids apart; they stand in full below the tree. */
export function shortId(id: string): string {
  return id.length <= 14 ? id : `${id.slice(0, 6)}…${id.slice(-4)}`;
}

function hexText(hex: string): string {
  if (hex.length <= HEX_SHOWN_MAX) return hex;
  return `${hex.slice(0, HEX_SHOWN_MAX)}… (${(hex.length - 2) / 2} bytes)`;
}

const offsetText = (offset: number): string => `+0x${offset.toString(16)}`;

/** Why it failed, in one line; null: it did not fail here. */
export function failureText(end: TraceEnd, revertReason?: string): string | null {
  if (end.type === 'revert') {
    const value = BigInt(end.value);
    const text = value > 0xffffn ? `0x${value.toString(16)}` : end.value;
    const why = revertReason === undefined ? '' : `: ${revertReason}`;
    return `reverted with ${text} at ${offsetText(end.offset)}${why}`;
  }
  if (end.type === 'panic') {
    const of = end.contract === null ? '' : ` ${end.contract}`;
    return `panicked: ${end.reason}${of} at ${offsetText(end.offset)}: ${end.instruction}`;
  }
  return null;
}

function endText(call: DecodedCall): string {
  const { end } = call;
  if (call.returned !== undefined) return `returned ${formatValue(call.returned)}`;
  switch (end.type) {
    case 'return':
      return `returned ${end.value}`;
    case 'returnData':
      return `returned ${end.data === '0x' ? 'nothing' : hexText(end.data)}`;
    case 'unfinished':
      return 'did not finish';
    default:
      return failureText(end, call.revertReason) ?? '';
  }
}

function eventText(event: DecodedEvent): string {
  switch (event.type) {
    case 'log':
      return `log ${event.values.join(' ')}`;
    case 'logData':
      return event.decoded === undefined
        ? `log ${hexText(event.data)} (log id ${event.logId})`
        : `log ${event.decoded.type} ${formatValue(event.decoded.value)}`;
    case 'transfer': {
      const to = `${event.isContract ? 'contract' : 'address'} ${shortId(event.to)}`;
      return `transfer ${event.amount} of ${shortId(event.assetId)} to ${to}`;
    }
    case 'message':
      return `message to ${shortId(event.recipient)}, amount ${event.amount}, data ${hexText(event.data)}`;
    case 'mint':
    case 'burn':
      return `${event.type} ${event.amount} of sub id ${shortId(event.subId)}`;
  }
}

function callText(call: DecodedCall): string {
  const args = call.arguments?.map(({ name, value }) => `${name}: ${formatValue(value)}`);
  const name =
    call.contract === null
      ? `script${args === undefined ? '' : ` main(${args.join(', ')})`}`
      : `${shortId(call.contract)}.${call.method ?? '?'}(${args?.join(', ') ?? (call.method === null ? '' : '…')})`;
  const coins = call.amount === '0' ? '' : `, ${call.amount} of ${shortId(call.assetId ?? '')}`;
  const gas =
    call.gasUsed === null
      ? ''
      : `, gas ${call.gasUsed}${call.gasUsed === call.ownGas ? '' : ` (own ${call.ownGas})`}`;
  return `${name}${coins}${gas}`;
}

/** Lines of a call and what is inside it. */
export function callLines(call: DecodedCall): string[] {
  const inner: string[][] = call.steps.map((step) =>
    step.type === 'call' ? callLines(step as DecodedCall) : [eventText(step as DecodedEvent)],
  );
  if (call.hiddenCalls > 0) inner.push([`… ${call.hiddenCalls} calls that are deeper`]);
  inner.push([endText(call)]);
  const lines = [callText(call)];
  inner.forEach((part, i) => {
    const isLast = i === inner.length - 1;
    part.forEach((line, j) => {
      const branch = j === 0 ? (isLast ? '└ ' : '├ ') : isLast ? '  ' : '│ ';
      lines.push(`${branch}${line}`);
    });
  });
  return lines;
}

function idsOf(call: DecodedCall, ids: Set<string>): void {
  if (call.contract !== null) ids.add(call.contract);
  if (call.amount !== '0' && call.assetId !== null) ids.add(call.assetId);
  for (const step of call.steps) {
    if (step.type === 'call') idsOf(step as DecodedCall, ids);
    else if (step.type === 'transfer') ids.add(step.to).add(step.assetId);
  }
}

/** The ids that the tree of a call cuts short, in full. */
export function idLines(call: DecodedCall): string[] {
  const ids = new Set<string>();
  idsOf(call, ids);
  return [...ids].map((id) => `  ${shortId(id)} = ${id}`);
}

/** The whole trace. */
export function treeText(tree: DecodedTree): string {
  const index = tree.txIndex === null ? '' : `, index ${tree.txIndex}`;
  const where = tree.blockHeight === null ? '' : ` in block ${tree.blockHeight}${index}`;
  const result = tree.success ? 'success' : `failure (${tree.reason})`;
  const lines = [
    `transaction ${tree.id}`,
    `${tree.kind}, ${result}${where}, gas ${tree.totalGas}, fee ${tree.totalFee}`,
  ];
  if (tree.whyReceipts !== null) {
    lines.push(`from receipts only: ${tree.whyReceipts}; no gas by call, no changes of storage`);
  }
  if (tree.predicates.length > 0) lines.push('', ...predicateLines(tree.predicates));
  if (tree.call !== null)
    lines.push('', ...callLines(tree.call), ...headed('', idLines(tree.call)));
  if (tree.code.length > 0) lines.push('', 'code', ...codeLines(tree.code, failedEnd(tree.call)));
  const changes = changeLines(tree);
  if (changes.length > 0) lines.push('', ...changes);
  return lines.join('\n');
}

/** Lines below a first one, which is left out where there are none. */
const headed = (head: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [head, ...lines];

/** What each predicate cost and whether it let its input be spent. */
function predicateLines(predicates: readonly TracePredicate[]): string[] {
  return predicates.flatMap(({ input, owner, refused, gasUsed, end, code, instructions }) => {
    const steps = instructions === null ? '' : ` in ${instructions} instructions`;
    const line = `predicate of input ${input}, ${owner}: ${refused ?? 'passed'}, gas ${gasUsed}${steps}`;
    if (refused === null || end === null) return [line];
    const offset = 'offset' in end ? end.offset : null;
    return [line, ...codeLines(code, offset)];
  });
}

/** @param end where it failed; that line is marked. Unit: bytes */
function codeLines(code: DecodedTree['code'], end: number | null): string[] {
  return code.map(
    ({ offset, text }) =>
      `${end === offset ? '>' : ' '} ${offsetText(offset).padStart(8)}  ${text}`,
  );
}

/** What changed in storage and in balances of contracts. */
export function changeLines({
  slots,
  balances,
}: Pick<DecodedTree, 'slots' | 'balances'>): string[] {
  const lines = slots.length > 0 ? ['storage'] : [];
  for (const { contract, key, before, after } of slots) {
    lines.push(`  ${shortId(contract)} ${key}: ${value(before)} → ${value(after)}`);
  }
  if (balances.length > 0) lines.push('balances of contracts');
  for (const { contract, assetId, before, after } of balances) {
    lines.push(`  ${shortId(contract)} ${assetId}: ${before ?? 0} → ${after ?? 0}`);
  }
  return lines;
}

const value = (hex: string | null): string => (hex === null ? 'absent' : hexText(hex));

function failedEnd(call: DecodedCall | null): number | null {
  if (call === null) return null;
  for (const step of call.steps) {
    if (step.type !== 'call') continue;
    const inner = failedEnd(step as DecodedCall);
    if (inner !== null) return inner;
  }
  return call.end.type === 'revert' || call.end.type === 'panic' ? call.end.offset : null;
}
