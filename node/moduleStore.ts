/**
 * Translated code in a folder: a folder for each group, a file for each code. Errors of the file
 * system cost a translation, so none is reported. Threads share the folder: files appear whole.
 */
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { useModuleStore } from '../vm/engine.ts';
import type { ModuleStore } from '../vm/jit/stored.ts';

/** All files together. Unit: bytes. */
export const MODULE_STORE_BYTES_MAX: number = 64 * 1024 * 1024;
/** Folders of groups: gas tables of the chain, and a translator before this one. */
const GROUPS_MAX = 4;
const NAME = /^[0-9a-f]{32}$/;

type File = { readonly path: string; readonly bytes: number; readonly writtenMs: number };

/** What `run` gives; `otherwise` when the file system refuses. */
function attempt<T>(run: () => T, otherwise: T): T {
  try {
    return run();
  } catch {
    return otherwise;
  }
}

/** Names inside a folder that are ours. */
function namesIn(folder: string): string[] {
  return attempt(() => readdirSync(folder).filter((name) => NAME.test(name)), []);
}

function filesOf(folder: string): File[] {
  return namesIn(folder).flatMap((name) => {
    const path = join(folder, name);
    const stat = attempt(() => statSync(path), null);
    return stat === null ? [] : [{ path, bytes: stat.size, writtenMs: stat.mtimeMs }];
  });
}

/** Uses the store in a folder for this thread and those that it makes; null: no store. */
export function keepModules(folder: string | null): void {
  if (folder === null) useModuleStore(null);
  else useModuleStore(openModuleStore(folder), folder);
}

/**
 * The store in a folder, which is made when something is written.
 * @param bytesMax what is oldest goes first
 */
export function openModuleStore(
  folder: string,
  bytesMax: number = MODULE_STORE_BYTES_MAX,
): ModuleStore {
  const remove = (path: string): void =>
    attempt(() => rmSync(path, { recursive: true, force: true }), undefined);
  const makeRoom = (group: string): void => {
    const groups = filesOf(folder).sort((a, b) => b.writtenMs - a.writtenMs);
    const others = groups.filter(({ path }) => path !== join(folder, group));
    for (const { path } of others.slice(GROUPS_MAX - 1)) remove(path);
    const files = groups.flatMap(({ path }) => filesOf(path));
    let total = files.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { path, bytes } of files.sort((a, b) => a.writtenMs - b.writtenMs)) {
      if (total <= bytesMax) return;
      remove(path);
      total -= bytes;
    }
  };
  return {
    names: (group) => namesIn(join(folder, group)),
    read: (group, name) =>
      attempt(() => new Uint8Array(readFileSync(join(folder, group, name))), null),
    write: (group, name, bytes) => {
      if (bytes.length > bytesMax) return;
      attempt(() => {
        const path = join(folder, group, name);
        const unfinished = `${path}.${process.pid}.${threadId}`;
        mkdirSync(join(folder, group), { recursive: true });
        writeFileSync(unfinished, bytes);
        renameSync(unfinished, path);
      }, undefined);
      makeRoom(group);
    },
    remove: (group, name) => remove(join(folder, group, name)),
  };
}
