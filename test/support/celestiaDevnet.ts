/**
 * A real Celestia on loopback: one validator and one bridge node from binaries that the environment
 * names. Everything lies in one directory that is removed at the end.
 *
 * @source celestia-app v9, celestia-node v0.32: flags, files and ports as they are there
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { celestiaAddress } from '../../da/celestia/bech32.ts';
import { hexToBytes } from '../../primitives/bytes.ts';
import type { B256 } from '../../primitives/types.ts';

const run = promisify(execFile);

/** Paths of the two binaries. */
export type CelestiaBinaries = { readonly appd: string; readonly celestia: string };

const CHAIN_ID = 'fuelrail-dev';
/** utia; the second is what a validator must stake at least, and more. */
const FUNDS = '1000000000000utia';
const STAKE = '5000000000utia';
const START_MS_MAX = 60_000;
const POLL_MS = 100;
/** Of a log, in an error. */
const LOG_CHARACTERS = 2_000;
/** Key of an account of the devnet that pays without the bridge. */
export const CELESTIA_PAYER_KEY: B256 = `0x${'5a'.repeat(32)}`;

function payerAddress(): string {
  return celestiaAddress(secp256k1.getPublicKey(hexToBytes(CELESTIA_PAYER_KEY), true));
}

/** From FUELRAIL_CELESTIA_APPD and FUELRAIL_CELESTIA_NODE; null: not both are named. */
export function celestiaBinaries(env: NodeJS.ProcessEnv = process.env): CelestiaBinaries | null {
  const appd = env['FUELRAIL_CELESTIA_APPD'];
  const celestia = env['FUELRAIL_CELESTIA_NODE'];
  if (appd === undefined || celestia === undefined) return null;
  return { appd, celestia };
}

async function freePorts(count: number): Promise<number[]> {
  const servers = [...Array(count).keys()].map(() => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ports.push((server.address() as { port: number }).port);
  }
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
  return ports;
}

/** Changes lines of a TOML file; each pattern must be there. */
function editFile(path: string, edits: readonly (readonly [RegExp, string])[]): void {
  let text = readFileSync(path, 'utf8');
  for (const [pattern, replacement] of edits) {
    if (!pattern.test(text)) throw new Error(`${path} has no ${pattern}`);
    text = text.replace(pattern, replacement);
  }
  writeFileSync(path, text);
}

/** Asks until there is an answer. @param logPath what the process writes, for the error */
async function untilAnswered<T>(logPath: string, ask: () => Promise<T | null>): Promise<T> {
  const untilMs = Date.now() + START_MS_MAX;
  for (;;) {
    const answer = await ask().catch(() => null);
    if (answer !== null) return answer;
    if (Date.now() > untilMs) {
      const log = readFileSync(logPath, 'utf8').slice(-LOG_CHARACTERS);
      throw new Error(`no answer in ${START_MS_MAX} ms; ${logPath} ends with:\n${log}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function end(child: ChildProcess | null, signal: NodeJS.Signals): Promise<void> {
  if (child === null || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await gone;
}

export class CelestiaDevnet {
  /** JSON-RPC of the bridge node. */
  readonly url: string;
  /** CometBFT RPC of the validator. */
  readonly consensusUrl: string;
  /** May do everything on the bridge. */
  token = '';
  readonly directory: string;
  readonly #binaries: CelestiaBinaries;
  readonly #ports: {
    rpc: number;
    p2p: number;
    grpc: number;
    core: number;
    bridge: number;
  };
  #custom = '';
  #validator: ChildProcess | null = null;
  #bridge: ChildProcess | null = null;

  private constructor(binaries: CelestiaBinaries, ports: number[]) {
    const [rpc, p2p, grpc, core, bridge] = ports as [number, number, number, number, number];
    this.#ports = { rpc, p2p, grpc, core, bridge };
    this.#binaries = binaries;
    this.directory = mkdtempSync(join(tmpdir(), 'fuelrail-devnet-'));
    this.url = `http://127.0.0.1:${bridge}`;
    this.consensusUrl = `http://127.0.0.1:${rpc}`;
  }

  /** The bridge's account and that of {@link CELESTIA_PAYER_KEY} have funds from the start. */
  static async start(binaries: CelestiaBinaries): Promise<CelestiaDevnet> {
    const devnet = new CelestiaDevnet(binaries, await freePorts(5));
    try {
      const bridgeAddress = await devnet.#initBridge();
      await devnet.#initChain([bridgeAddress, payerAddress()]);
      await devnet.startValidator();
      devnet.#custom = `${CHAIN_ID}:${await devnet.#firstBlockHash()}`;
      const { stdout } = await devnet.#node('bridge', 'auth', 'admin');
      devnet.token = stdout.trim().split('\n').at(-1)!;
      await devnet.startBridge();
      return devnet;
    } catch (error) {
      await devnet.stop();
      throw error;
    }
  }

  #app(...args: string[]): Promise<{ stdout: string; stderr: string }> {
    const home = ['--home', join(this.directory, 'app')];
    return run(this.#binaries.appd, [...args, ...home], { maxBuffer: 1 << 24 });
  }

  #storeFlags(): string[] {
    return ['--node.store', join(this.directory, 'bridge'), '--p2p.network', 'private'];
  }

  #node(...args: string[]): Promise<{ stdout: string; stderr: string }> {
    return run(this.#binaries.celestia, [...args, ...this.#storeFlags()], { env: this.#env() });
  }

  #env(): NodeJS.ProcessEnv {
    return { ...process.env, HOME: this.directory, CELESTIA_CUSTOM: this.#custom };
  }

  /** @returns the address of the account that the bridge pays from */
  async #initBridge(): Promise<string> {
    const { stdout, stderr } = await this.#node('bridge', 'init');
    const address = /ADDRESS: (celestia1\w+)/.exec(stdout + stderr)?.[1];
    if (address === undefined) throw new Error(`celestia bridge init names no address: ${stderr}`);
    const listen = 'ListenAddresses = ["/ip4/127.0.0.1/tcp/0"]';
    editFile(join(this.directory, 'bridge', 'config.toml'), [[/ListenAddresses = .*/, listen]]);
    return address;
  }

  async #initChain(funded: readonly string[]): Promise<void> {
    const keyring = ['--keyring-backend', 'test'];
    await this.#app('init', 'dev', '--chain-id', CHAIN_ID);
    await this.#app('keys', 'add', 'validator', ...keyring);
    for (const who of ['validator', ...funded]) {
      await this.#app('genesis', 'add-genesis-account', who, FUNDS, ...keyring);
    }
    const gentx = ['--chain-id', CHAIN_ID, '--commission-rate', '0.20', '--fees', '1000utia'];
    await this.#app('genesis', 'gentx', 'validator', STAKE, ...keyring, ...gentx);
    await this.#app('genesis', 'collect-gentxs');
    editFile(join(this.directory, 'app', 'config', 'config.toml'), [
      [/^indexer = .*/m, 'indexer = "kv"'],
      [/^pex = .*/m, 'pex = false'],
      [/^discard_abci_responses = .*/m, 'discard_abci_responses = false'],
      [/^pprof_laddr = .*/m, 'pprof_laddr = ""'],
    ]);
  }

  #logPath(name: 'validator' | 'bridge'): string {
    return join(this.directory, `${name}.log`);
  }

  /** Starts the validator, or starts it again. */
  async startValidator(): Promise<void> {
    const { rpc, p2p, grpc, core } = this.#ports;
    const at = (flag: string, port: number): string[] => [flag, `tcp://127.0.0.1:${port}`];
    const listen = [
      ...at('--rpc.laddr', rpc),
      ...at('--p2p.laddr', p2p),
      ...at('--rpc.grpc_laddr', core),
      ...['--grpc.enable', '--grpc.address', `127.0.0.1:${grpc}`, '--grpc-web.enable=false'],
    ];
    const home = ['--home', join(this.directory, 'app')];
    const args = ['start', ...home, ...listen, '--delayed-precommit-timeout', '1s'];
    const log = openSync(this.#logPath('validator'), 'a');
    this.#validator = spawn(this.#binaries.appd, args, { stdio: ['ignore', log, log] });
    await this.#firstBlockHash();
  }

  #firstBlockHash(): Promise<string> {
    return untilAnswered(this.#logPath('validator'), async () => {
      const answer = await fetch(`${this.consensusUrl}/block?height=1`);
      const body = (await answer.json()) as { result?: { block_id: { hash: string } } };
      return body.result?.block_id.hash || null;
    });
  }

  /** Starts the bridge, or starts it again. */
  async startBridge(): Promise<void> {
    const core = ['--core.ip', '127.0.0.1', '--core.port', String(this.#ports.grpc)];
    const rpc = ['--rpc.addr', '127.0.0.1', '--rpc.port', String(this.#ports.bridge)];
    const args = ['bridge', 'start', ...this.#storeFlags(), ...core, ...rpc];
    const log = openSync(this.#logPath('bridge'), 'a');
    const stdio = ['ignore', log, log] as const;
    this.#bridge = spawn(this.#binaries.celestia, args, { stdio: [...stdio], env: this.#env() });
    await untilAnswered(this.#logPath('bridge'), async () => {
      const answer = await this.call<{ header: { height: string } }>('header.LocalHead', []);
      return answer.header.height;
    });
  }

  /** As after a crash. */
  async killBridge(): Promise<void> {
    await end(this.#bridge, 'SIGKILL');
  }

  /** The chain stands still, and the processes stay. */
  pauseValidator(isPaused: boolean): void {
    this.#validator?.kill(isPaused ? 'SIGSTOP' : 'SIGCONT');
  }

  /** One call of the bridge. @throws Error with the node's message */
  async call<T>(method: string, params: unknown): Promise<T> {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    const answer = (await response.json()) as { result: T; error?: { message: string } };
    if (answer.error) throw new Error(answer.error.message);
    return answer.result;
  }

  /** Ends both processes and removes their files. */
  async stop(): Promise<void> {
    this.pauseValidator(false);
    await end(this.#bridge, 'SIGKILL');
    await end(this.#validator, 'SIGKILL');
    rmSync(this.directory, { recursive: true, force: true });
  }
}
