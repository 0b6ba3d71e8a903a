/**
 * Recovery phrases and the accounts that follow from them.
 *
 * @source BIP-39 (phrases), BIP-32 (derivation), SLIP-44 coin type 1179993420; the paths are those
 * of forc-wallet and of the browser wallet, so one phrase gives the same accounts everywhere
 */
import { HDKey } from '@scure/bip32';
import { generateMnemonic, mnemonicToSeed, validateMnemonic } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { assert, CodedError } from '../../primitives/errors.ts';
import { addressOfSecret } from '../../primitives/secp256k1.ts';
import type { Address } from '../../primitives/types.ts';

/** Words of a phrase → bits of entropy. */
const BITS_OF_WORDS: Readonly<Record<number, number>> = {
  12: 128,
  15: 160,
  18: 192,
  21: 224,
  24: 256,
};
/** Hardened path elements go up to 2^31 − 1. */
export const ACCOUNT_INDEX_MAX: number = 0x7fff_ffff;

/** An account of a phrase. `secret` has 32 bytes. */
export type DerivedAccount = {
  readonly index: number;
  readonly path: string;
  readonly address: Address;
  readonly secret: Uint8Array;
};

/**
 * A fresh phrase from the platform's secure random source.
 * @param words 12, 15, 18, 21 or 24
 * @throws CodedError MNEMONIC_LENGTH
 */
export function newMnemonic(words: number = 24): string {
  const bits = BITS_OF_WORDS[words];
  if (bits === undefined) {
    throw new CodedError(
      'MNEMONIC_LENGTH',
      `a phrase has 12, 15, 18, 21 or 24 words, not ${words}`,
    );
  }
  return generateMnemonic(wordlist, bits);
}

/**
 * The phrase in its normal form: lower case, one blank between words.
 * @throws CodedError MNEMONIC_INVALID: says which word is unknown, or that the checksum is wrong
 */
export function checkMnemonic(text: string): string {
  const words = text.normalize('NFKD').toLowerCase().trim().split(/\s+/);
  if (BITS_OF_WORDS[words.length] === undefined) {
    throw new CodedError(
      'MNEMONIC_INVALID',
      `a recovery phrase has 12, 15, 18, 21 or 24 words; this one has ${words.length}`,
    );
  }
  const unknown = words.findIndex((word) => !wordlist.includes(word));
  if (unknown >= 0) {
    throw new CodedError(
      'MNEMONIC_INVALID',
      `word ${unknown + 1} of the recovery phrase is not in the English BIP-39 list; look for a typing mistake`,
      { word: unknown + 1 },
    );
  }
  const phrase = words.join(' ');
  if (!validateMnemonic(phrase, wordlist)) {
    throw new CodedError(
      'MNEMONIC_INVALID',
      'the checksum of the recovery phrase does not hold: a word is wrong or out of place',
    );
  }
  return phrase;
}

/** `m/44'/1179993420'/index'/0/0`. */
export function accountPath(index: number): string {
  return `m/44'/1179993420'/${index}'/0/0`;
}

/** Makes accounts of one phrase; the slow step (2,048 rounds of a hash) is done once. */
export type AccountSource = (index: number) => DerivedAccount;

/**
 * @throws CodedError MNEMONIC_INVALID; the returned function throws ACCOUNT_INDEX
 */
export async function accountsOf(mnemonic: string): Promise<AccountSource> {
  const root = HDKey.fromMasterSeed(await mnemonicToSeed(checkMnemonic(mnemonic)));
  return (index) => {
    if (!Number.isInteger(index) || index < 0 || index > ACCOUNT_INDEX_MAX) {
      throw new CodedError('ACCOUNT_INDEX', `account numbers go from 0 to ${ACCOUNT_INDEX_MAX}`);
    }
    const path = accountPath(index);
    const { privateKey } = root.derive(path);
    assert(privateKey !== null, 'a derived key has a secret');
    return { index, path, address: addressOfSecret(privateKey), secret: privateKey };
  };
}
