/**
 * Traces over HTTP:
 *
 * | request                | answer                                                        |
 * |------------------------|---------------------------------------------------------------|
 * | GET /trace/ID          | `CallTree` of a transaction that is in a block                |
 * | GET /trace/block/B     | `{"traces": CallTree[]}`; B: a height, an id, or `latest`     |
 *
 * Errors: `{"error":{"code","message"}}` with a status of 404, 405, 413 or 503.
 */
import { CodedError } from '../../primitives/errors.ts';
import type { ApiRequest, ApiResponse } from '../graphql/api.ts';
import type { TraceService } from './service.ts';

export const TRACE_PREFIX = '/trace/';

const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': '*',
  'access-control-allow-headers': '*',
} as const;
const HEADERS = { 'content-type': 'application/json', ...CORS } as const;

const STATUS_OF: Readonly<Record<string, number>> = {
  TRACE_UNKNOWN_TX: 404,
  TRACE_UNKNOWN_BLOCK: 404,
  TRACE_TOO_BIG: 413,
  TRACE_BUSY: 503,
  WHAT_IF_FORGOTTEN: 503,
};

export function isTracePath(path: string): boolean {
  return path.startsWith(TRACE_PREFIX);
}

/** Never rejects. @param request whose path is one of {@link isTracePath} */
export async function answerTrace(tracer: TraceService, request: ApiRequest): Promise<ApiResponse> {
  if (request.method === 'OPTIONS') return { status: 200, headers: CORS, body: '' };
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { status: 405, headers: CORS, body: '' };
  }
  const rest = request.path.slice(TRACE_PREFIX.length);
  try {
    const answer = rest.startsWith('block/')
      ? { traces: await tracer.block(rest.slice('block/'.length)) }
      : await tracer.transaction(rest.toLowerCase());
    return { status: 200, headers: HEADERS, body: JSON.stringify(answer) };
  } catch (thrown) {
    const code = thrown instanceof CodedError ? thrown.code : 'INTERNAL';
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    const body = JSON.stringify({ error: { code, message } });
    return { status: STATUS_OF[code] ?? 500, headers: HEADERS, body };
  }
}
