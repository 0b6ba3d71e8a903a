/**
 * The files of the explorer and the playground, as the build leaves them beside this module in
 * `static/`: plain text, a handful, read once and kept.
 */
import { readdir, readFile } from 'node:fs/promises';
import { CodedError } from '../../primitives/errors.ts';

const DIRECTORY: URL = new URL('./static/', import.meta.url);

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

export type StaticFile = { readonly type: string; readonly text: string };

let loading: Promise<ReadonlyMap<string, StaticFile>> | null = null;

async function readAll(): Promise<ReadonlyMap<string, StaticFile>> {
  const files = new Map<string, StaticFile>();
  let names: string[];
  try {
    names = await readdir(DIRECTORY);
  } catch (cause) {
    const why = 'the pages of the explorer were not built: run `npm run build`';
    throw new CodedError('EXPLORER_NOT_BUILT', why, {}, cause);
  }
  for (const name of names) {
    const type = TYPES[name.slice(name.lastIndexOf('.') + 1)];
    if (type === undefined) continue;
    files.set(name, { type, text: await readFile(new URL(name, DIRECTORY), 'utf8') });
  }
  return files;
}

/** By name. @throws CodedError EXPLORER_NOT_BUILT in a tree that was not built */
export function explorerFiles(): Promise<ReadonlyMap<string, StaticFile>> {
  loading ??= readAll().catch((error: unknown) => {
    loading = null;
    throw error;
  });
  return loading;
}
