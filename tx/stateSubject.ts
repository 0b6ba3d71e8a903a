/** What proofs about the state are about, and where it stands in the trees of the state. */
import { concatBytes, hexToBytes, writeU32 } from '../primitives/bytes.ts';
import type { B256, UtxoKey } from '../primitives/types.ts';
import { coinKey, messageTreeKey } from './stateSteps.ts';

/** What is asked about. `name`: a slot's key, or an asset. */
export type StateSubject =
  | { readonly type: 'coin'; readonly utxo: UtxoKey }
  | { readonly type: 'message'; readonly nonce: B256 }
  | { readonly type: 'contract' | 'code'; readonly contract: B256 }
  | { readonly type: 'slot' | 'asset'; readonly contract: B256; readonly name: B256 };

/** The trees of the state; `rest`: everything but coins and messages. */
export type TreeName = 'coins' | 'messages' | 'rest';

/** First byte of each key of the rest: what it is. */
export const REST_TAG = {
  contractUtxo: 0x03,
  contractCode: 0x04,
  slot: 0x05,
  balance: 0x06,
  blob: 0x07,
  upload: 0x08,
  consensusParameters: 0x09,
  stateTransition: 0x0a,
} as const;

/** Key in the rest. @param parts ids of 32 bytes */
export function restKey(tag: number, ...parts: readonly B256[]): Uint8Array {
  return concatBytes(Uint8Array.of(tag), ...parts.map((part) => hexToBytes(part)));
}

/** Key in the rest of what has a version. */
export function versionKey(tag: number, version: number): Uint8Array {
  const key = new Uint8Array(5);
  key[0] = tag;
  writeU32(key, 1, version);
  return key;
}

/** Tree and key of a subject. */
export function placeOf(subject: StateSubject): {
  readonly tree: TreeName;
  readonly key: Uint8Array;
} {
  switch (subject.type) {
    case 'coin':
      return { tree: 'coins', key: coinKey(subject.utxo) };
    case 'message':
      return { tree: 'messages', key: messageTreeKey(subject.nonce) };
    case 'contract':
      return { tree: 'rest', key: restKey(REST_TAG.contractUtxo, subject.contract) };
    case 'code':
      return { tree: 'rest', key: restKey(REST_TAG.contractCode, subject.contract) };
    case 'slot':
      return { tree: 'rest', key: restKey(REST_TAG.slot, subject.contract, subject.name) };
    default:
      return { tree: 'rest', key: restKey(REST_TAG.balance, subject.contract, subject.name) };
  }
}
