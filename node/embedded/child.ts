/** The handle of a node in a process of its own. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { CodedError } from '../../primitives/errors.ts';
import type { EmbeddedOptions } from './compose.ts';
import { type Account, type Greeting, nodeDied } from './messages.ts';

export type ChildNode = {
  readonly origin: string;
  readonly accounts: readonly Account[];
  readonly pid: number;
  close(): Promise<void>;
};

/** Kept of what the process writes to stderr. Unit: characters. */
const STDERR_CHARS = 4_096;
/** A process that does not end by then is killed. */
const END_AT_LATEST_MS = 10_000;

/** @throws CodedError what the node cannot start for, NODE_DIED */
export function startChild(options: EmbeddedOptions): Promise<ChildNode> {
  const child = fork(fileURLToPath(new URL('./childEntry.js', import.meta.url)), {
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let stderr = '';
  child.stderr?.on('data', (chunk: Uint8Array) => {
    stderr = (stderr + String(chunk)).slice(-STDERR_CHARS);
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.send(options);
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(nodeDied('a process', error.message)));
    child.once('exit', (code) => {
      reject(nodeDied('a process', `before it was ready, with ${code}; ${stderr.trim()}`));
    });
    child.once('message', (greeting: Greeting) => {
      if (greeting.type === 'ready' && greeting.origin !== null) {
        const { origin, accounts } = greeting;
        resolve({ origin, accounts, pid: child.pid as number, close: () => end(child, gone) });
      } else if (greeting.type === 'failed') {
        reject(new CodedError(greeting.error.code, greeting.error.message));
      }
    });
  });
}

async function end(child: ChildProcess, gone: Promise<void>): Promise<void> {
  if (child.connected) child.disconnect();
  const timer = setTimeout(() => child.kill('SIGKILL'), END_AT_LATEST_MS);
  await gone;
  clearTimeout(timer);
}
