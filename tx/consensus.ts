/** Our storage form of a block's consensus part; used by the chain store and by DA frames. */

import { assert } from '../primitives/errors.ts';
import type { B256 } from '../primitives/types.ts';
import type { Consensus } from './block.ts';
import { decodeError, Reader } from './codec/reader.ts';
import { Writer } from './codec/writer.ts';

const GENESIS_TAG = 0;
const POA_TAG = 1;
const SIGNATURE_BYTES = 64;
const GENESIS_ROOTS = [
  'chainConfigHash',
  'coinsRoot',
  'contractsRoot',
  'messagesRoot',
  'transactionsRoot',
] as const;

/** Genesis: a zero byte and five roots. Proof of authority: a one byte and the signature. */
export function encodeConsensus(consensus: Consensus): Uint8Array {
  if (consensus.type === 'poa') {
    assert(consensus.signature.length === SIGNATURE_BYTES, 'a block signature has 64 bytes');
    const w = new Writer(1 + SIGNATURE_BYTES);
    w.rawU8(POA_TAG);
    w.rawBytes(consensus.signature);
    return w.done();
  }
  const w = new Writer(1 + 32 * GENESIS_ROOTS.length);
  w.rawU8(GENESIS_TAG);
  for (const name of GENESIS_ROOTS) w.b256(consensus[name]);
  return w.done();
}

/**
 * Inverse of {@link encodeConsensus}; takes nothing but its exact form.
 * @throws CodedError TX_DECODE
 */
export function decodeConsensus(bytes: Uint8Array): Consensus {
  const r = new Reader(bytes);
  const tag = bytes[r.take(1)];
  const expected = tag === POA_TAG ? SIGNATURE_BYTES : 32 * GENESIS_ROOTS.length;
  if (tag !== POA_TAG && tag !== GENESIS_TAG) throw decodeError('UnknownDiscriminant', 0);
  if (bytes.length !== 1 + expected) throw decodeError('BufferIsTooShort', bytes.length);
  if (tag === POA_TAG) return { type: 'poa', signature: r.rawBytes(SIGNATURE_BYTES) };
  const [chainConfigHash, coinsRoot, contractsRoot, messagesRoot, transactionsRoot] =
    GENESIS_ROOTS.map((): B256 => r.b256()) as [B256, B256, B256, B256, B256];
  const roots = { chainConfigHash, coinsRoot, contractsRoot, messagesRoot, transactionsRoot };
  return { type: 'genesis', ...roots };
}
