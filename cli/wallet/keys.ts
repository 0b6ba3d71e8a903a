/** Commands about the wallet itself: create, import, list, accounts, address, export. */
import { readdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bytesToHex } from '../../primitives/bytes.ts';
import type { Address } from '../../primitives/types.ts';
import { checkMnemonic, newMnemonic } from '../../sdk/keys/mnemonic.ts';
import { progressOnTerminal } from '../progress.ts';
import { askPassword, askPhrase, confirm, isInteractive } from './ask.ts';
import { addressOf, parseIndex, print, table, type WalletFlags } from './context.ts';
import { usage } from './errors.ts';
import {
  createWallet,
  type KnownAccounts,
  knownAccounts,
  openWallet,
  readKeystore,
  rememberAccounts,
  walletExists,
} from './file.ts';

const ACCOUNTS_AT_ONCE_MAX = 1_000;

type CreateFlags = WalletFlags & { words: string; replace?: boolean; phraseOut?: string };

async function store(
  flags: WalletFlags & { replace?: boolean },
  phrase: string,
): Promise<{ address: Address; keptAs: string | null }> {
  if (flags.replace && (await walletExists(flags.path))) {
    await confirm(`Replace the wallet at ${flags.path}? The old file is kept.`, flags.yes === true);
  }
  const password = await askPassword(flags.passwordFile, true);
  const { keptAs } = await createWallet(flags.path, phrase, {
    password,
    replace: flags.replace === true,
  });
  const { account } = await openWallet(flags.path, password);
  const { address } = account(0);
  await rememberAccounts(flags.path, new Map([[0, address]]));
  return { address, keptAs };
}

const keptText = (keptAs: string | null): string =>
  keptAs === null ? '' : `\nold wallet kept as ${keptAs}`;

/** `wallet create`: the phrase is shown once, to a person, or goes to a private file. */
export async function create(flags: CreateFlags): Promise<void> {
  if (flags.phraseOut === undefined && !isInteractive()) {
    usage(
      'the recovery phrase can be shown to nobody: add --phrase-out <file> (readable by you only)',
    );
  }
  const phrase = newMnemonic(Number(flags.words));
  const { address, keptAs } = await store(flags, phrase);
  if (flags.phraseOut !== undefined) {
    await writeFile(flags.phraseOut, `${phrase}\n`, { mode: 0o600, flag: 'wx' });
  } else {
    process.stdout.write(
      `Write these ${flags.words} words down; who has them has the funds:\n\n  ${phrase}\n\n`,
    );
  }
  print(
    flags,
    { path: flags.path, address, phraseFile: flags.phraseOut ?? null, keptAs },
    `wallet at ${flags.path}\naccount 0  ${address}${keptText(keptAs)}`,
  );
}

/** `wallet import`: from a recovery phrase. */
export async function importWallet(
  flags: WalletFlags & { phraseFile?: string; replace?: boolean },
): Promise<void> {
  const phrase = checkMnemonic(await askPhrase(flags.phraseFile));
  const { address, keptAs } = await store(flags, phrase);
  print(
    flags,
    { path: flags.path, address, keptAs },
    `wallet at ${flags.path}\naccount 0  ${address}${keptText(keptAs)}`,
  );
}

/** `wallet list`: keystores in the folder of `--path`, or in `--path` when it is a folder. */
export async function list(flags: WalletFlags): Promise<void> {
  const isFolder = (await stat(flags.path).catch(() => null))?.isDirectory() === true;
  const folder = isFolder ? flags.path : dirname(flags.path);
  const names = await readdir(folder).catch(() => [] as string[]);
  const wallets: { path: string; accounts: number }[] = [];
  for (const name of names.sort()) {
    const path = join(folder, name);
    const keystore = await readKeystore(path).catch(() => null);
    if (keystore?.version !== 3 || keystore.crypto === undefined) continue;
    wallets.push({ path, accounts: (await knownAccounts(path)).size });
  }
  const rows = wallets.map(({ path, accounts }) => [path, String(accounts)]);
  const none = `no wallets in ${folder}; make one with 'fuelrail wallet create'`;
  print(flags, { wallets }, rows.length === 0 ? none : table(['wallet', 'known accounts'], rows));
}

async function derive(flags: WalletFlags, indexes: readonly number[]): Promise<KnownAccounts> {
  const wallet = await openWallet(flags.path, await askPassword(flags.passwordFile, false));
  const progress = progressOnTerminal({ total: indexes.length, unit: 'accounts' });
  const added = new Map<number, Address>();
  for (const index of indexes) {
    added.set(index, wallet.account(index).address);
    progress.advance(1);
  }
  progress.end();
  await rememberAccounts(flags.path, added);
  return added;
}

/** `wallet accounts`: known addresses; `--new` derives the next one, `--derive n` the first n. */
export async function accounts(
  flags: WalletFlags & { new?: boolean; derive?: string },
): Promise<void> {
  await readKeystore(flags.path);
  const known = await knownAccounts(flags.path);
  if (flags.new) await derive(flags, [Math.max(-1, ...known.keys()) + 1]);
  else if (flags.derive !== undefined) {
    const count = parseIndex(flags.derive);
    if (count < 1 || count > ACCOUNTS_AT_ONCE_MAX) {
      usage(`--derive goes from 1 to ${ACCOUNTS_AT_ONCE_MAX}`);
    }
    await derive(
      flags,
      Array.from({ length: count }, (_, i) => i),
    );
  } else if (known.size === 0) await derive(flags, [0]);
  const all = [...(await knownAccounts(flags.path))].sort(([a], [b]) => a - b);
  print(
    flags,
    { accounts: all.map(([index, address]) => ({ index, address })) },
    table(
      ['account', 'address'],
      all.map(([index, address]) => [String(index), address]),
    ),
  );
}

/** `wallet address`: one address, as a QR code on request. */
export async function address(
  flags: WalletFlags & { account: string; qr?: boolean },
): Promise<void> {
  const index = parseIndex(flags.account);
  const owner = await addressOf(flags, index);
  let text: string = owner;
  if (flags.qr) {
    const { renderUnicodeCompact } = await import('uqr');
    text = `${renderUnicodeCompact(owner)}\n${owner}`;
  }
  print(flags, { account: index, address: owner }, text);
}

/** `wallet export`: the phrase, or the key of one account; to a person or a private file. */
export async function exportSecret(
  flags: WalletFlags & { account?: string; out?: string },
): Promise<void> {
  await readKeystore(flags.path);
  if (flags.out === undefined && !isInteractive()) {
    usage('a secret is only shown to a person: add --out <file> (readable by you only)');
  }
  const what = flags.account === undefined ? 'recovery phrase' : `key of account ${flags.account}`;
  if (flags.out === undefined) {
    await confirm(`Show the ${what}? Nobody should be looking.`, flags.yes === true);
  }
  const wallet = await openWallet(flags.path, await askPassword(flags.passwordFile, false));
  const secret =
    flags.account === undefined
      ? wallet.phrase
      : bytesToHex(wallet.account(parseIndex(flags.account)).secret);
  if (flags.out === undefined) {
    process.stdout.write(`${secret}\n`);
    return;
  }
  await writeFile(flags.out, `${secret}\n`, { mode: 0o600, flag: 'wx' });
  print(flags, { file: flags.out }, `${what} written to ${flags.out}`);
}
