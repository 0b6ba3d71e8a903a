/** What `fuelrail dev …` does and prints. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesToHex } from '../primitives/bytes.ts';
import { CodedError } from '../primitives/errors.ts';
import type { B256, UtxoKey } from '../primitives/types.ts';
import { getChainInfo } from '../sdk/client/chain.ts';
import { createClient } from '../sdk/client/graphql.ts';
import {
  type DevClient,
  type DevStatus,
  devClient,
  type SnapshotFiles,
} from '../sdk/dev/client.ts';
import { BASE_DECIMALS, parseAmount } from './wallet/amounts.ts';
import { usage } from './wallet/errors.ts';

type Flags = { readonly url: string; readonly json?: boolean };

/** Files of a dump; the bytecode of the state transition is never executed and left out. */
const DUMP_FILES: readonly (keyof SnapshotFiles)[] = [
  'metadata.json',
  'chain_config.json',
  'state_config.json',
];

const clientOf = (flags: Flags): DevClient => devClient(flags.url);

function print({ json }: Flags, answer: unknown, text: string): void {
  process.stdout.write(`${json ? JSON.stringify(answer) : text}\n`);
}

function statusText(status: DevStatus): string {
  const at = (seconds: number): string => new Date(seconds * 1000).toISOString();
  const lines = [
    `height        ${status.height}, at ${at(status.blockUnixSeconds)}`,
    `clock         ${status.clock}, ${at(status.clockUnixSeconds)}`,
    `blocks        ${status.autoMine ? 'by themselves' : 'by fuelrail dev mine only'}`,
    `snapshots     ${status.snapshots.length === 0 ? 'none' : status.snapshots.join(', ')}`,
  ];
  for (const owner of status.impersonated) lines.push(`impersonated  ${owner}`);
  if (status.fork !== null) {
    const { url, height, fetched, cached, offline } = status.fork;
    const how = offline ? 'offline' : `${fetched} fetched`;
    lines.push(`fork          of ${url} at ${height}: ${how}, ${cached} from the cache`);
  }
  return lines.join('\n');
}

function hex<T extends `0x${string}`>(what: string, text: string | undefined, bytes: number): T {
  const digits = (text ?? '').toLowerCase().replace(/^0x/, '');
  if (digits.length === 2 * bytes && /^[0-9a-f]*$/.test(digits)) return `0x${digits}` as T;
  const given = text === undefined ? 'and is missing' : `not '${text}'`;
  return usage(`${what} is ${bytes} bytes as ${2 * bytes} hex digits, ${given}`);
}
const id = (what: string, text: string | undefined): B256 => hex<B256>(what, text, 32);

function whole(what: string, text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  return usage(`${what} is a whole number, not '${text}'`);
}
function units(what: string, text: string | undefined): bigint {
  if (text !== undefined && /^\d{1,20}$/.test(text)) return BigInt(text);
  return usage(`${what} is a whole number of units, not '${text ?? ''}'`);
}

export async function devStatus(flags: Flags): Promise<void> {
  const status = await clientOf(flags).status();
  print(flags, status, statusText(status));
}

export async function devSnapshot(flags: Flags): Promise<void> {
  const snapshot = await clientOf(flags).snapshot();
  print(flags, { snapshot }, String(snapshot));
}
export async function devRevert(text: string, flags: Flags): Promise<void> {
  const status = await clientOf(flags).revert(whole('the snapshot', text));
  print(flags, status, statusText(status));
}
export async function devDrop(text: string, flags: Flags): Promise<void> {
  await clientOf(flags).dropSnapshot(whole('the snapshot', text));
  print(flags, {}, `snapshot ${text} is forgotten`);
}

export async function devDump(directory: string, flags: Flags): Promise<void> {
  const files = await clientOf(flags).dump();
  mkdirSync(directory, { recursive: true });
  for (const name of DUMP_FILES) writeFileSync(join(directory, name), files[name]);
  print(flags, { directory }, `written: fuelrail run --dev --snapshot ${directory}`);
}

/** @throws CodedError CLI_USAGE */
export async function devLoad(directory: string, flags: Flags): Promise<void> {
  const read = (name: string): string => {
    try {
      return readFileSync(join(directory, name), 'utf8');
    } catch {
      return usage(`cannot read ${join(directory, name)}: give a directory that dump has written`);
    }
  };
  const files = Object.fromEntries(DUMP_FILES.map((name) => [name, read(name)]));
  const status = await clientOf(flags).load(files as SnapshotFiles);
  print(flags, status, statusText(status));
}

/** @throws CodedError CLI_USAGE */
export async function devSetTime(text: string, flags: Flags): Promise<void> {
  const isNumber = /^\d+$/.test(text);
  const seconds = isNumber ? whole('the time', text) : Math.floor(Date.parse(text) / 1000);
  if (Number.isNaN(seconds)) {
    usage(`the time is Unix seconds or a date such as 2030-01-01T00:00:00Z, not '${text}'`);
  }
  const status = await clientOf(flags).setTime(seconds);
  print(flags, status, statusText(status));
}
export async function devAdvanceTime(text: string, flags: Flags): Promise<void> {
  const status = await clientOf(flags).advanceTime(whole('seconds', text));
  print(flags, status, statusText(status));
}
export async function devFreezeTime(on: boolean, flags: Flags): Promise<void> {
  const status = await clientOf(flags).freezeTime(on);
  print(flags, status, statusText(status));
}

export async function devMine(count: string, flags: Flags & { interval?: string }): Promise<void> {
  const { interval } = flags;
  const options = interval === undefined ? {} : { intervalSeconds: whole('--interval', interval) };
  const status = await clientOf(flags).mine(whole('count', count), options);
  print(flags, status, statusText(status));
}
export async function devAutoMine(word: string, flags: Flags): Promise<void> {
  if (word !== 'on' && word !== 'off') usage(`say on or off, not '${word}'`);
  const status = await clientOf(flags).autoMine(word === 'on');
  print(flags, status, statusText(status));
}

type FundFlags = Flags & { readonly asset?: string };

export async function devFund(address: string, amount: string, flags: FundFlags): Promise<void> {
  const owner = id('the address', address);
  const asset = flags.asset === undefined ? undefined : id('--asset', flags.asset);
  const value =
    asset === undefined ? parseAmount(amount, BASE_DECIMALS) : units('the amount', amount);
  const utxoId = await clientOf(flags).fund(owner, value, asset);
  print(flags, { utxoId }, `new coin ${utxoId}`);
}

type CoinFlags = Flags & { owner?: string; amount?: string; asset?: string; remove?: boolean };

export async function devSetCoin(text: string, flags: CoinFlags): Promise<void> {
  const utxoId = hex<UtxoKey>('the UTXO id', text, 34);
  const coin = flags.remove
    ? null
    : {
        owner: id('--owner', flags.owner),
        amount: units('--amount', flags.amount),
        assetId:
          flags.asset === undefined
            ? (await getChainInfo(createClient(flags))).baseAssetId
            : id('--asset', flags.asset),
      };
  await clientOf(flags).setCoin(utxoId, coin);
  print(flags, { utxoId }, coin === null ? 'the coin is gone' : 'the coin is there');
}

type MessageFlags = Flags & {
  sender?: string;
  recipient?: string;
  amount?: string;
  data?: `0x${string}`;
  remove?: boolean;
};

export async function devSetMessage(text: string, flags: MessageFlags): Promise<void> {
  const nonce = id('the nonce', text);
  const message = flags.remove
    ? null
    : {
        sender: id('--sender', flags.sender),
        recipient: id('--recipient', flags.recipient),
        amount: units('--amount', flags.amount),
        ...(flags.data === undefined ? {} : { data: flags.data }),
      };
  await clientOf(flags).setMessage(nonce, message);
  print(flags, { nonce }, message === null ? 'the message is gone' : 'the message is there');
}

export async function devSetSlot(
  contract: string,
  key: string,
  value: string | undefined,
  flags: Flags,
): Promise<void> {
  const bytes = value === undefined ? null : (`0x${value.replace(/^0x/, '')}` as const);
  await clientOf(flags).setContractSlot(id('the contract', contract), id('the key', key), bytes);
  print(flags, {}, bytes === null ? 'the slot is empty' : 'the slot is set');
}

export async function devSetBalance(
  contract: string,
  asset: string,
  amount: string,
  flags: Flags,
): Promise<void> {
  const value = units('the amount', amount);
  await clientOf(flags).setContractBalance(
    id('the contract', contract),
    id('the asset', asset),
    value,
  );
  print(flags, {}, `the contract has ${value}`);
}

/** @throws CodedError CLI_USAGE */
export async function devSetContract(file: string, flags: Flags & { id?: string }): Promise<void> {
  let code: Uint8Array;
  try {
    code = new Uint8Array(readFileSync(file));
  } catch (cause) {
    throw new CodedError('CLI_USAGE', `cannot read ${file}: it holds bytecode`, { file }, cause);
  }
  const contractId = await clientOf(flags).setContract({
    code: bytesToHex(code),
    ...(flags.id === undefined ? {} : { contractId: id('--id', flags.id) }),
  });
  print(flags, { contractId }, contractId);
}

export async function devImpersonate(address: string, flags: Flags): Promise<void> {
  await clientOf(flags).impersonate(id('the address', address));
  print(flags, {}, `no signature of ${address} is asked for`);
}
export async function devStopImpersonating(
  address: string | undefined,
  flags: Flags,
): Promise<void> {
  const owner = address === undefined ? undefined : id('the address', address);
  await clientOf(flags).stopImpersonating(owner);
  print(flags, {}, 'signatures are asked for again');
}
