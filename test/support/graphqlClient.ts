/** Asks an API without a transport. */
import { type Api, createApi } from '../../node/graphql/api.ts';
import type { Fake } from './fakeServices.ts';

export type Answer = {
  data: Record<string, unknown> | null;
  extensions?: Record<string, unknown>;
  errors?: { message: string; path?: string[]; extensions?: Record<string, unknown> }[];
};

const HEADERS = { 'content-type': 'application/json' };

export async function askApi(
  api: Api,
  query: string,
  variables: unknown = null,
  extensions: unknown = null,
): Promise<Answer> {
  const body = JSON.stringify({ query, variables, extensions });
  const answer = await api.handle({ path: '/v1/graphql', method: 'POST', headers: HEADERS, body });
  return JSON.parse(answer.body as string) as Answer;
}

export function ask(fake: Fake, query: string, variables?: unknown): Promise<Answer> {
  const api = createApi(fake.services);
  return askApi(api, query, variables).finally(() => api.close());
}

/** Frames of a subscription, not yet begun. */
export async function subscribeApi(
  api: Api,
  query: string,
  variables: unknown = null,
): Promise<AsyncIterator<string>> {
  const body = JSON.stringify({ query, variables });
  const path = '/v1/graphql-sub';
  const answer = await api.handle({ path, method: 'POST', headers: HEADERS, body });
  return (answer.body as AsyncIterable<string>)[Symbol.asyncIterator]();
}

/** Payload of one `data:` frame. */
export function payload(frame: string): Answer {
  if (!frame.startsWith('data:') || !frame.endsWith('\n\n')) throw new Error(`no frame: ${frame}`);
  return JSON.parse(frame.slice(5, -2)) as Answer;
}

export async function allPayloads(frames: AsyncIterator<string>): Promise<Answer[]> {
  const seen: Answer[] = [];
  for (;;) {
    const { value, done } = await frames.next();
    if (done) return seen;
    seen.push(payload(value));
  }
}
