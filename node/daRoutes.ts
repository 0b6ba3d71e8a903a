/**
 * Posting and following over HTTP, beside the standard API and under a prefix of our own:
 *
 * | request                        | answer                                                        |
 * |--------------------------------|---------------------------------------------------------------|
 * | GET /v1/fuelrail/da/status     | `{ posting: PosterStatus | null, following: FollowStatus | null }` |
 * | GET /v1/fuelrail/da/block/H    | `{ height, stage, frame }`; 404 above the tip                 |
 *
 * Integers beyond 2^53 are strings.
 */
import type { ApiRequest, ApiResponse } from './graphql/api.ts';
import type { NodeServices } from './services.ts';

export const DA_PREFIX = '/v1/fuelrail/da/';

const HEADERS = {
  'content-type': 'application/json',
  'access-control-allow-origin': '*',
  'access-control-allow-methods': '*',
  'access-control-allow-headers': '*',
} as const;

type DaServices = Pick<NodeServices, 'da' | 'follower'>;

export function isDaPath(path: string): boolean {
  return path.startsWith(DA_PREFIX);
}

function json(status: number, value: unknown): ApiResponse {
  const body = JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'bigint' ? String(each) : each,
  );
  return { status, headers: HEADERS, body };
}

function failure(status: number, code: string, message: string): ApiResponse {
  return json(status, { error: { code, message } });
}

/** Never fails. @param request whose path {@link isDaPath} has */
export function answerDa(services: DaServices, request: ApiRequest): ApiResponse {
  if (request.method === 'OPTIONS') return json(200, {});
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return failure(405, 'METHOD_NOT_ALLOWED', 'only GET is answered here');
  }
  const path = request.path.slice(DA_PREFIX.length);
  const posting = services.da?.status() ?? null;
  if (path === 'status') {
    return json(200, { posting, following: services.follower?.status() ?? null });
  }
  const height = /^block\/(\d{1,10})$/.exec(path)?.[1];
  if (height === undefined) {
    return failure(404, 'DA_UNKNOWN_PATH', 'there are status and block/HEIGHT');
  }
  if (posting === null) {
    return failure(404, 'DA_NOT_POSTING', 'this node posts nothing, or has just been started');
  }
  const report = services.da?.block(Number(height)) ?? null;
  if (report === null) {
    return failure(404, 'DA_UNKNOWN_BLOCK', `there is no block ${height} yet`);
  }
  return json(200, { height: Number(height), ...report });
}
