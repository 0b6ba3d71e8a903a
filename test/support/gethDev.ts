/** A real geth on loopback, from the binary that FUELRAIL_GETH names. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonRpc, type Rpc } from '../../da/rpc.ts';
import type { Hex } from '../../primitives/types.ts';

const START_MS_MAX = 30_000;
const never = new AbortController().signal;

/** null: none is named. */
export function gethPath(env: NodeJS.ProcessEnv = process.env): string | null {
  return env['FUELRAIL_GETH'] ?? null;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export class GethDev {
  readonly url: string;
  readonly rpc: Rpc;
  readonly #child: ChildProcess;
  readonly #directory: string;

  private constructor(child: ChildProcess, port: number, directory: string) {
    this.#child = child;
    this.#directory = directory;
    this.url = `http://127.0.0.1:${port}`;
    this.rpc = jsonRpc({ url: this.url, token: null, layer: 'ethereum' });
  }

  /** @param periodSeconds time between blocks: transactions wait in the pool so long */
  static async start(path: string, periodSeconds: number): Promise<GethDev> {
    const directory = mkdtempSync(join(tmpdir(), 'fuelrail-geth-'));
    const [port, authPort] = [await freePort(), await freePort()];
    const http = ['--http', '--http.port', `${port}`, '--http.api', 'eth,txpool'];
    const closed = ['--port', '0', '--nodiscover', '--ipcdisable', '--authrpc.port', `${authPort}`];
    const args = ['--dev', '--dev.period', `${periodSeconds}`, '--datadir', directory];
    const log = openSync(join(directory, 'log'), 'a');
    const child = spawn(path, [...args, ...http, ...closed], { stdio: ['ignore', log, log] });
    const geth = new GethDev(child, port, directory);
    const untilMs = Date.now() + START_MS_MAX;
    for (;;) {
      const height = await geth.ask<Hex>('eth_blockNumber').catch(() => null);
      // The first block begins the fork that has blobs.
      if (height !== null && BigInt(height) > 0n) return geth;
      if (Date.now() > untilMs) {
        const text = readFileSync(join(directory, 'log'), 'utf8').slice(-2_000);
        await geth.stop();
        throw new Error(`geth did not come up; its log ends with:\n${text}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async ask<T>(method: string, params: readonly unknown[] = []): Promise<T> {
    return await this.rpc<T>(method, params, never);
  }

  /** An ordinary transaction of the account that geth holds. @returns when it is mined */
  async fund(to: Hex, wei: bigint): Promise<void> {
    const [from] = await this.ask<Hex[]>('eth_accounts');
    const value = `0x${wei.toString(16)}`;
    const hash = await this.ask<Hex>('eth_sendTransaction', [{ from, to, value }]);
    while ((await this.ask('eth_getTransactionReceipt', [hash])) === null) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await gone;
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
