/** What Fuelrail answers beside GraphQL: JSON by GET, errors as `{"error": {code, message}}`. */
import { CodedError } from '../../primitives/errors.ts';
import { type Fetch, nodeUrl } from './graphql.ts';

/** A node by its address, or the handle of `createNode`. */
export type NodeTarget = string | { readonly url: string; readonly fetch?: Fetch };

type Failure = { readonly error?: { readonly code?: string; readonly message?: string } };

/**
 * @param path from the root of the node, such as `/v1/fuelrail/da/status`
 * @throws CodedError NODE_URL, NODE_UNREACHABLE, NOT_FUELRAIL, or what the node says
 */
export async function askOwnRoute<T>(target: NodeTarget, path: string, body?: object): Promise<T> {
  const { url, fetch } = typeof target === 'string' ? { url: target, fetch: undefined } : target;
  const at = new URL(path, nodeUrl(url)).href;
  const send: Fetch = fetch ?? ((input, init) => globalThis.fetch(input, init));
  const headers = { 'content-type': 'application/json' };
  const how = body === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) };
  let response: Response;
  try {
    response = await send(at, how);
  } catch (cause) {
    throw new CodedError(
      'NODE_UNREACHABLE',
      `no node answers at ${at}; start one with 'fuelrail run', or name another address`,
      { url: at },
      cause,
    );
  }
  const text = await response.text();
  let answer: T & Failure;
  try {
    answer = JSON.parse(text) as T & Failure;
  } catch (cause) {
    throw new CodedError(
      'NOT_FUELRAIL',
      `${at} answered ${response.status}: only Fuelrail has this, other Fuel nodes do not`,
      { status: response.status },
      cause,
    );
  }
  const { error } = answer;
  if (response.ok && error === undefined) return answer;
  throw new CodedError(error?.code ?? 'NODE_ANSWER', error?.message ?? text);
}
