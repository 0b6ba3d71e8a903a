/**
 * The API without a transport: paths, methods, status codes and headers. Over a socket
 * (`http.ts`) and inside a process the same code answers.
 */

import { CORS, JSON_HEADERS } from '../answers.ts';
import { answerDa, isDaPath } from '../daRoutes.ts';
import { answerDev, DEV_PATH } from '../dev/routes.ts';
import { answerExplain, isExplainPath } from '../explain/routes.ts';
import { answerExplorer, isExplorerPath } from '../explorer/routes.ts';
import { answerSlots, isSlotsPath } from '../explorer/slots.ts';
import { createMetrics, type Metrics } from '../metrics.ts';
import { PLAYGROUND_HTML } from '../playground.ts';
import type { NodeServices } from '../services.ts';
import { answerSettlement, isSettlementPath } from '../settlementView.ts';
import { eventFrames } from '../sse.ts';
import { answerState, isStatePath } from '../stateTree/routes.ts';
import { answerTrace, isTracePath } from '../trace/routes.ts';
import type { Executor, GraphqlRequest } from './execute.ts';

export type ApiRequest = {
  /** Without the query string. */
  readonly path: string;
  readonly method: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string | Uint8Array;
};
export type ApiResponse = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** A stream ends by itself; its `return` ends it early. */
  readonly body: string | AsyncIterable<string>;
};
export type Api = {
  /** Never rejects. */
  handle(request: ApiRequest): Promise<ApiResponse>;
  /** Longest body that is read. Unit: bytes. */
  readonly bodyBytesMax: number;
  /** POSTs to these are answered by a text, never by a stream. */
  readonly textPaths: ReadonlySet<string>;
  /** Loads what the first request needs, so that it does not wait for it. */
  warmUp(): Promise<void>;
  /** Ends what `createApi` has begun: it stops listening to blocks. */
  close(): void;
};

const TEXT_HEADERS = { 'content-type': 'text/plain; charset=utf-8', ...CORS } as const;
const HTML_HEADERS = { 'content-type': 'text/html; charset=utf-8', ...CORS } as const;
const SSE_HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache',
  ...CORS,
} as const;

const TEXT_PATHS: ReadonlySet<string> = new Set(['/v1/graphql', '/graphql']);
const UTF8 = new TextDecoder();

function plain(status: number, text = ''): ApiResponse {
  return text === ''
    ? { status, headers: CORS, body: '' }
    : { status, headers: TEXT_HEADERS, body: text };
}
function json(status: number, body: string): ApiResponse {
  return { status, headers: JSON_HEADERS, body };
}

const METHOD_NOT_ALLOWED: ApiResponse = plain(405);
const TIMED_OUT: ApiResponse = plain(408);
/** Answer to a body beyond the limit. */
export const BODY_TOO_LARGE: ApiResponse = plain(413, 'length limit exceeded');
const NOT_JSON: ApiResponse = plain(415, 'Expected request with `Content-Type: application/json`');
const HEALTHY: ApiResponse = json(200, '{"up":true}');
const EMPTY_OK: ApiResponse = plain(200);

function isJson(contentType: string | string[] | undefined): boolean {
  if (contentType === 'application/json') return true;
  if (typeof contentType !== 'string') return false;
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return type === 'application/json' || /^application\/[^ ]+\+json$/.test(type);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The request, or the answer to a body that is none. */
function readRequest(request: ApiRequest): GraphqlRequest | ApiResponse {
  if (!isJson(request.headers['content-type'])) return NOT_JSON;
  let body: unknown;
  try {
    const text = typeof request.body === 'string' ? request.body : UTF8.decode(request.body);
    body = JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return plain(400, `Failed to parse the request body as JSON: ${why}`);
  }
  return checkShape(body);
}

function checkShape(body: unknown): GraphqlRequest | ApiResponse {
  const wrong = (what: string): ApiResponse =>
    plain(422, `Failed to deserialize the JSON body into the target type: ${what}`);
  if (!isRecord(body)) return wrong('expected an object');
  const { query, operationName, variables, extensions } = body;
  if (query !== undefined && typeof query !== 'string') return wrong('query: expected a string');
  if (operationName != null && typeof operationName !== 'string') {
    return wrong('operationName: expected a string');
  }
  if (variables != null && !isRecord(variables)) return wrong('variables: expected a map');
  if (extensions != null && !isRecord(extensions)) return wrong('extensions: expected a map');
  return {
    query: query ?? '',
    operationName: operationName ?? null,
    variables: variables ?? null,
    extensions,
  };
}

function within(work: Promise<ApiResponse>, timeoutMs: number): Promise<ApiResponse> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(TIMED_OUT), timeoutMs);
    work.then(
      (answer) => {
        clearTimeout(timer);
        resolve(answer);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}

function readiness(services: NodeServices): ApiResponse {
  return json(
    200,
    JSON.stringify({
      ready: true,
      services_started: true,
      poa_enabled: services.config.consensusKey !== null,
      synced: true,
    }),
  );
}

/** The GraphQL library and the schema are made for the first request: a node starts without. */
type LazyExecutor = { loaded: Executor | null; load(): Promise<Executor> };

function lazyExecutor(services: NodeServices, metrics: Metrics): LazyExecutor {
  let loading: Promise<Executor> | null = null;
  const lazy: LazyExecutor = {
    loaded: null,
    load() {
      loading ??= import('./execute.ts').then(({ Executor: Loaded }) => {
        lazy.loaded = new Loaded(services, metrics.observeRequest);
        return lazy.loaded;
      });
      return loading;
    },
  };
  return lazy;
}

type Route = (request: ApiRequest) => ApiResponse | Promise<ApiResponse>;

function routesOf(
  services: NodeServices,
  executor: LazyExecutor,
  metrics: Metrics,
): Map<string, Route> {
  const query: Route = (request) => {
    const parsed = readRequest(request);
    if ('status' in parsed) return parsed;
    const answer = executor.loaded
      ? executor.loaded.run(parsed)
      : executor.load().then((loaded) => loaded.run(parsed));
    const answered = answer.then((body) => json(200, body));
    return within(answered, services.config.graphql.requestTimeoutMs);
  };
  const stream: Route = (request) => {
    const parsed = readRequest(request);
    if ('status' in parsed) return parsed;
    const body = eventFrames(async function* (signal) {
      yield* (await executor.load()).stream(parsed, signal);
    });
    return { status: 200, headers: SSE_HEADERS, body };
  };
  const health: Route = () => HEALTHY;
  const metricsText: Route = async () => ({
    status: 200,
    headers: { ...CORS, 'content-type': metrics.contentType },
    body: await metrics.text(),
  });
  const routes = new Map<string, Route>();
  for (const path of TEXT_PATHS) routes.set(`POST ${path}`, query);
  for (const path of ['/v1/graphql-sub', '/graphql-sub']) routes.set(`POST ${path}`, stream);
  for (const path of ['/v1/health', '/health']) routes.set(`GET ${path}`, health);
  routes.set('GET /v1/ready', () => readiness(services));
  routes.set('GET /v1/metrics', metricsText);
  routes.set('GET /v1/playground', () => ({
    status: 200,
    headers: HTML_HEADERS,
    body: PLAYGROUND_HTML,
  }));
  return routes;
}

/** @see Api */
export function createApi(services: NodeServices): Api {
  const metrics = createMetrics(services);
  const executor = lazyExecutor(services, metrics);
  const routes = routesOf(services, executor, metrics);
  const paths = new Set([...routes.keys()].map((key) => key.split(' ')[1]));

  async function handle(request: ApiRequest): Promise<ApiResponse> {
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const route = routes.get(`${method} ${request.path}`);
    const { bodyBytesMax } = services.config.graphql;
    if (!route && services.explain && isExplainPath(request.path)) {
      if (request.body.length > bodyBytesMax) return BODY_TOO_LARGE;
      return await answerExplain(services.explain, request);
    }
    if (!route && services.trace && isTracePath(request.path)) {
      if (request.body.length > bodyBytesMax) return BODY_TOO_LARGE;
      return await answerTrace(services.trace, request);
    }
    if (!route && isDaPath(request.path)) return answerDa(services, request);
    if (!route && isStatePath(request.path)) return answerState(services, request);
    if (!route && isSettlementPath(request.path)) {
      return await answerSettlement(services.settlement, request);
    }
    if (!route && isExplorerPath(request.path)) return await answerExplorer(services, request);
    if (!route && isSlotsPath(request.path)) return await answerSlots(services.store, request);
    if (!route && request.path === DEV_PATH) {
      if (request.body.length > bodyBytesMax) return BODY_TOO_LARGE;
      return await answerDev(services.dev ?? null, request);
    }
    if (!route) {
      if (!paths.has(request.path)) return plain(404);
      return method === 'OPTIONS' ? EMPTY_OK : METHOD_NOT_ALLOWED;
    }
    if (request.body.length > bodyBytesMax) return BODY_TOO_LARGE;
    try {
      return await route(request);
    } catch (error) {
      return plain(500, error instanceof Error ? error.message : String(error));
    }
  }
  return {
    handle,
    bodyBytesMax: services.config.graphql.bodyBytesMax,
    textPaths: TEXT_PATHS,
    warmUp: async () => void (await executor.load()),
    close: () => metrics.close(),
  };
}
