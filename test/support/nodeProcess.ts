/** Starts the node as a process, as a harness would, and waits for its readiness line. */
import { type ChildProcess, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT: string = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

export type NodeProcess = {
  readonly child: ChildProcess;
  readonly url: string;
  /** Everything on stderr so far. */
  readonly log: () => string;
  /** Sends a signal and resolves when the process is gone. @returns its exit code */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
};

const READY = /Binding GraphQL provider to (\S+:\d+)\n/;

/** @throws Error with the whole of stderr when the process ends before it is ready */
export function startNodeProcess(
  flags: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<NodeProcess> {
  const args = [join(ROOT, 'bin', 'fuel-core.js'), 'run', '--ip', '127.0.0.1', '--port', '0'];
  const child = spawn(process.execPath, [...args, ...flags], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  const gone = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)));
  return new Promise((resolve, reject) => {
    child.stderr?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const ready = READY.exec(text);
      if (!ready) return;
      resolve({
        child,
        url: `http://${ready[1]}/v1/graphql`,
        log: () => text,
        stop: (signal = 'SIGTERM') => {
          child.kill(signal);
          return gone;
        },
      });
    });
    child.on('exit', (code) => reject(new Error(`the node ended with ${code}: ${text}`)));
  });
}

/** One GraphQL request. @throws Error with the messages of the answer's errors */
export async function graphql(
  url: string,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<Record<string, any>> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const body = (await answer.json()) as {
    data: Record<string, any>;
    errors?: { message: string }[];
  };
  if (body.errors) throw new Error(body.errors.map((each) => each.message).join('\n'));
  return body.data;
}
