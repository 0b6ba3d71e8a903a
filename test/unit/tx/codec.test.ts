/** Encoding and decoding: round trips on sampled bytes, and behaviour on damaged ones. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { concatBytes, hexToBytes } from '../../../primitives/bytes.ts';
import { CodedError } from '../../../primitives/errors.ts';
import { type B256, ZERO_B256 } from '../../../primitives/types.ts';
import {
  decodeReceipt,
  decodeReceiptsWithData,
  decodeReceiptWithData,
  encodeReceipt,
  encodeReceiptsWithData,
  encodeReceiptWithData,
} from '../../../tx/codec/receipt.ts';
import { decodeTx, encodeTx } from '../../../tx/codec/transaction.ts';
import { prepareForExecution, txId, txIdOfBytes } from '../../../tx/id.ts';
import { txOffsets } from '../../../tx/offsets.ts';
import { standardParams } from '../../../tx/paramsStandard.ts';
import type { Receipt } from '../../../tx/receipt.ts';
import { checkTx } from '../../../tx/validity.ts';
import { testDataUrl } from '../../vectors/host.ts';
import { readVectors } from '../../vectors/json.ts';

const SEED = 20_261_121;

function randomSource(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function corpus(): Uint8Array[] {
  const all = readVectors(fileURLToPath(testDataUrl('tx.jsonl.gz')));
  return [...all].map(({ request }) => hexToBytes(String(request['hex'])));
}

/** null for bytes that are refused with the one allowed error. */
function decodeOrNull(bytes: Uint8Array): ReturnType<typeof decodeTx> | null {
  try {
    return decodeTx(bytes);
  } catch (error) {
    assert.ok(error instanceof CodedError && error.code === 'TX_DECODE', String(error));
    return null;
  }
}

test(`canonical is what encodes to the same bytes; then the id comes from them (seed ${SEED})`, () => {
  const below = randomSource(SEED);
  let canonical = 0;
  let lossy = 0;
  for (const bytes of corpus()) {
    for (let round = 0; round < 12; round++) {
      const changed = bytes.slice();
      // The first round takes the bytes as they are.
      if (round > 0) changed[below(changed.length)] = below(256);
      const decoded = decodeOrNull(changed);
      if (decoded === null) continue;
      const { tx, bytesUsed, isCanonical } = decoded;
      const used = changed.subarray(0, bytesUsed);
      const again = encodeTx(tx);
      assert.equal(isCanonical, Buffer.compare(again, used) === 0);
      if (!isCanonical) lossy++;
      else {
        canonical++;
        assert.equal(txIdOfBytes(used, tx, 9_889n), txId(tx, 9_889n));
      }
    }
  }
  assert.ok(canonical > 1_000 && lossy > 100, `${canonical} canonical, ${lossy} not`);
});

test('decode(encode(tx)) is tx, and its id ignores what execution fills in', () => {
  let count = 0;
  for (const bytes of corpus()) {
    const decoded = decodeOrNull(bytes);
    if (decoded === null) continue;
    const again = decodeTx(encodeTx(decoded.tx));
    assert.deepEqual(again.tx, decoded.tx);
    count++;
    if (decoded.tx.type === 'mint') continue;
    const prepared = prepareForExecution(decoded.tx);
    assert.equal(txId(prepared, 7n), txId(decoded.tx, 7n));
    assert.equal(txOffsets(decoded.tx).size, encodeTx(decoded.tx).length);
  }
  assert.ok(count > 100);
});

test(`damaged bytes are refused with a code or decode to a fixed point (seed ${SEED})`, () => {
  const random = randomSource(SEED);
  const samples = corpus();
  for (let i = 0; i < 4000; i++) {
    const bytes = samples[random(samples.length)]!.slice();
    for (let k = random(4); k >= 0; k--) bytes[random(bytes.length)] = random(256);
    const cut = random(3) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes;
    const decoded = decodeOrNull(cut);
    if (decoded === null) continue;
    assert.deepEqual(decodeTx(encodeTx(decoded.tx)).tx, decoded.tx);
    checkTx(decoded.tx, 1, standardParams());
  }
});

test('a huge length is refused before anything is allocated for it', () => {
  const bytes = new Uint8Array(96);
  bytes.fill(0xff, 48, 56);
  assert.throws(() => decodeTx(bytes), { code: 'TX_DECODE' });
});

const AT = { pc: 1n, is: 2n };
const [ONE, TWO, THREE] = ['11', '22', '33'].map((byte): B256 => `0x${byte.repeat(32)}`) as [
  B256,
  B256,
  B256,
];

const RECEIPTS: readonly Receipt[] = [
  {
    type: 'logData',
    id: ZERO_B256,
    ra: 1n,
    rb: 2n,
    ptr: 3n,
    len: 3n,
    digest: `0x${'ab'.repeat(32)}`,
    data: Uint8Array.of(1, 2, 3),
    ...AT,
  },
  {
    type: 'call',
    id: ONE,
    to: TWO,
    amount: 3n,
    assetId: THREE,
    gas: 4n,
    param1: 5n,
    param2: 6n,
    ...AT,
  },
  { type: 'return', id: ONE, val: 7n, ...AT },
  {
    type: 'returnData',
    id: ONE,
    ptr: 8n,
    len: 1n,
    digest: TWO,
    data: Uint8Array.of(9),
    ...AT,
  },
  { type: 'log', id: ONE, ra: 1n, rb: 2n, rc: 3n, rd: 4n, ...AT },
  { type: 'revert', id: ONE, ra: 1n, ...AT },
  { type: 'transfer', id: ONE, to: TWO, amount: 2n, assetId: THREE, ...AT },
  {
    type: 'messageOut',
    sender: ONE,
    recipient: TWO,
    amount: 2n,
    nonce: THREE,
    len: 2n,
    digest: ZERO_B256,
    data: Uint8Array.of(1, 2),
  },
  { type: 'panic', id: ZERO_B256, reason: 5, instruction: 7, contractId: ZERO_B256, ...AT },
  { type: 'panic', id: ZERO_B256, reason: 5, instruction: 7, contractId: null, ...AT },
  { type: 'scriptResult', result: 0n, gasUsed: 9n },
  { type: 'scriptResult', result: 77n, gasUsed: 9n },
  { type: 'mint', subId: ZERO_B256, contractId: ZERO_B256, val: 4n, ...AT },
];

test('receipts survive storage; canonical bytes leave payloads out', () => {
  for (const receipt of RECEIPTS) {
    const stored = encodeReceiptWithData(receipt);
    assert.deepEqual(decodeReceiptWithData(stored), { receipt, bytesUsed: stored.length });
    const canonical = encodeReceipt(receipt);
    assert.deepEqual(encodeReceipt(decodeReceipt(canonical).receipt), canonical);
    for (let cut = 0; cut < stored.length; cut++) {
      assert.throws(() => decodeReceiptWithData(stored.subarray(0, cut)), { code: 'TX_DECODE' });
    }
  }
  const all = encodeReceiptsWithData(RECEIPTS);
  assert.deepEqual(all, concatBytes(...RECEIPTS.map(encodeReceiptWithData)));
  assert.deepEqual(decodeReceiptsWithData(all), RECEIPTS);
  assert.throws(() => decodeReceiptsWithData(all.subarray(0, -1)), { code: 'TX_DECODE' });
});
