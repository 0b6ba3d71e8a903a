/**
 * What stands in a browser where Node's built-in modules are named: `browser` in package.json sends
 * every `node:…` import of this package here. A node in a tab keeps its chain in memory and runs on
 * one thread, so most of it is never called; what is called works, the rest says why it does not.
 * A bundler refuses a name that is missing here, so the usual ones are here before they are used.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import { gunzip } from './inflate.ts';

function absent(name: string): (...args: readonly unknown[]) => never {
  return () => {
    throw new CodedError(
      'NEEDS_NODE',
      `${name} is not there in a browser: keep the chain in memory, without threads and files`,
      { name },
    );
  };
}

// node:os
/** One thread: the tab's own. */
export const availableParallelism = (): number => 1;
export const homedir = (): string => '/';
export const tmpdir = (): string => '/tmp';

// node:perf_hooks
export const performance: unknown = globalThis.performance;

// node:zlib
export const gunzipSync: (bytes: Uint8Array) => Uint8Array = gunzip;
export const inflateRawSync: () => never = absent('inflateRawSync');
export const brotliCompress: () => never = absent('brotliCompress');
export const brotliDecompressSync: () => never = absent('brotliDecompressSync');
export const gzipSync: () => never = absent('gzipSync');
export const deflateRawSync: () => never = absent('deflateRawSync');
export const brotliCompressSync: () => never = absent('brotliCompressSync');
export const crc32: () => never = absent('crc32');
export const constants: Readonly<Record<string, number>> = {};

// node:crypto
type Hash = { update(bytes: Uint8Array): Hash; digest(encoding: 'hex'): string };

export function createHash(name: 'sha256'): Hash {
  if (name !== 'sha256') absent(`createHash('${name}')`)();
  const state = sha256.create();
  const hash: Hash = {
    update(bytes) {
      state.update(bytes);
      return hash;
    },
    digest: () => bytesToHex(state.digest()).slice(2),
  };
  return hash;
}

export const hash: () => never = absent('hash');

export const randomBytes = (count: number): Uint8Array =>
  globalThis.crypto.getRandomValues(new Uint8Array(count));

/** Only there on secure origins; this machine counts as one. */
export const randomUUID = (): string => globalThis.crypto.randomUUID();

// node:timers/promises, and the global of the same name, which much of the node uses
type Turns = { setImmediate?: (task: (...args: never[]) => void, ...args: never[]) => void };
type Port = { postMessage(message: null): void; onmessage: (() => void) | null };

/** Timers that call each other wait 4 ms in browsers; messages do not. */
function turnMaker(): (task: () => void) => void {
  const { MessageChannel: Channel } = globalThis as unknown as {
    MessageChannel: new () => { port1: Port; port2: Port };
  };
  const { port1, port2 } = new Channel();
  const tasks: (() => void)[] = [];
  port1.onmessage = () => tasks.shift()?.();
  return (task) => {
    tasks.push(task);
    port2.postMessage(null);
  };
}

if ((globalThis as unknown as Turns).setImmediate === undefined) {
  const inNextTurn = turnMaker();
  (globalThis as unknown as Turns).setImmediate = (task, ...args) =>
    inNextTurn(() => task(...args));
}

/** Lets what waits in the event loop have its turn. */
export function setImmediate(): Promise<void> {
  return new Promise((done) => {
    globalThis.setImmediate(done);
  });
}

// node:path
export const join = (...parts: readonly string[]): string => parts.join('/');
export const resolve: (...parts: readonly string[]) => string = join;
export const dirname = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));
export const basename = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

export const isAbsolute = (path: string): boolean => path.startsWith('/');
export const extname = (path: string): string => /\.[^./]*$/.exec(path)?.[0] ?? '';
export const sep = '/';

// node:fs, node:fs/promises
export const existsSync = (): boolean => false;
export const mkdirSync: () => never = absent('mkdirSync');
export const readFileSync: () => never = absent('readFileSync');
export const writeSync: () => never = absent('writeSync');
export const appendFile: () => never = absent('appendFile');
export const appendFileSync: () => never = absent('appendFileSync');
export const access: () => never = absent('access');
export const closeSync: () => never = absent('closeSync');
export const copyFile: () => never = absent('copyFile');
export const copyFileSync: () => never = absent('copyFileSync');
export const createReadStream: () => never = absent('createReadStream');
export const createWriteStream: () => never = absent('createWriteStream');
export const fsyncSync: () => never = absent('fsyncSync');
export const mkdtemp: () => never = absent('mkdtemp');
export const mkdtempSync: () => never = absent('mkdtempSync');
export const openSync: () => never = absent('openSync');
export const readdirSync: () => never = absent('readdirSync');
export const renameSync: () => never = absent('renameSync');
export const rmSync: () => never = absent('rmSync');
export const statSync: () => never = absent('statSync');
export const unlink: () => never = absent('unlink');
export const unlinkSync: () => never = absent('unlinkSync');
export const writeFileSync: () => never = absent('writeFileSync');
export const mkdir: () => never = absent('mkdir');
export const open: () => never = absent('open');
export const readdir: () => never = absent('readdir');
export const readFile: () => never = absent('readFile');
export const rename: () => never = absent('rename');
export const rm: () => never = absent('rm');
export const stat: () => never = absent('stat');
export const writeFile: () => never = absent('writeFile');

// node:http, node:buffer
export const createServer: () => never = absent('createServer');
export const STATUS_CODES: Readonly<Record<string, string>> = {};
export const Buffer: unknown = (globalThis as { Buffer?: unknown }).Buffer;

// node:child_process, node:url
export const fork: () => never = absent('fork');
export const spawn: () => never = absent('spawn');
export const spawnSync: () => never = absent('spawnSync');
export const pathToFileURL: () => never = absent('pathToFileURL');
export const fileURLToPath = (url: string | URL): string => new URL(url).pathname;

// node:worker_threads
export const isMainThread = true;
export const threadId = 0;
export const parentPort: null = null;
export const workerData: null = null;
export const receiveMessageOnPort: () => never = absent('receiveMessageOnPort');
export const Worker: () => never = absent('Worker');
export const MessageChannel: () => never = absent('MessageChannel');
