/** Examples as users have them: code blocks of documents, and the template beside its packages. */
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT: string = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

/** A block behind `<!-- run -->`. */
export type Example = { readonly file: string; readonly line: number; readonly code: string };

const MARKED = /<!-- run -->\n+```(?:ts|js)\n([\s\S]*?)```/g;

/** @param file from the root of the repository */
export function examplesOf(file: string): Example[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return [...text.matchAll(MARKED)].map((match) => ({
    file,
    line: text.slice(0, match.index).split('\n').length,
    code: match[1] as string,
  }));
}

/** A directory in which `fuelrail` and `fuels` are installed. */
export function workplace(): { readonly dir: string; remove(): void } {
  const dir = mkdtempSync(join(tmpdir(), 'fuelrail-example-'));
  mkdirSync(join(dir, 'node_modules'));
  symlinkSync(ROOT, join(dir, 'node_modules', 'fuelrail'), 'dir');
  symlinkSync(join(ROOT, 'node_modules', 'fuels'), join(dir, 'node_modules', 'fuels'), 'dir');
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

/** Copies `examples/<name>` into the directory. */
export function copyExample(name: string, dir: string): void {
  cpSync(join(ROOT, 'examples', name), dir, { recursive: true });
}

export type Finished = { readonly code: number | null; readonly output: string };

/** Runs Node there. */
export function runNode(
  args: readonly string[],
  dir: string,
  timeoutMs: number = 60_000,
): Promise<Finished> {
  const { NODE_TEST_CONTEXT: _outer, ...env } = process.env;
  const child = spawn(process.execPath, [...args], { cwd: dir, env, timeout: timeoutMs });
  let output = '';
  const hear = (chunk: Uint8Array): void => {
    output += String(chunk);
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })));
}
