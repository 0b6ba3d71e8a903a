/** What the commands of `fuelrail bridge` share. */
import type { Bridge } from '../../node/bridge.ts';
import type { BlockSource } from '../../node/committedBlocks.ts';
import type { TxId } from '../../primitives/types.ts';
import { createClient } from '../../sdk/client/graphql.ts';
import { getRawBlock } from '../../sdk/client/rawBlocks.ts';
import { parseB256, parseU64 } from '../flagValue.ts';
import { parseL1Address } from '../relayerFlags.ts';
import { clientOf, print, type WalletFlags } from '../wallet/context.ts';
import { usage } from '../wallet/errors.ts';
import { lookAt, standingJson, standingLines, standings } from './standing.ts';
import { waitFor } from './waiting.ts';

/** Environment variable with the key on Ethereum. */
export const KEY_VARIABLE: string = 'FUELRAIL_L1_KEY';

/** Options that all of `bridge` share. */
export type BridgeFlags = WalletFlags & {
  readonly ethereum?: string;
  readonly portal?: string;
  /** The project's own contracts instead of Fuel's portal. */
  readonly settlement?: string;
  readonly deployHeight?: string;
  readonly wait?: boolean;
};

/** @throws CodedError CLI_USAGE, CLI_BAD_VALUE */
export async function open(flags: BridgeFlags): Promise<Bridge> {
  if (flags.ethereum === undefined) usage('name an Ethereum endpoint: --ethereum http://…');
  const key = process.env[KEY_VARIABLE];
  const secret = key === undefined || key === '' ? null : parseB256(KEY_VARIABLE, key);
  const { ethereum: url, settlement, url: node } = flags;
  if (settlement !== undefined) {
    const { openOwnBridge } = await import('../../node/ownBridge.ts');
    return openOwnBridge({
      url,
      settlement: parseL1Address('settlement', settlement),
      deployHeight: parseU64('deploy-height', flags.deployHeight ?? '0'),
      secret,
      source: await blocksOf(node),
    });
  }
  if (flags.portal === undefined) usage('name the portal, --portal 0x…, or --settlement 0x…');
  const { openBridge } = await import('../../node/bridge.ts');
  return openBridge({ url, portal: parseL1Address('portal', flags.portal), secret });
}

/** Blocks and their steps from a node. */
export async function blocksOf(url: string): Promise<BlockSource> {
  const { fetchTrace } = await import('../../node/stateTree/trace.ts');
  const client = createClient({ url });
  return {
    source: (height) => getRawBlock(client, height),
    trace: (height) => fetchTrace(url, height),
  };
}

/** Progress goes to stderr: stdout is for the result. */
export function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Before anything is signed: whoever waits has to be able to ask. null: without `--wait`. */
export async function openForWait(flags: BridgeFlags): Promise<Bridge | null> {
  return flags.wait === true ? await open(flags) : null;
}

/** The end of a withdrawal: at once, or when it can be claimed. */
export async function sent(
  id: TxId,
  facts: object,
  flags: BridgeFlags,
  bridge: Bridge | null,
): Promise<void> {
  const next = `then: fuelrail bridge claim ${id}`;
  if (bridge === null) return print(flags, { id, ...facts }, `sent by ${id}\n${next}`);
  progress(
    `sent by ${id}; it is safe to leave, and to wait with: fuelrail bridge claim ${id} --wait`,
  );
  const client = clientOf(flags);
  const found = await waitFor(async () => lookAt(await standings(bridge, client, id)));
  const messages = standingJson(found.all);
  print(flags, { id, ...facts, messages }, `${standingLines(found)}\n${next}`);
}
