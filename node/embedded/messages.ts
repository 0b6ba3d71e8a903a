/** What a node elsewhere and its handle say to each other. */
import { CodedError } from '../../primitives/errors.ts';
import type { Address, B256 } from '../../primitives/types.ts';

export type Account = { readonly address: Address; readonly secret: B256 };

/** A failure that crosses a border between threads or processes. */
export type SentError = { readonly code: string; readonly message: string };

/** First word of every node: it runs, or it cannot. */
export type Greeting =
  | {
      readonly type: 'ready';
      readonly origin: string | null;
      readonly accounts: readonly Account[];
    }
  | { readonly type: 'failed'; readonly error: SentError };

/** To a node in a thread. */
export type ToThread =
  | {
      readonly type: 'request';
      readonly id: number;
      readonly path: string;
      readonly method: string;
      readonly headers: Readonly<Record<string, string | undefined>>;
      readonly body: string;
    }
  /** Nobody reads the rest of a stream. */
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'close' };

/** From a node in a thread. `text` null: a stream follows in parts. */
export type FromThread =
  | Greeting
  | {
      readonly type: 'answer';
      readonly id: number;
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly text: string | null;
    }
  | { readonly type: 'part'; readonly id: number; readonly text: string }
  | { readonly type: 'end'; readonly id: number }
  | { readonly type: 'closed' };

export function sentError(thrown: unknown): SentError {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: thrown instanceof CodedError ? thrown.code : 'NODE_START', message };
}

/** Of a request to a node after `close`. */
export function nodeClosed(): CodedError {
  return new CodedError('NODE_CLOSED', 'the node was closed: make a new one with createNode');
}

/** Of a node that ended by itself. */
export function nodeDied(where: string, why: string): CodedError {
  return new CodedError('NODE_DIED', `the node in ${where} ended: ${why}`, { where });
}
