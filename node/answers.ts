/** What the node's own routes answer with, and what a page from anywhere needs to read it. */
import type { ApiResponse } from './graphql/api.ts';

/** Any page may ask. */
export const CORS: ApiResponse['headers'] = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': '*',
  'access-control-allow-headers': '*',
};

/** @see CORS */
export const JSON_HEADERS: ApiResponse['headers'] = {
  'content-type': 'application/json',
  ...CORS,
};

/** An answer in JSON; big integers are decimal text. */
export function jsonAnswer(status: number, value: unknown): ApiResponse {
  const body = JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'bigint' ? String(each) : each,
  );
  return { status, headers: JSON_HEADERS, body };
}

/** What went wrong: a stable code, and a text that says what to do. */
export function failedAnswer(status: number, code: string, message: string): ApiResponse {
  return jsonAnswer(status, { error: { code, message } });
}
