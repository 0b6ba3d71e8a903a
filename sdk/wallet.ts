/**
 * The door for wallets: phrases, keystores, signatures, and transactions in words. Apart from the
 * main door because these libraries take longer to load than a node.
 */

export { describeReceipt, describeTransaction } from './describe/transaction.ts';
export type { Keystore } from './keys/keystore.ts';
export { decryptKeystore, encryptKeystore } from './keys/keystore.ts';
export { signerOf, signMessage } from './keys/message.ts';
export type { AccountSource, DerivedAccount } from './keys/mnemonic.ts';
export { accountsOf, checkMnemonic, newMnemonic } from './keys/mnemonic.ts';
