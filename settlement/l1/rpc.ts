/** JSON-RPC to one Ethereum endpoint. The library is loaded with the first connection. */
import { CodedError } from '../../primitives/errors.ts';

/**
 * One call. Throws CodedError L1_UNAVAILABLE (no answer: try again later) or L1_REFUSED (the
 * endpoint's answer is an error; its data, if any, in the context as `data`).
 */
export type Rpc = (method: string, params: readonly unknown[]) => Promise<unknown>;

/** Longest time for one request: a page of logs of a public endpoint may take long. */
export const RPC_TIMEOUT_MS = 20_000;
/** Repeats of one request before it counts as failed. */
const RETRIES = 2;

/** What an endpoint's own error says; null: there was no answer. */
function refusalOf(error: unknown): { data: string | null } | null {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code, data } = at as { code?: unknown; data?: unknown };
    if (typeof code !== 'number' || !Number.isInteger(code)) continue;
    return { data: typeof data === 'string' ? data : null };
  }
  return null;
}

function shortText(error: unknown): string {
  const { shortMessage, details } = error as { shortMessage?: unknown; details?: unknown };
  if (typeof shortMessage !== 'string') return error instanceof Error ? error.message : `${error}`;
  return typeof details === 'string' ? `${shortMessage} ${details}` : shortMessage;
}

/**
 * No request is made before the first call. Calls made at the same time go out as one request, so
 * that behind a load balancer the same machine answers all of them.
 *
 * @param url http, https, ws or wss
 */
export async function connectRpc(url: string, timeoutMs: number = RPC_TIMEOUT_MS): Promise<Rpc> {
  const { createPublicClient, http, webSocket } = await import('viem');
  const options = { timeout: timeoutMs, retryCount: RETRIES };
  const transport = /^wss?:/i.test(url)
    ? webSocket(url, options)
    : http(url, { ...options, batch: true });
  const client = createPublicClient({ transport });
  const request = client.request as (call: {
    method: string;
    params: readonly unknown[];
  }) => Promise<unknown>;
  return async (method, params) => {
    try {
      return await request({ method, params });
    } catch (error) {
      const refusal = refusalOf(error);
      // The address may hold a key: only its host is shown.
      const host = URL.canParse(url) ? new URL(url).host : 'the Ethereum endpoint';
      throw new CodedError(
        refusal === null ? 'L1_UNAVAILABLE' : 'L1_REFUSED',
        `${host}: ${method}: ${shortText(error)}`,
        { method, ...(refusal?.data == null ? {} : { data: refusal.data }) },
        error,
      );
    }
  };
}

export const rpcHex = (value: bigint | number): string => `0x${value.toString(16)}`;
