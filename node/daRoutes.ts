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
import { failedAnswer, jsonAnswer } from './answers.ts';
import type { ApiRequest, ApiResponse } from './graphql/api.ts';
import type { NodeServices } from './services.ts';

export const DA_PREFIX = '/v1/fuelrail/da/';

type DaServices = Pick<NodeServices, 'da' | 'follower'>;

export function isDaPath(path: string): boolean {
  return path.startsWith(DA_PREFIX);
}

/** Never fails. @param request whose path {@link isDaPath} has */
export function answerDa(services: DaServices, request: ApiRequest): ApiResponse {
  if (request.method === 'OPTIONS') return jsonAnswer(200, {});
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return failedAnswer(405, 'METHOD_NOT_ALLOWED', 'only GET is answered here');
  }
  const path = request.path.slice(DA_PREFIX.length);
  const posting = services.da?.status() ?? null;
  if (path === 'status') {
    return jsonAnswer(200, { posting, following: services.follower?.status() ?? null });
  }
  const height = /^block\/(\d{1,10})$/.exec(path)?.[1];
  if (height === undefined) {
    return failedAnswer(404, 'DA_UNKNOWN_PATH', 'there are status and block/HEIGHT');
  }
  if (posting === null) {
    return failedAnswer(404, 'DA_NOT_POSTING', 'this node posts nothing, or has just been started');
  }
  const report = services.da?.block(Number(height)) ?? null;
  if (report === null) {
    return failedAnswer(404, 'DA_UNKNOWN_BLOCK', `there is no block ${height} yet`);
  }
  return jsonAnswer(200, { height: Number(height), ...report });
}
