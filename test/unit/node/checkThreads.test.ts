import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BATCH_MIN,
  CHECKS_PER_THREAD_MAX,
  CheckThreads,
  THREAD_DEATHS_MAX,
  THREADS_AFTER_JOBS,
} from '../../../node/checkThreads.ts';
import { createTxChecks } from '../../../node/txChecks.ts';
import { estimatePredicates } from '../../../predicates/estimate.ts';
import { verifyPredicates } from '../../../predicates/verify.ts';
import { hexToBytes } from '../../../primitives/bytes.ts';
import { addressOfSecret, sign } from '../../../primitives/secp256k1.ts';
import type { Address, TxId } from '../../../primitives/types.ts';
import { encodeTx } from '../../../tx/codec/transaction.ts';
import { predicateOwner } from '../../../tx/contractId.ts';
import { txId } from '../../../tx/id.ts';
import type { ChargeableTx } from '../../../tx/types.ts';
import { rulesFor } from '../../../vm/rules.ts';
import { idOf } from '../../support/chainMaker.ts';
import { coinOf, PARAMS, scriptTx } from '../../support/executorTx.ts';
import { until } from '../../support/until.ts';

const WORKER = new URL('../../../node/checkWorker.js', import.meta.url);
const DYING = new URL('../../support/dyingChecker.js', import.meta.url);
const RET_ONE = 0x24040000;
const RET_ZERO = 0x24000000;
const SECRETS = Array.from({ length: 8 }, (_, n) => hexToBytes(idOf(`signer ${n}`)));
const OWNERS = SECRETS.map(addressOfSecret);

type Case = { readonly id: TxId; readonly signature: Uint8Array; readonly signer: Address | null };

/** Every seventh signature is one that nobody can have made. */
function cases(count: number, round = 0): Case[] {
  return Array.from({ length: count }, (_, n) => {
    const id = idOf(`digest ${round}.${n}`);
    if (n % 7 === 6) return { id, signature: new Uint8Array(64), signer: null };
    const signature = sign(SECRETS[n % SECRETS.length]!, hexToBytes(id));
    return { id, signature, signer: OWNERS[n % OWNERS.length]! };
  });
}

function open(threadCount: number, workerUrl: URL = WORKER): CheckThreads {
  const engine = { setting: 'auto' } as const;
  return new CheckThreads({ threadCount, workerUrl, engine, vmRules: 'auto' });
}

async function expectSigners(threads: CheckThreads, given: readonly Case[]): Promise<void> {
  const found = await Promise.all(given.map((each) => threads.signer(each.signature, each.id)));
  assert.deepEqual(
    found,
    given.map(({ signer }) => signer),
  );
}

test('a quiet node starts no thread; a busy one hands batches out', async () => {
  const threads = open(2);
  await expectSigners(threads, cases(THREADS_AFTER_JOBS));
  assert.deepEqual(threads.stats().threads, 0);
  // This one starts a thread, and is done here.
  await expectSigners(threads, cases(BATCH_MIN, 1));
  assert.equal(threads.stats().threads, 1);
  assert.equal(threads.stats().inThreads, 0);
  await until('nothing waits', () => threads.stats().waiting === 0);
  await expectSigners(threads, cases(100, 2));
  const { inThreads, here, batches } = threads.stats();
  assert.equal(inThreads + here, THREADS_AFTER_JOBS + BATCH_MIN + 100);
  assert.ok(inThreads >= 50 && batches <= 4, `${inThreads} in ${batches}`);
  await threads.close();
});

test('what a thread may have is bounded; the rest is done here', async () => {
  const threads = open(1);
  await expectSigners(threads, cases(THREADS_AFTER_JOBS));
  await expectSigners(threads, cases(BATCH_MIN, 1));
  await until('nothing waits', () => threads.stats().waiting === 0);
  const before = threads.stats();
  // The same job again and again: only the count matters here.
  const [one] = cases(1, 2) as [Case];
  await expectSigners(threads, Array<Case>(CHECKS_PER_THREAD_MAX + 200).fill(one));
  const after = threads.stats();
  assert.equal(after.inThreads - before.inThreads, CHECKS_PER_THREAD_MAX);
  assert.equal(after.here - before.here, 200);
  await threads.close();
});

test('threads that die lose nothing, and are given up', async () => {
  const threads = open(1, DYING);
  await expectSigners(threads, cases(THREADS_AFTER_JOBS));
  for (let round = 1; round <= 3 * THREAD_DEATHS_MAX; round++) {
    await expectSigners(threads, cases(10, round));
    await until('nothing waits', () => threads.stats().waiting === 0);
  }
  await until('no thread is left', () => threads.stats().threads === 0);
  const { inThreads } = threads.stats();
  await expectSigners(threads, cases(10, 99));
  assert.equal(threads.stats().inThreads, inThreads, 'none was started again');
  assert.ok(inThreads <= 10 * THREAD_DEATHS_MAX);
});

test('a signature is recovered once, another one for the same id again', async () => {
  const { id, tx } = scriptTx({ inputs: [coinOf(1)], outputs: [] });
  const asked: Uint8Array[] = [];
  const checks = createTxChecks({
    blob: () => null,
    vmRules: 'auto',
    threads: {
      signer: async (signature) => {
        asked.push(signature);
        const input = tx.inputs.find((each) => each.type === 'coin');
        return signature[0] === 1 && input?.type === 'coin' ? input.owner : null;
      },
      predicates: async () => null,
    },
  });
  const check = (first: number): ReturnType<typeof checks> => {
    const witness = new Uint8Array(64).fill(first);
    const given: ChargeableTx = { ...tx, witnesses: [witness] };
    return checks({ id, tx: given, raw: witness, params: PARAMS });
  };
  assert.deepEqual(await check(1), { ok: true });
  assert.deepEqual(await check(1), { ok: true });
  assert.equal(asked.length, 1);
  const refused = { ok: false, kind: 'validity', debug: 'InputInvalidSignature { index: 0 }' };
  assert.deepEqual(await check(2), refused);
  assert.equal(asked.length, 2);
});

/** One coin behind a program; `word` is its only instruction. */
function predicateTx(word: number): ChargeableTx {
  const predicate = new Uint8Array(4);
  new DataView(predicate.buffer).setUint32(0, word);
  const coin = coinOf(1);
  assert.ok(coin.type === 'coin');
  const input = { ...coin, owner: predicateOwner(predicate), predicate };
  return { ...scriptTx({ inputs: [input], outputs: [] }).tx, witnesses: [] };
}

test('predicates get the same verdict in a thread as here', async () => {
  const threads = open(1);
  await expectSigners(threads, cases(THREADS_AFTER_JOBS));
  await expectSigners(threads, cases(BATCH_MIN, 1));
  await until('nothing waits', () => threads.stats().waiting === 0);
  const rules = rulesFor(PARAMS, 'auto');
  const noBlobs = { blob: () => null };
  // RET $one, with its gas and with too little; RET $zero.
  const good = estimatePredicates(predicateTx(RET_ONE), undefined, PARAMS, noBlobs, rules);
  const names: (string | null)[] = [];
  for (const tx of [good, predicateTx(RET_ONE), predicateTx(RET_ZERO)]) {
    const id = txId(tx, PARAMS.chainId);
    const here = verifyPredicates(tx, id, PARAMS, noBlobs, rules);
    const there = await threads.predicates({ txId: id, raw: encodeTx(tx) }, PARAMS);
    assert.deepEqual(there, here);
    names.push(here.ok ? null : here.error.name);
  }
  assert.equal(names[0], null);
  assert.equal(names.slice(1).includes(null), false);
  assert.ok(threads.stats().busyMs > 0);
  await threads.close();
});
