/**
 * Explorer and playground over HTTP:
 *
 * | request                       | answer                                                      |
 * |-------------------------------|-------------------------------------------------------------|
 * | GET /explorer, /explorer/…    | the explorer; it reads the rest of the path itself          |
 * | GET /playground               | a VM and a node in the tab                                  |
 * | GET /explorer/assets/NAME     | scripts and styles of both                                  |
 * | GET /v1/fuelrail/live         | the tip of the chain as server-sent events (`live.ts`)      |
 *
 * The pages ask this origin only, and their policy keeps them to it: no inline script, no inline
 * style, no frame. WebAssembly may be compiled, because the VM does so.
 */
import type { ApiRequest, ApiResponse } from '../graphql/api.ts';
import type { NodeServices } from '../services.ts';
import { eventFrames } from '../sse.ts';
import { explorerFiles } from './files.ts';
import { LIVE_READERS_MAX, liveTips } from './live.ts';

export const EXPLORER_PATH = '/explorer';
export const PLAYGROUND_PATH = '/playground';
export const LIVE_PATH = '/v1/fuelrail/live';
const ASSETS = `${EXPLORER_PATH}/assets/`;

/** What the pages may do. */
export const PAGE_POLICY: string = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const PAGE_HEADERS = {
  'content-security-policy': PAGE_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
} as const;
const TEXT_HEADERS = { 'content-type': 'text/plain; charset=utf-8' } as const;
const EVENT_HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache',
  'access-control-allow-origin': '*',
} as const;

export function isExplorerPath(path: string): boolean {
  return (
    path === EXPLORER_PATH ||
    path === PLAYGROUND_PATH ||
    path === LIVE_PATH ||
    path.startsWith(`${EXPLORER_PATH}/`)
  );
}

const readersOf: WeakMap<object, number> = new WeakMap();

function live(services: NodeServices): ApiResponse {
  const readers = readersOf.get(services) ?? 0;
  if (readers >= LIVE_READERS_MAX) {
    const body = `more than ${LIVE_READERS_MAX} readers: close other pages`;
    return { status: 503, headers: TEXT_HEADERS, body };
  }
  readersOf.set(services, readers + 1);
  let counted = true;
  const left = (): void => {
    if (counted) readersOf.set(services, (readersOf.get(services) ?? 1) - 1);
    counted = false;
  };
  const frames = eventFrames((signal) => {
    signal.addEventListener('abort', left);
    return liveTips(services, signal);
  });
  return { status: 200, headers: EVENT_HEADERS, body: frames };
}

function fileOf(path: string): string {
  if (path === PLAYGROUND_PATH) return 'playground.html';
  return path.startsWith(ASSETS) ? path.slice(ASSETS.length) : 'index.html';
}

/** Never rejects. @param request whose path is one of {@link isExplorerPath} */
export async function answerExplorer(
  services: NodeServices,
  request: ApiRequest,
): Promise<ApiResponse> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { status: 405, headers: { allow: 'GET, HEAD' }, body: '' };
  }
  if (request.path === LIVE_PATH) {
    if (request.method === 'HEAD') return { status: 200, headers: EVENT_HEADERS, body: '' };
    return live(services);
  }
  try {
    const file = (await explorerFiles()).get(fileOf(request.path));
    if (file === undefined) {
      return { status: 404, headers: TEXT_HEADERS, body: `there is no ${request.path}` };
    }
    const headers = { ...PAGE_HEADERS, 'content-type': file.type };
    return { status: 200, headers, body: file.text };
  } catch (error) {
    const body = error instanceof Error ? error.message : String(error);
    return { status: 500, headers: TEXT_HEADERS, body };
  }
}
