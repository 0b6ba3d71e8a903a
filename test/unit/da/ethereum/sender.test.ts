import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EthChain, inboxAddress } from '../../../../da/ethereum/chain.ts';
import { isReplacement } from '../../../../da/ethereum/fees.ts';
import type { Kzg } from '../../../../da/ethereum/kzg.ts';
import { BlobSender, readMemo } from '../../../../da/ethereum/sender.ts';
import type { DaIntent } from '../../../../da/ports.ts';
import { attemptOf } from '../../../support/daContract.ts';
import { never } from '../../../support/daRuns.ts';
import { GethPool } from '../../../support/gethPool.ts';
import { until } from '../../../support/until.ts';

const BLOB = new Uint8Array(64).fill(1);
const COMMITMENT = new Uint8Array(48).fill(2);
const INBOX = inboxAddress(7n);
/** The pool looks at fees and numbers only. */
const KZG: Kzg = {
  commitment: async () => COMMITMENT,
  blobProof: async () => new Uint8Array(48),
  cellProofs: async () => [new Uint8Array(48)],
};
const INTENT: DaIntent = { layer: 'ethereum', fromHeight: 10n, commitments: ['0x01'], memo: {} };

function senderOf(pool: GethPool, over: { maxFeeCapWei?: bigint } = {}): BlobSender {
  const options = { inbox: INBOX, beaconUrl: 'http://127.0.0.1:1', confirmations: 0 };
  return new BlobSender(new EthChain(pool.rpc, options), KZG, {
    secret: `0x${'21'.repeat(32)}`,
    inbox: INBOX,
    maxFeeCapWei: 10n ** 15n,
    bumpAfterMs: 5,
    pollMs: 1,
    nowMs: () => performance.now(),
    ...over,
  });
}

describe('blob transactions in a pool with the rules of geth', () => {
  it('are replaced without a refusal, and any of them may be mined', async () => {
    const pool = new GethPool();
    const attempt = attemptOf();
    const sending = senderOf(pool).send([BLOB], [COMMITMENT], {
      attempt,
      intent: INTENT,
      signal: never,
    });
    await until('the pool has it', () => pool.seen.length >= 4);
    const [, second] = pool.seen;
    pool.mine(second!.hash);
    const { hash } = await sending;
    assert.equal(hash, second!.hash);
    assert.ok(
      pool.refusals.every((why) => why === 'nonce too low'),
      pool.refusals.join(),
    );
    for (let i = 1; i < pool.seen.length; i++) {
      assert.ok(isReplacement(pool.seen[i - 1]!.fees, pool.seen[i]!.fees));
      assert.equal(pool.seen[i]!.nonce, 4);
    }
    const noted = readMemo(attempt.intents.at(-1)!.memo)!;
    assert.ok(
      pool.seen.every((each) => noted.hashes.includes(each.hash)),
      'all are remembered',
    );
  });

  it('go on above what an earlier process had offered', async () => {
    const pool = new GethPool();
    const first = attemptOf();
    const stopping = new AbortController();
    const at = { attempt: first, intent: INTENT, signal: stopping.signal };
    const sending = senderOf(pool).send([BLOB], [COMMITMENT], at);
    await until('the pool has it', () => pool.seen.length >= 1);
    stopping.abort();
    await assert.rejects(sending);
    const second = attemptOf(first.intents.at(-1)!);
    const again = senderOf(pool).send([BLOB], [COMMITMENT], {
      attempt: second,
      intent: INTENT,
      signal: never,
    });
    await until('the pool has it', () => pool.seen.length >= 2);
    pool.mine(pool.seen.at(-1)!.hash);
    await again;
    assert.ok(!pool.refusals.some((why) => /underpriced/.test(why)), pool.refusals.join());
    assert.equal(pool.seen[1]!.nonce, pool.seen[0]!.nonce);
  });

  it('give a number up that another transaction has used, and take the next', async () => {
    const pool = new GethPool();
    const attempt = attemptOf();
    const at = { attempt, intent: INTENT, signal: never };
    const sending = senderOf(pool).send([BLOB], [COMMITMENT], at);
    await until('the pool has it', () => pool.seen.length >= 1);
    pool.mine(null);
    await assert.rejects(sending, { code: 'DA_UNAVAILABLE', message: /used by another/ });
    const next = attemptOf(attempt.intents.at(-1)!);
    const again = senderOf(pool).send([BLOB], [COMMITMENT], {
      attempt: next,
      intent: INTENT,
      signal: never,
    });
    await until('the pool has it', () => pool.pooled?.nonce === 5);
    pool.mine(pool.pooled!.hash);
    await again;
  });

  it('stop at the cap, and say so when the account is reserved', async () => {
    const pool = new GethPool();
    const at = { attempt: attemptOf(), intent: INTENT, signal: never };
    const capped = senderOf(pool, { maxFeeCapWei: 1_000n });
    await assert.rejects(capped.send([BLOB], [COMMITMENT], at), { code: 'DA_FEE_CAP' });
    assert.ok(pool.seen.length > 0, 'it was sent as long as the cap allowed');
    pool.isReserved = true;
    const again = { attempt: attemptOf(), intent: INTENT, signal: never };
    await assert.rejects(senderOf(pool).send([BLOB], [COMMITMENT], again), {
      code: 'DA_UNAVAILABLE',
      message: /reserved.*nothing else/,
    });
  });

  it('follow a spike of the blob fee', async () => {
    const pool = new GethPool();
    const attempt = attemptOf();
    const at = { attempt, intent: INTENT, signal: never };
    const sending = senderOf(pool).send([BLOB], [COMMITMENT], at);
    await until('the pool has it', () => pool.seen.length >= 1);
    pool.blobBaseFee = 1_000_000n;
    await until('the pool has it', () => (pool.pooled?.fees.maxFeePerBlobGas ?? 0n) > 2_000_000n);
    pool.mine(pool.pooled!.hash);
    await sending;
  });
});
