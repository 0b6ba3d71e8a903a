/** JSON-RPC over HTTP, with errors that say whether to try again. */
import { CodedError } from '../primitives/errors.ts';

export type RpcOptions = {
  readonly url: string;
  /** Bearer token; null: the node asks for none. */
  readonly token: string | null;
  readonly layer: string;
};

/** An answer that says no: the node was reached and has understood. */
export class RpcRefusal extends Error {}

/** One call. @throws RpcRefusal; CodedError DA_UNAVAILABLE; the signal's reason when it aborts */
export type Rpc = <T>(method: string, params: unknown, signal: AbortSignal) => Promise<T>;

function unavailable(options: RpcOptions, what: string, cause?: unknown): CodedError {
  return new CodedError(
    'DA_UNAVAILABLE',
    `the ${options.layer} node at ${new URL(options.url).host} ${what}; check --da-url and the node`,
    { layer: options.layer },
    cause,
  );
}

/** @param fetcher for tests; default: the platform's */
export function jsonRpc(options: RpcOptions, fetcher: typeof fetch = fetch): Rpc {
  let id = 0;
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (options.token !== null) headers['authorization'] = `Bearer ${options.token}`;
  return async <T>(method: string, params: unknown, signal: AbortSignal): Promise<T> => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params });
    let status: number;
    let text: string;
    try {
      const answer = await fetcher(options.url, { method: 'POST', headers, body, signal });
      status = answer.status;
      text = await answer.text();
    } catch (error) {
      signal.throwIfAborted();
      throw unavailable(options, 'does not answer', error);
    }
    if (status === 401 || status === 403) {
      throw unavailable(options, 'does not accept the token: set FUELRAIL_DA_TOKEN');
    }
    let answer: { result?: T; error?: { message?: string; data?: unknown } };
    try {
      answer = JSON.parse(text) as typeof answer;
    } catch (error) {
      throw unavailable(options, `answers ${status} and no JSON`, error);
    }
    if (answer.error) {
      const { message = 'no reason given', data } = answer.error;
      if (/missing permission/.test(message)) {
        throw unavailable(options, `needs a token (${message}): set FUELRAIL_DA_TOKEN`);
      }
      throw new RpcRefusal(typeof data === 'string' ? `${message}: ${data}` : message);
    }
    return answer.result as T;
  };
}
