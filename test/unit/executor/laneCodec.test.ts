import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeJob, decodeResult, encodeJob, encodeResult } from '../../../executor/laneCodec.ts';
import type { LaneJob, LaneResult } from '../../../executor/laneMessages.ts';
import { utxoKeyOf } from '../../../tx/accessKeys.ts';
import { idOf } from '../../support/chainMaker.ts';

const [A, B, C] = [idOf('a'), idOf('b'), idOf('c')] as const;
const U64_MAX = (1n << 64n) - 1n;
const POINTER = { blockHeight: 4_294_967_295, txIndex: 7 };
const COIN = { owner: A, amount: U64_MAX, assetId: B, txPointer: POINTER };
const UTXO = { utxoId: { txId: A, outputIndex: 65_535 }, txPointer: POINTER };
const VALUES = {
  contractId: C,
  slots: new Map([
    [A, Uint8Array.of(1, 2)],
    [B, null],
    [C, new Uint8Array()],
  ]),
  balances: new Map([
    [A, U64_MAX],
    [B, null],
  ]),
};
const NOTHING = {
  contractCode: new Map(),
  contractSalt: new Map(),
  slots: new Map(),
  balances: new Map(),
  blobs: new Map(),
};
const MESSAGE = {
  sender: A,
  recipient: B,
  nonce: C,
  amount: 5n,
  data: Uint8Array.of(9),
  daHeight: 6n,
};

test('a job comes back as it was sent', () => {
  const job: LaneJob = {
    blockNumber: 3,
    roundNumber: 4,
    env: null,
    raws: [Uint8Array.of(1, 2, 3), new Uint8Array()],
    ids: [A, B],
    verified: [true, false],
    txIndices: [5, 6],
    known: [B],
    coinPointers: [-1, 0, 17, 2],
    otherCoins: new Map([[utxoKeyOf(A, 1), COIN]]),
    messages: new Map([
      [C, MESSAGE],
      [A, null],
    ]),
    contractUtxos: new Map([
      [C, UTXO],
      [A, null],
    ]),
    codes: new Map([
      [A, Uint8Array.of(4)],
      [B, null],
    ]),
    expected: [{ contractId: A, slots: undefined, balances: undefined }],
    readsDatabase: true,
    writes: [VALUES],
    ahead: true,
  };
  assert.deepEqual(decodeJob(encodeJob(job), null), job);
});

test('a result comes back, larger than the first buffer', () => {
  const changes = {
    contractCode: new Map([[A, new Uint8Array(100_000).fill(7)]]),
    contractSalt: new Map([[A, B]]),
    slots: new Map([[C, VALUES.slots]]),
    balances: new Map([[B, VALUES.balances]]),
    blobs: new Map([[B, Uint8Array.of(3)]]),
  };
  const sent: LaneResult = {
    txs: [
      { ok: false, reason: 'Grund: ungültig ✗', runMs: 0.25 },
      ...(['return', 'revert'] as const).map((type) => ({
        ok: true as const,
        success: type === 'return',
        programState: { type, value: U64_MAX },
        reason: type === 'return' ? null : 'Revert(1)',
        totalGas: 12n,
        totalFee: U64_MAX,
        messageIds: [A, B],
        sizeBytes: 300,
        runMs: 1.5,
        raw: Uint8Array.of(1),
        receipts: Uint8Array.of(2, 0, 7),
        effects: null,
      })),
    ],
    changes,
  };
  const digest = { ...sent.txs[1], programState: { type: 'returnData', digest: C } } as const;
  const reads = { slots: changes.slots, balances: changes.balances };
  const effects = { changes, reads };
  const none = { ...sent.txs[1], programState: null, receipts: new Uint8Array(), effects };
  const all = { txs: [...sent.txs, digest, none] as LaneResult['txs'], changes };
  assert.deepEqual(decodeResult(encodeResult(all)), all);
});

test('a buffer that is used again shows nothing of before', () => {
  const empty = { ...NOTHING, contractCode: new Map([[A, new Uint8Array(300)]]) };
  const full = { ...NOTHING, contractCode: new Map([[A, new Uint8Array(90_000).fill(9)]]) };
  const kept = encodeResult({ txs: [], changes: full });
  assert.deepEqual(decodeResult(encodeResult({ txs: [], changes: empty })).changes, empty);
  assert.deepEqual(decodeResult(kept).changes, full);
});
