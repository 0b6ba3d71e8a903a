/** The tree of calls from receipts, with what execution told of them where there was one. */
import { bytesToHex } from '../../primitives/bytes.ts';
import type { B256 } from '../../primitives/types.ts';
import { ZERO_B256 } from '../../primitives/types.ts';
import {
  type CallEnd,
  type CallEvent,
  type CallNode,
  callTreeOf,
  isCall,
} from '../../tx/callTree.ts';
import type { Receipt } from '../../tx/receipt.ts';
import { formatInstruction } from '../../vm/asm.ts';
import { panicName } from '../../vm/panic.ts';
import { type CallRecord, methodAt, type ReadMemory, type TraceRecorder } from './recorder.ts';
import type { TraceCall, TraceEnd, TraceEvent } from './types.ts';

/** Calls inside calls that are shown; deeper ones are counted. */
export const CALL_DEPTH_MAX: number = 128;

/** Where details of calls come from: an execution, or the bytes of the transaction. */
export type CallDetails = Pick<TraceRecorder, 'calls' | 'script'> | { readonly read: ReadMemory };

type Walk = { readonly details: CallDetails; next: number };

/** @param receipts of one transaction, in order */
export function traceCallOf(receipts: readonly Receipt[], details: CallDetails): TraceCall {
  return nodeOf(callTreeOf(receipts), { details, next: 0 }, 0);
}

function recordOf(node: CallNode, walk: Walk): CallRecord | null {
  const { details } = walk;
  if ('read' in details) return null;
  if (node.call === null) return details.script;
  const record = details.calls[walk.next] ?? null;
  walk.next += 1;
  return record;
}

function nodeOf(node: CallNode, walk: Walk, depth: number): TraceCall {
  const { call } = node;
  const record = recordOf(node, walk);
  const isDeep = depth >= CALL_DEPTH_MAX;
  const shown = isDeep ? node.steps.filter((step) => !isCall(step)) : node.steps;
  const steps = shown.map((step) => (isCall(step) ? nodeOf(step, walk, depth + 1) : eventOf(step)));
  const hidden = isDeep ? callsBelow(node) : 0;
  walk.next += hidden;
  const method =
    'read' in walk.details && call !== null
      ? methodAt(walk.details.read, call.param1)
      : (record?.method ?? null);
  return {
    type: 'call',
    contract: call?.to ?? null,
    method,
    args: record?.args ?? argsFromBytes(walk.details, node, method),
    amount: String(call?.amount ?? 0n),
    assetId: call?.assetId ?? null,
    gasForwarded: call === null ? null : String(call.gas),
    gasUsed: record === null ? null : String(record.gasUsed),
    ownGas: record === null ? null : String(record.ownGas),
    end: endOf(node.end),
    steps,
    hiddenCalls: hidden,
  };
}

/** The arguments of calls by the script lie in the transaction itself, up to its end. */
function argsFromBytes(
  details: CallDetails,
  { call }: CallNode,
  method: string | null,
): string | null {
  if (!('read' in details) || call === null || method === null) return null;
  const bytes = details.read(call.param2, Number.POSITIVE_INFINITY);
  return bytes === null ? null : bytesToHex(bytes);
}

function callsBelow(node: CallNode): number {
  let count = 0;
  const open: CallNode[] = [node];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const step of next.steps) {
      if (!isCall(step)) continue;
      count += 1;
      open.push(step);
    }
  }
  return count;
}

function endOf(end: CallEnd | null): TraceEnd {
  switch (end?.type) {
    case undefined:
      return { type: 'unfinished' };
    case 'return':
      return { type: 'return', value: String(end.val) };
    case 'returnData':
      return { type: 'returnData', data: bytesToHex(end.data) };
    case 'revert':
      return { type: 'revert', value: String(end.ra), offset: Number(end.pc - end.is) };
    case 'panic':
      return {
        type: 'panic',
        reason: panicName(end.reason),
        offset: Number(end.pc - end.is),
        instruction: formatInstruction(end.instruction),
        contract: end.contractId,
      };
  }
}

function eventOf(event: CallEvent): TraceEvent {
  switch (event.type) {
    case 'log': {
      const { ra, rb, rc, rd } = event;
      return { type: 'log', values: [String(ra), String(rb), String(rc), String(rd)] };
    }
    case 'logData':
      return { type: 'logData', logId: String(event.rb), data: bytesToHex(event.data) };
    case 'transfer':
    case 'transferOut':
      return {
        type: 'transfer',
        to: event.to,
        isContract: event.type === 'transfer',
        amount: String(event.amount),
        assetId: event.assetId,
      };
    case 'messageOut': {
      const { recipient, amount, data } = event;
      return { type: 'message', recipient, amount: String(amount), data: bytesToHex(data) };
    }
    case 'mint':
    case 'burn':
      return { type: event.type, subId: event.subId, amount: String(event.val) };
  }
}

/** Memory as far as it is known without running: the transaction's bytes at their place. */
export function readOf(bytes: Uint8Array, address: number): ReadMemory {
  return (at, length) => {
    const from = at - BigInt(address);
    if (from < 0n || from > BigInt(bytes.length)) return null;
    const start = Number(from);
    const end = Math.min(start + length, bytes.length);
    const isWhole = length === Number.POSITIVE_INFINITY || end - start === length;
    return isWhole ? bytes.subarray(start, end) : null;
  };
}

/** Contracts that a tree names, the script's zero left out. */
export function contractsOf(call: TraceCall): Set<B256> {
  const found = new Set<B256>();
  const open = [call];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.contract !== null && next.contract !== ZERO_B256) found.add(next.contract as B256);
    for (const step of next.steps) if (step.type === 'call') open.push(step);
  }
  return found;
}
