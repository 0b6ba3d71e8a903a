/**
 * Taking coins and messages out of a chain that was closed: what their owner signs, and the arguments
 * of `exitCoin` and `exitMessage` of the contract `Settlement`.
 */
import { bytesToHex, concatBytes, hexToBytes, utf8, writeU64 } from '../primitives/bytes.ts';
import { sha256 } from '../primitives/hash.ts';
import { type SparseProof, sparsePlace } from '../primitives/merkle/sparse.ts';
import { publicKeyOf, sign } from '../primitives/secp256k1.ts';
import type { B256, Nonce, TxId } from '../primitives/types.ts';
import { utxoKeyOf } from '../tx/accessKeys.ts';
import { coinKey } from '../tx/stateSteps.ts';
import type { TxPointer } from '../tx/types.ts';
import type { L1Address } from './l1/ports.ts';

const DOMAIN = utf8('fuelrail exit');
const WORD_BYTES = 32;
const HASH_BYTES = 32;

/** Where an exit is paid. */
export type ExitTerms = {
  readonly settlement: L1Address;
  /** Id of the Ethereum chain. */
  readonly ethereumChainId: bigint;
  /** Who gets the ether. */
  readonly to: L1Address;
};

/** `Owner` of the contract. */
export type OwnerStruct = {
  readonly key: readonly [B256, B256];
  readonly r: B256;
  readonly vs: B256;
  readonly to: L1Address;
};

/** `Coin` of the contract. */
export type ExitCoinStruct = {
  readonly txId: TxId;
  readonly output: number;
  readonly amount: bigint;
  readonly height: number;
  readonly index: number;
};

/** What an owner signs. @param key of the coin or message in its tree */
export function exitDigest(key: Uint8Array, terms: ExitTerms): Uint8Array {
  const chain = new Uint8Array(WORD_BYTES);
  writeU64(chain, WORD_BYTES - 8, terms.ethereumChainId);
  const { settlement, to } = terms;
  const place = sparsePlace(key);
  return sha256(concatBytes(DOMAIN, hexToBytes(settlement), chain, place, hexToBytes(to)));
}

function halves(bytes: Uint8Array): [B256, B256] {
  const half = (from: number): B256 => bytesToHex(bytes.subarray(from, from + HASH_BYTES)) as B256;
  return [half(0), half(HASH_BYTES)];
}

/** The owner's word. @param secret 32 bytes */
export function ownerOf(key: Uint8Array, terms: ExitTerms, secret: Uint8Array): OwnerStruct {
  const [r, vs] = halves(sign(secret, exitDigest(key, terms)));
  return { key: halves(publicKeyOf(secret)), r, vs, to: terms.to };
}

const siblingsOf = ({ proof }: SparseProof): B256[] =>
  proof.map((each) => bytesToHex(each) as B256);

/**
 * Arguments of `exitCoin`.
 * @param proof of the coin in the last state
 */
export function exitCoinArguments(
  coin: {
    readonly utxoId: { readonly txId: TxId; readonly outputIndex: number };
    readonly amount: bigint;
    readonly txPointer: TxPointer;
  },
  proof: SparseProof,
  terms: ExitTerms,
  secret: Uint8Array,
): readonly [ExitCoinStruct, readonly B256[], OwnerStruct] {
  const { utxoId, amount, txPointer } = coin;
  const { txId, outputIndex: output } = utxoId;
  const { blockHeight: height, txIndex: index } = txPointer;
  const key = coinKey(utxoKeyOf(txId, output));
  const struct = { txId, output, amount, height, index };
  return [struct, siblingsOf(proof), ownerOf(key, terms, secret)];
}

/** `Message` of the contract. */
export type MessageStruct = {
  readonly sender: B256;
  readonly recipient: B256;
  readonly amount: bigint;
  readonly data: `0x${string}`;
};

/** Arguments of `exitMessage`. @param proof of the message in the last state */
export function exitMessageArguments(
  nonce: Nonce,
  message: MessageStruct,
  proof: SparseProof,
  terms: ExitTerms,
  secret: Uint8Array,
): readonly [Nonce, MessageStruct, readonly B256[], OwnerStruct] {
  return [nonce, message, siblingsOf(proof), ownerOf(hexToBytes(nonce), terms, secret)];
}
