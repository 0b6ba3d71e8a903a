/**
 * Explanations over HTTP, beside the standard API and under a prefix of our own:
 *
 * | request                                  | answer                                              |
 * |------------------------------------------|-----------------------------------------------------|
 * | GET  /v1/fuelrail/explain/blocks         | recent blocks, newest first                         |
 * | GET  /v1/fuelrail/explain/block/B        | `BlockExplanation`; B: height, id or `latest`       |
 * | GET  /v1/fuelrail/explain/tx/ID          | `TxExplanation`, in a block or in the pool          |
 * | GET  /v1/fuelrail/explain/pool           | `PoolExplanation`                                   |
 * | POST /v1/fuelrail/explain/what-if/B      | `WhatIfReport`; body: any of `drop`, `add`,         |
 * |                                          | `reorder`, `declare`, `workers` (`WhatIf`)          |
 * | GET  /explain                            | leads to the explorer, which draws all of it        |
 *
 * Errors: `{"error":{"code","message"}}` with a status of 400, 403, 404, 405, 409, 413 or 503.
 */
import { CodedError } from '../../primitives/errors.ts';
import { CORS, JSON_HEADERS } from '../answers.ts';
import type { ApiRequest, ApiResponse } from '../graphql/api.ts';
import type { ExplainService } from './service.ts';
import { NOTHING_CHANGED, type WhatIf } from './whatIf.ts';

export const EXPLAIN_PREFIX = '/v1/fuelrail/explain/';
export const EXPLAIN_PAGE_PATH = '/explain';

/** The explorer draws it; what stands behind a `#` goes along. */
const MOVED: ApiResponse = {
  status: 302,
  headers: { location: '/explorer/parallel', ...CORS },
  body: '',
};
const UTF8 = new TextDecoder();

const STATUS_OF: Readonly<Record<string, number>> = {
  EXPLAIN_UNKNOWN_BLOCK: 404,
  EXPLAIN_UNKNOWN_TX: 404,
  EXPLAIN_UNKNOWN_PATH: 404,
  EXPLAIN_TOO_BIG: 413,
  EXPLAIN_BUSY: 503,
  WHAT_IF_OFF: 403,
  WHAT_IF_BUSY: 503,
  WHAT_IF_FORGOTTEN: 409,
  WHAT_IF_TOO_BIG: 413,
  WHAT_IF_BAD_CHANGE: 400,
};

export function isExplainPath(path: string): boolean {
  return path === EXPLAIN_PAGE_PATH || path.startsWith(EXPLAIN_PREFIX);
}

/** Never rejects. @param request whose path is one of {@link isExplainPath} */
export async function answerExplain(
  explain: ExplainService,
  request: ApiRequest,
): Promise<ApiResponse> {
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  if (method === 'OPTIONS') return { status: 200, headers: CORS, body: '' };
  const isWhatIf = request.path.startsWith(`${EXPLAIN_PREFIX}what-if/`);
  if (method !== (isWhatIf ? 'POST' : 'GET')) return { status: 405, headers: CORS, body: '' };
  if (request.path === EXPLAIN_PAGE_PATH) return MOVED;
  try {
    const answer = await route(explain, request);
    return { status: 200, headers: JSON_HEADERS, body: JSON.stringify(answer) };
  } catch (error) {
    return failure(error);
  }
}

function failure(thrown: unknown): ApiResponse {
  const code = thrown instanceof CodedError ? thrown.code : 'INTERNAL';
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const body = JSON.stringify({ error: { code, message } });
  return { status: STATUS_OF[code] ?? 500, headers: JSON_HEADERS, body };
}

async function route(explain: ExplainService, { path, body }: ApiRequest): Promise<unknown> {
  const [what, which = '', ...rest] = path.slice(EXPLAIN_PREFIX.length).split('/');
  if (rest.length === 0) {
    if (what === 'blocks' && which === '') return explain.recent();
    if (what === 'pool' && which === '') return explain.pool();
    if (what === 'block' && which !== '') return await explain.block(which);
    if (what === 'tx' && which !== '') return await explain.tx(which);
    if (what === 'what-if' && which !== '') return await explain.whatIf(which, readWhatIf(body));
  }
  throw new CodedError(
    'EXPLAIN_UNKNOWN_PATH',
    `there is no ${path}: see blocks, block/B, tx/ID, pool`,
  );
}

function bad(why: string): never {
  throw new CodedError('WHAT_IF_BAD_CHANGE', why);
}

function textsOf(value: unknown, name: string): string[] {
  if (value === undefined) return [];
  const isList = Array.isArray(value) && value.every((each) => typeof each === 'string');
  return isList ? (value as string[]) : bad(`${name} is a list of texts`);
}

/** @throws CodedError WHAT_IF_BAD_CHANGE */
export function readWhatIf(body: string | Uint8Array): WhatIf {
  const text = typeof body === 'string' ? body : UTF8.decode(body);
  let given: unknown;
  try {
    given = JSON.parse(text === '' ? '{}' : text);
  } catch {
    return bad('the body is not JSON');
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return bad('the body is an object with any of drop, add, reorder, declare, workers');
  }
  const { drop, add, reorder, declare = [], workers, ...others } = given as Record<string, unknown>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) bad(`there is no change '${unknown}'`);
  if (!Array.isArray(declare)) return bad('declare is a list of { tx, contracts }');
  const isCounts =
    workers === undefined ||
    (Array.isArray(workers) && workers.every((n) => typeof n === 'number'));
  return {
    drop: textsOf(drop, 'drop'),
    add: textsOf(add, 'add'),
    reorder: textsOf(reorder, 'reorder'),
    declare: declare.map(readDeclare),
    workers: isCounts
      ? ((workers as number[]) ?? NOTHING_CHANGED.workers)
      : bad('workers is a list of numbers'),
  };
}

function readDeclare(value: unknown): WhatIf['declare'][number] {
  const { tx, contracts } = (value ?? {}) as Record<string, unknown>;
  if (typeof tx !== 'string' || contracts === undefined) {
    return bad('declare is a list of { tx, contracts }');
  }
  return { tx, contracts: textsOf(contracts, 'contracts') };
}
