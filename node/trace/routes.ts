/**
 * Traces over HTTP:
 *
 * | request                | answer                                                        |
 * |------------------------|---------------------------------------------------------------|
 * | GET /trace/ID          | `CallTree` of a transaction that is in a block                |
 * | GET /trace/block/B     | `{"traces": CallTree[]}`; B: a height, an id, or `latest`     |
 * | POST /trace            | `CallTree` of a transaction that nobody sent; body:           |
 * |                        | `{"tx":"0x…"}`, canonical bytes                               |
 *
 * Errors: `{"error":{"code","message"}}` with a status of 400, 403, 404, 405, 413 or 503.
 */
import { hexToBytes } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import { CORS, JSON_HEADERS } from '../answers.ts';
import type { ApiRequest, ApiResponse } from '../graphql/api.ts';
import type { TraceService } from './service.ts';

export const TRACE_PREFIX = '/trace/';
export const TRACE_PATH = '/trace';

const STATUS_OF: Readonly<Record<string, number>> = {
  TRACE_BODY: 400,
  TX_DECODE: 400,
  TRACE_REFUSED: 400,
  TRACE_OFF: 403,
  TRACE_UNKNOWN_TX: 404,
  TRACE_UNKNOWN_BLOCK: 404,
  TRACE_TOO_BIG: 413,
  TRACE_BUSY: 503,
  WHAT_IF_FORGOTTEN: 503,
};

export function isTracePath(path: string): boolean {
  return path === TRACE_PATH || path.startsWith(TRACE_PREFIX);
}

function known(tracer: TraceService, { path }: ApiRequest): Promise<unknown> {
  const rest = path.slice(TRACE_PREFIX.length);
  if (!rest.startsWith('block/')) return tracer.transaction(rest.toLowerCase());
  return tracer.block(rest.slice('block/'.length)).then((traces) => ({ traces }));
}

function readRaw({ body }: ApiRequest): Uint8Array {
  const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
  try {
    return hexToBytes((JSON.parse(text) as { tx: string }).tx);
  } catch (cause) {
    const message = 'the body is {"tx":"0x…"}, the canonical bytes of a transaction';
    throw new CodedError('TRACE_BODY', message, {}, cause);
  }
}

/** Never rejects. @param request whose path is one of {@link isTracePath} */
export async function answerTrace(tracer: TraceService, request: ApiRequest): Promise<ApiResponse> {
  if (request.method === 'OPTIONS') return { status: 200, headers: CORS, body: '' };
  const isRaw = request.path === TRACE_PATH;
  const isAllowed = isRaw ? request.method === 'POST' : /^(GET|HEAD)$/.test(request.method);
  if (!isAllowed) return { status: 405, headers: CORS, body: '' };
  try {
    const answer = isRaw ? await tracer.raw(readRaw(request)) : await known(tracer, request);
    return { status: 200, headers: JSON_HEADERS, body: JSON.stringify(answer) };
  } catch (thrown) {
    const code = thrown instanceof CodedError ? thrown.code : 'INTERNAL';
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    const body = JSON.stringify({ error: { code, message } });
    return { status: STATUS_OF[code] ?? 500, headers: JSON_HEADERS, body };
  }
}
