/** `fuelrail` as a process, with a wallet of its own and the key and portal of a bridge's user. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { ANVIL_KEYS } from './anvil.ts';
import { USER, type World } from './bridgeWorld.ts';
import { ROOT } from './nodeProcess.ts';

const PHRASE = 'test test test test test test test test test test test junk';
/** Account 0 of the wallet. */
export const OWNER = '0xe1ce3d6c151761f3dfade07963ee4e87ed63cb888f90a6518e3e15c5445895db';

export type Ran = { readonly code: number; readonly out: string; readonly err: string };

export function bridgeCommand(
  { anvil, bridge, provider }: World,
  t: Pick<TestContext, 'after'>,
): (...args: string[]) => Promise<Ran> {
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
  return (...args) => {
    const all = [join(ROOT, 'bin', 'fuelrail.js'), ...args, '--path', join(folder, 'w')];
    return new Promise((resolve) => {
      execFile(process.execPath, all, { env }, (error, out, err) => {
        resolve({ code: error === null ? 0 : Number(error.code), out, err });
      });
    });
  };
}
