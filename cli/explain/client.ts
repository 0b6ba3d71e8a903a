/** Asks a running node for explanations. */
import { CodedError } from '../../primitives/errors.ts';

const PREFIX = '/v1/fuelrail/explain/';

export type ExplainFlags = { readonly url: string; readonly json?: boolean };

/**
 * @param path behind the prefix
 * @param body absent: GET
 * @throws CodedError CLI_NO_NODE, or the node's own code
 */
export async function askNode<T>(url: string, path: string, body?: unknown): Promise<T> {
  let answer: Response;
  try {
    const target = new URL(PREFIX + path, url);
    answer = await fetch(target, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (cause) {
    throw new CodedError(
      'EXPLAIN_NO_NODE',
      `no node answers at ${url}: start one with 'fuelrail run', or give another --url`,
      { url },
      cause,
    );
  }
  const text = await answer.text();
  const parsed = parse(text);
  if (answer.ok && parsed !== null) return parsed as T;
  const error = (parsed as { error?: { code: string; message: string } } | null)?.error;
  if (error !== undefined) throw new CodedError(error.code, error.message);
  throw new CodedError(
    'EXPLAIN_NO_NODE',
    `what answers at ${url} is no fuelrail node that explains (HTTP ${answer.status})`,
    { url },
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
