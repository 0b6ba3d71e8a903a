/** `fuelrail` as a process, with a wallet of its own and the key and portal of a bridge's user. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { accountsOf } from '../../sdk/keys/mnemonic.ts';
import { ANVIL_KEYS } from './anvil.ts';
import { USER, type World } from './bridgeWorld.ts';
import type { Key } from './funded.ts';
import { ROOT } from './nodeProcess.ts';

const PHRASE = 'test test test test test test test test test test test junk';
/** Account 0 of the wallet. */
export const OWNER = '0xe1ce3d6c151761f3dfade07963ee4e87ed63cb888f90a6518e3e15c5445895db';

/** Its key. */
export async function ownerKey(): Promise<Key> {
  const { secret, address } = (await accountsOf(PHRASE))(0);
  return { secret, address };
}

export type Ran = { readonly code: number; readonly out: string; readonly err: string };

/** A command that runs. */
export type Running = {
  readonly ended: Promise<Ran>;
  /** Resolves once it has said so on stderr; fails when it ends without. */
  said(what: RegExp): Promise<void>;
};

export type BridgeCommand = {
  (...args: string[]): Promise<Ran>;
  start(...args: string[]): Running;
};

export function bridgeCommand(
  { anvil, bridge, provider }: Pick<World, 'anvil' | 'bridge' | 'provider'>,
  t: Pick<TestContext, 'after'>,
): BridgeCommand {
  const folder = mkdtempSync(join(tmpdir(), 'bridge-cli-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const env = {
    ...process.env,
    FUELRAIL_NODE_URL: provider.url,
    FUELRAIL_WALLET_PASSWORD: 'pw',
    FUELRAIL_WALLET_PHRASE: PHRASE,
    FUELRAIL_L1_RPC: anvil.url,
    FUELRAIL_L1_PORTAL: bridge.portal,
    FUELRAIL_L1_KEY: ANVIL_KEYS[USER],
    FUELRAIL_BRIDGE_POLL_MS: '100',
  };
  const start = (...args: string[]): Running => {
    const all = [join(ROOT, 'bin', 'fuelrail.js'), ...args, '--path', join(folder, 'w')];
    let heard = '';
    let listener = (): void => {};
    let isOver = false;
    const ended = new Promise<Ran>((resolve) => {
      const child = execFile(process.execPath, all, { env }, (error, out, err) => {
        isOver = true;
        listener();
        resolve({ code: error === null ? 0 : Number(error.code), out, err });
      });
      child.stderr?.on('data', (chunk: string) => {
        heard += chunk;
        listener();
      });
    });
    return {
      ended,
      said: (what) =>
        new Promise((resolve, reject) => {
          listener = () => {
            if (what.test(heard)) resolve();
            else if (isOver) reject(new Error(`it ended without saying ${what}: ${heard}`));
          };
          listener();
        }),
    };
  };
  return Object.assign((...args: string[]) => start(...args).ended, { start });
}
