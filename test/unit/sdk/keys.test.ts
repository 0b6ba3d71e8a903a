import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WalletUnlocked } from 'fuels';
import { bytesToHex, utf8 } from '../../../primitives/bytes.ts';
import { decryptKeystore, encryptKeystore } from '../../../sdk/keys/keystore.ts';
import { signerOf, signMessage } from '../../../sdk/keys/message.ts';
import { accountPath, accountsOf, checkMnemonic, newMnemonic } from '../../../sdk/keys/mnemonic.ts';

const PHRASE = 'test test test test test test test test test test test junk';

test('accounts of a phrase are those of the unmodified SDK', async () => {
  const account = await accountsOf(PHRASE);
  for (const index of [0, 1, 7]) {
    const theirs = WalletUnlocked.fromMnemonic(PHRASE, accountPath(index));
    assert.equal(account(index).address, theirs.address.toB256());
    assert.equal(bytesToHex(account(index).secret), theirs.privateKey);
  }
  assert.throws(() => account(-1), { code: 'ACCOUNT_INDEX' });
  assert.throws(() => account(2 ** 31), { code: 'ACCOUNT_INDEX' });
});

test('fresh phrases differ, hold, and have the length asked for', () => {
  for (const words of [12, 15, 18, 21, 24]) {
    const phrase = newMnemonic(words);
    assert.equal(checkMnemonic(phrase).split(' ').length, words);
    assert.notEqual(phrase, newMnemonic(words));
  }
  assert.throws(() => newMnemonic(13), { code: 'MNEMONIC_LENGTH' });
});

test('a wrong phrase is refused, with the place of the mistake', () => {
  assert.equal(checkMnemonic(`  ${PHRASE.toUpperCase().replace(/ /g, '  ')}\n`), PHRASE);
  assert.throws(() => checkMnemonic('test junk'), /this one has 2/);
  assert.throws(() => checkMnemonic(PHRASE.replace('junk', 'junx')), /word 12/);
  assert.throws(() => checkMnemonic(PHRASE.replace('junk', 'test')), /checksum/);
});

test('a keystore opens with its password only, and notices damage', async () => {
  const keystore = await encryptKeystore(PHRASE, 'päss');
  assert.deepEqual(await decryptKeystore(keystore, 'päss'), utf8(PHRASE));
  await assert.rejects(decryptKeystore(keystore, 'pass'), { code: 'KEYSTORE_PASSWORD' });
  const { crypto } = keystore;
  const flipped = crypto.ciphertext.startsWith('00') ? 'ff' : '00';
  const ciphertext = flipped + crypto.ciphertext.slice(2);
  const damaged = { ...keystore, crypto: { ...crypto, ciphertext } };
  await assert.rejects(decryptKeystore(damaged, 'päss'), { code: 'KEYSTORE_PASSWORD' });
});

test('a file that is no keystore, or asks for too much work, is refused before any work', async () => {
  const { crypto, ...rest } = await encryptKeystore('x', 'x');
  const kdfparams = (change: object): unknown => ({
    ...rest,
    crypto: { ...crypto, kdfparams: { ...crypto.kdfparams, ...change } },
  });
  const bad: unknown[] = [
    null,
    {},
    { ...rest, version: 1, crypto },
    { ...rest, crypto: { ...crypto, cipher: 'aes-128-cbc' } },
    { ...rest, crypto: { ...crypto, kdf: 'pbkdf2' } },
    { ...rest, crypto: { ...crypto, mac: 'xyz' } },
    { ...rest, crypto: { ...crypto, ciphertext: '00'.repeat(4097) } },
    kdfparams({ n: 8191 }),
    kdfparams({ n: 1 << 24, r: 8 }),
    kdfparams({ dklen: 16 }),
    kdfparams({ salt: 7 }),
  ];
  for (const json of bad) {
    await assert.rejects(decryptKeystore(json, 'x'), { code: 'KEYSTORE_INVALID' });
  }
});

test('messages are signed as the unmodified SDK signs them', async () => {
  const { secret, address } = (await accountsOf(PHRASE))(0);
  const theirs = WalletUnlocked.fromMnemonic(PHRASE, accountPath(0));
  const signature = signMessage(secret, 'hello');
  assert.equal(bytesToHex(signature), await theirs.signMessage('hello'));
  assert.equal(signerOf(signature, 'hello'), address);
  assert.notEqual(signerOf(signature, 'hellO'), address);
});

test('a keystore that forc-wallet 0.16.4 wrote opens', async () => {
  const theirs = {
    crypto: {
      cipher: 'aes-128-ctr',
      cipherparams: { iv: '0b9d6c58bd28e53f410b57096552cf9c' },
      ciphertext:
        '7560a3a726e04350adaf18dd169d2e1108d3da695501db0dcd709833893774830d04a4af9d304d2ce05c384078dbafca53715dbb2d7f0dc846d121',
      kdf: 'scrypt',
      kdfparams: {
        dklen: 32,
        n: 8192,
        p: 1,
        r: 8,
        salt: 'b0acab154b25b8ce2d4f8412bbb50d4f3d3b6cb32853e4b5b5643c049c091aaa',
      },
      mac: '15af3c0b705057a6d3d57db226e3ca2d02a49bec6be9b1271da7be3641b8c159',
    },
    id: '07c91e85-f634-4213-b7cf-ded3546888a5',
    version: 3,
  };
  assert.deepEqual(await decryptKeystore(theirs, 'pw2'), utf8(PHRASE));
});
