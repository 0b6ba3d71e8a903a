/** Asking the node: GraphQL, its streams, and the routes beside it. */

/** The node said no. */
export class ApiError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** The node did not answer at all. */
export class Unreachable extends Error {}

type Answer<T> = { data?: T | null; errors?: readonly { message: string }[] };

const JSON_POST = { method: 'POST', headers: { 'content-type': 'application/json' } } as const;
const reachListeners = new Set<(up: boolean) => void>();

/** Tells whether the node answered, whenever it was asked. */
export function onReach(listener: (up: boolean) => void): void {
  reachListeners.add(listener);
}

function reached(up: boolean): void {
  for (const listener of reachListeners) listener(up);
}

async function send(path: string, init?: RequestInit): Promise<Response> {
  try {
    const answer = await fetch(path, init);
    reached(true);
    return answer;
  } catch (error) {
    if (init?.signal?.aborted === true) throw error;
    reached(false);
    throw new Unreachable('the node does not answer');
  }
}

/** @throws ApiError, Unreachable */
export async function query<T>(text: string, variables: object = {}): Promise<T> {
  const body = JSON.stringify({ query: text, variables });
  const answer = await send('/v1/graphql', { ...JSON_POST, body });
  if (!answer.ok) throw new ApiError('HTTP', `the node answers ${answer.status}`);
  const { data, errors } = (await answer.json()) as Answer<T>;
  const [first] = errors ?? [];
  if (first !== undefined) throw new ApiError('GRAPHQL', first.message);
  return data as T;
}

/** One of the node's own routes. @throws ApiError with the route's code, Unreachable */
export async function rest<T>(path: string, body?: unknown): Promise<T> {
  const init = body === undefined ? {} : { ...JSON_POST, body: JSON.stringify(body) };
  const answer = await send(path, init);
  const text = await answer.text();
  let parsed: { error?: { code: string; message: string } } | null = null;
  try {
    parsed = JSON.parse(text);
  } catch {
    // Not one of ours; the status says enough.
  }
  if (answer.ok && parsed !== null) return parsed as T;
  const { code = `HTTP_${answer.status}`, message = `the node answers ${answer.status}` } =
    parsed?.error ?? {};
  throw new ApiError(code, message);
}

/** As {@link rest}; null when the node has no such thing or no such route. */
export async function restOrNull<T>(path: string): Promise<T | null> {
  try {
    return await rest<T>(path);
  } catch (error) {
    if (error instanceof ApiError) return null;
    throw error;
  }
}

/** A GraphQL subscription over server-sent events; ends with the stream or `signal`. */
export async function subscribe<T>(
  text: string,
  variables: object,
  signal: AbortSignal,
  each: (data: T) => void,
): Promise<void> {
  const body = JSON.stringify({ query: text, variables });
  const answer = await send('/v1/graphql-sub', { ...JSON_POST, body, signal });
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let pending = '';
  while (reader !== undefined) {
    const { value, done } = await reader.read();
    if (done) return;
    const frames = (pending + value).split('\n\n');
    pending = frames.pop() ?? '';
    for (const frame of frames) {
      if (!frame.startsWith('data:')) continue;
      const { data } = JSON.parse(frame.slice(5)) as Answer<T>;
      if (data !== null && data !== undefined) each(data);
    }
  }
}

export type Tip = {
  height: number;
  id: string;
  time: string;
  txCount: number;
  poolTxCount: number;
};

const tipListeners = new Set<(tip: Tip) => void>();
let lastTip: Tip | null = null;

function openEvents(): EventSource {
  const events = new EventSource('/v1/fuelrail/live');
  events.addEventListener('open', () => reached(true));
  events.addEventListener('error', () => reached(false));
  events.addEventListener('message', ({ data }) => {
    lastTip = JSON.parse(data) as Tip;
    for (const listener of tipListeners) listener(lastTip);
  });
  return events;
}

/**
 * Follows the chain while the page is looked at; `EventSource` comes back by itself. A page in the
 * background lets go: browsers open six connections to one origin, and all tabs share them.
 */
export function followTips(): void {
  let events: EventSource | null = null;
  const look = (): void => {
    if (document.hidden) events?.close();
    events = document.hidden ? null : (events ?? openEvents());
  };
  document.addEventListener('visibilitychange', look);
  look();
}

/** @returns what stops it */
export function onTip(listener: (tip: Tip) => void): () => void {
  tipListeners.add(listener);
  if (lastTip !== null) listener(lastTip);
  return () => tipListeners.delete(listener);
}

/**
 * Where a block is on its way to the DA layer; null for a node that posts nothing. Asks for the
 * state first: an answer of 404 would be an error in the reader's console.
 */
export async function daStage(height: string | number): Promise<string | null> {
  const { posting } = await rest<{ posting: object | null }>('/v1/fuelrail/da/status');
  if (posting === null) return null;
  const found = await restOrNull<{ stage: string }>(`/v1/fuelrail/da/block/${height}`);
  return found?.stage ?? null;
}
