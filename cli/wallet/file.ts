/**
 * The wallet on disk: a keystore file with the recovery phrase, and beside it the addresses that
 * were derived so far, so that balances need no password.
 *
 * The keystore is forc-wallet's, at its place: `~/.fuel/wallets/.wallet`.
 */
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { isB256 } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import type { Address } from '../../primitives/types.ts';
import { decryptKeystore, encryptKeystore, type Keystore } from '../../sdk/keys/keystore.ts';
import { type AccountSource, accountsOf } from '../../sdk/keys/mnemonic.ts';

/** Where wallets are looked for. */
export function defaultWalletPath(): string {
  return join(homedir(), '.fuel', 'wallets', '.wallet');
}

/** Index → address. */
export type KnownAccounts = ReadonlyMap<number, Address>;

const PRIVATE_FILE = 0o600;
const PRIVATE_DIRECTORY = 0o700;

function accountsPath(walletPath: string): string {
  return `${walletPath}.accounts.json`;
}

/** Whole or not at all, and readable by the owner only. */
async function writePrivately(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: PRIVATE_DIRECTORY });
  const temporary = `${path}.${process.pid}.new`;
  const file = await open(temporary, 'w', PRIVATE_FILE);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

export async function walletExists(path: string): Promise<boolean> {
  try {
    return (await readFile(path)).length > 0;
  } catch {
    return false;
  }
}

/**
 * Encrypts a phrase into a new file.
 * @throws CodedError WALLET_EXISTS: never overwrites, unless `replace`; then the old file is kept
 * beside it under a name with its date
 */
export async function createWallet(
  path: string,
  phrase: string,
  options: { readonly password: string; readonly replace: boolean },
): Promise<{ keptAs: string | null }> {
  let keptAs: string | null = null;
  if (await walletExists(path)) {
    if (!options.replace) {
      throw new CodedError(
        'WALLET_EXISTS',
        `there is a wallet at ${path}; choose another --path, or --replace it (the old file is kept)`,
      );
    }
    keptAs = `${path}.${new Date().toISOString().replace(/[:.]/g, '-')}.old`;
    await rename(path, keptAs);
    await rm(accountsPath(path), { force: true });
  }
  const keystore = await encryptKeystore(phrase, options.password);
  await writePrivately(path, `${JSON.stringify(keystore)}\n`);
  return { keptAs };
}

/** @throws CodedError WALLET_MISSING, KEYSTORE_INVALID */
export async function readKeystore(path: string): Promise<Keystore> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new CodedError(
      'WALLET_MISSING',
      `no wallet at ${path}; make one with 'fuelrail wallet create' or 'fuelrail wallet import'`,
      { path },
      cause,
    );
  }
  try {
    return JSON.parse(text) as Keystore;
  } catch (cause) {
    throw new CodedError('KEYSTORE_INVALID', `${path} is no JSON file`, { path }, cause);
  }
}

/** @throws CodedError WALLET_MISSING, KEYSTORE_INVALID, KEYSTORE_PASSWORD, MNEMONIC_INVALID */
export async function openWallet(
  path: string,
  password: string,
): Promise<{ phrase: string; account: AccountSource }> {
  const secret = await decryptKeystore(await readKeystore(path), password);
  const phrase = new TextDecoder().decode(secret);
  return { phrase, account: await accountsOf(phrase) };
}

/** Addresses that were derived from this wallet so far; a damaged list is as good as none. */
export async function knownAccounts(path: string): Promise<KnownAccounts> {
  const known = new Map<number, Address>();
  try {
    const { id } = await readKeystore(path);
    const list = JSON.parse(await readFile(accountsPath(path), 'utf8')) as {
      keystore?: string;
      accounts?: Record<string, string>;
    };
    // Another wallet was put in this one's place.
    if (list.keystore !== id) return known;
    for (const [index, address] of Object.entries(list.accounts ?? {})) {
      if (isB256(address)) known.set(Number(index), address);
    }
  } catch {
    return known;
  }
  return known;
}

/** Adds to the list of derived addresses. */
export async function rememberAccounts(path: string, added: KnownAccounts): Promise<void> {
  const { id } = await readKeystore(path);
  const all = new Map([...(await knownAccounts(path)), ...added]);
  const accounts = Object.fromEntries([...all].sort(([a], [b]) => a - b));
  await writePrivately(accountsPath(path), `${JSON.stringify({ keystore: id, accounts })}\n`);
}
