/** What every wallet command shares: options, the node, the account, and how results are shown. */
import type { Command } from 'commander';
import { isB256 } from '../../primitives/bytes.ts';
import type { Address, B256 } from '../../primitives/types.ts';
import { type Client, createClient } from '../../sdk/client/graphql.ts';
import type { DerivedAccount } from '../../sdk/keys/mnemonic.ts';
import { askPassword } from './ask.ts';
import { usage } from './errors.ts';
import {
  defaultWalletPath,
  knownAccounts,
  openWallet,
  readKeystore,
  rememberAccounts,
} from './file.ts';

/** Environment twin of `--url`. */
export const NODE_URL_VARIABLE: string = 'FUELRAIL_NODE_URL';
export const DEFAULT_NODE_URL: string = 'http://127.0.0.1:4000';

/** Options of `fuelrail wallet`, given before or after the command's name. */
export type WalletFlags = {
  readonly path: string;
  readonly url: string;
  readonly passwordFile?: string;
  readonly json?: boolean;
  readonly yes?: boolean;
};

/** Adds the shared options to a command. */
export function withSharedOptions(command: Command): Command {
  return command
    .option('--path <file>', 'the wallet', defaultWalletPath())
    .option('--url <url>', 'the node', process.env[NODE_URL_VARIABLE] ?? DEFAULT_NODE_URL)
    .option('--password-file <file>', 'a file that holds the password')
    .option('--json', 'one JSON object on stdout')
    .option('-y, --yes', 'do not ask for confirmation');
}

export function clientOf(flags: WalletFlags): Client {
  return createClient({ url: flags.url });
}

/** @throws CodedError CLI_USAGE */
export function parseIndex(text: string): number {
  if (!/^\d{1,10}$/.test(text)) return usage(`--account is a number from 0, not '${text}'`);
  return Number(text);
}

/** @throws CodedError CLI_USAGE */
export function parseAddress(what: string, text: string): Address {
  const address = text.toLowerCase();
  if (isB256(address)) return address;
  const hint = text.startsWith('fuel1') ? ' (the old fuel1… form is no longer used)' : '';
  return usage(`${what} is an address of 0x and 64 hex digits, not '${text}'${hint}`);
}

/** @param what such as `a transaction` @throws CodedError CLI_USAGE */
export function parseId(what: string, text: string): B256 {
  const id = text.toLowerCase();
  if (isB256(id)) return id;
  const subject = what.startsWith('--') ? what : `${what} id`;
  return usage(`${subject} is 0x and 64 hex digits, not '${text}'`);
}

/** Opens the wallet and derives one account; asks for the password. */
export async function unlock(flags: WalletFlags, index: number): Promise<DerivedAccount> {
  await readKeystore(flags.path);
  const wallet = await openWallet(flags.path, await askPassword(flags.passwordFile, false));
  const account = wallet.account(index);
  await rememberAccounts(flags.path, new Map([[index, account.address]]));
  return account;
}

/** The address of an account; needs the password only when it was never derived before. */
export async function addressOf(flags: WalletFlags, index: number): Promise<Address> {
  await readKeystore(flags.path);
  const known = (await knownAccounts(flags.path)).get(index);
  return known ?? (await unlock(flags, index)).address;
}

/** JSON for programs (numbers beyond 2^53 as text), the text for people. */
export function print(flags: { readonly json?: boolean }, json: unknown, text: string): void {
  const line = flags.json ? JSON.stringify(json, jsonValue) : text;
  process.stdout.write(`${line}\n`);
}

function jsonValue(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

/** Columns as wide as their longest cell. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, i) => Math.max(...all.map((row) => (row[i] ?? '').length)));
  return all
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** `2026-01-31T12:00:00Z` */
export function timeText(unixSeconds: bigint): string {
  return new Date(Number(unixSeconds) * 1000).toISOString().replace('.000Z', 'Z');
}
