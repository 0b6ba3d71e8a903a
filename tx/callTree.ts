/** Receipts as the tree of calls that they tell of. */
import type { CallReceipt, Receipt } from './receipt.ts';

/** How a call, or the script, ended. */
export type CallEnd = Extract<Receipt, { type: 'return' | 'returnData' | 'revert' | 'panic' }>;

/** What happened inside a call, besides its beginning and end. */
export type CallEvent = Exclude<Receipt, CallEnd | { type: 'call' | 'scriptResult' }>;

export type CallNode = {
  /** null: the script. */
  readonly call: CallReceipt | null;
  /** In the order of time. */
  readonly steps: readonly (CallEvent | CallNode)[];
  /** null: it never ended by itself, because something that it called failed. */
  readonly end: CallEnd | null;
};

type Growing = {
  readonly call: CallReceipt | null;
  readonly steps: (CallEvent | Growing)[];
  end: CallEnd | null;
};

/** Whether a step of a call is itself a call. */
export function isCall(step: CallEvent | CallNode): step is CallNode {
  return 'steps' in step;
}

/** The script, with its calls inside. `receipts`: of one transaction, in order. */
export function callTreeOf(receipts: readonly Receipt[]): CallNode {
  const root: Growing = { call: null, steps: [], end: null };
  const open: Growing[] = [root];
  for (const receipt of receipts) {
    const top = open.at(-1) ?? root;
    switch (receipt.type) {
      case 'call': {
        const node: Growing = { call: receipt, steps: [], end: null };
        top.steps.push(node);
        open.push(node);
        break;
      }
      case 'return':
      case 'returnData':
        top.end = receipt;
        open.pop();
        break;
      case 'revert':
      case 'panic':
        // The rest of a dry run's list names further undeclared contracts.
        top.end ??= receipt;
        break;
      case 'scriptResult':
        break;
      default:
        top.steps.push(receipt);
    }
  }
  return root;
}
