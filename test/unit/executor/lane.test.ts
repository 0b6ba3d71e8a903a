import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import { LaneWorker } from '../../../executor/lane.ts';
import { declaredInputs } from '../../../executor/laneInputs.ts';
import { MainLine, newSignals, WorkerLine } from '../../../executor/laneLine.ts';
import type { LaneJob, ReadAnswer } from '../../../executor/laneMessages.ts';
import { type CommittedReads, emptyChanges, type TxToExecute } from '../../../executor/ports.ts';
import { encodeTx } from '../../../tx/codec/index.ts';
import type { ChargeableTx } from '../../../tx/types.ts';
import { CONTRACT_CODE } from '../../support/callContract.ts';
import * as make from '../../support/executorTx.ts';
import { memoryState } from '../../support/memoryState.ts';
import { testEnv } from '../../support/randomBlock.ts';

const VIEW = memoryState([make.testWorld()]);
const call = (n: number): TxToExecute =>
  make.scriptTx({
    inputs: [make.coinOf(n), make.contractOf()],
    outputs: [make.changeTo(), make.contractOutputOf(1)],
    calls: [{ contractId: make.CONTRACT, operations: 0n, key: 1n, coins: 0n }],
  });

function jobOf(txs: readonly TxToExecute[], over: Partial<LaneJob> = {}): LaneJob {
  return {
    blockNumber: 1,
    roundNumber: 1,
    env: testEnv(make.PARAMS),
    raws: txs.map(({ raw }) => raw),
    ids: txs.map(({ id }) => id),
    verified: txs.map(({ verified }) => verified),
    txIndices: txs.map((_, i) => i),
    known: [],
    ...declaredInputs(txs, VIEW),
    codes: new Map(),
    expected: [],
    readsDatabase: false,
    writes: [],
    ahead: false,
    ...over,
  };
}

/** A worker and the questions that it asked. */
function worker(answers: { code?: () => ReadAnswer; committed?: CommittedReads } = {}) {
  const asked: string[] = [];
  const code = answers.code ?? (() => ({ bytes: CONTRACT_CODE, createdAt: -1 }));
  const lane = new LaneWorker((request) => {
    asked.push('have' in request && request.have ? `${request.kind}?` : request.kind);
    return request.kind === 'code' ? code() : null;
  }, answers.committed);
  return { lane, asked };
}

const counterOf = (changes: { slots: Map<string, Map<string, Uint8Array | null>> }): number =>
  changes.slots.get(make.CONTRACT)?.get(`0x${'00'.repeat(31)}01`)?.[7] ?? -1;

test('state is asked for once in a block, and again in the next', () => {
  const { lane, asked } = worker();
  assert.equal(counterOf(lane.run(jobOf([call(0)])).changes), 1);
  assert.deepEqual(asked, ['code', 'slot']);
  assert.equal(counterOf(lane.run(jobOf([call(1), call(2)], { env: null })).changes), 3);
  assert.deepEqual(asked, ['code', 'slot']);
  assert.equal(counterOf(lane.run(jobOf([call(3)], { blockNumber: 2 })).changes), 1);
  assert.deepEqual(asked, ['code', 'slot', 'code?', 'slot']);
});

test('what others wrote comes with the job', () => {
  const { lane } = worker();
  lane.run(jobOf([call(0)]));
  const slots = new Map([
    [`0x${'00'.repeat(31)}01` as const, Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 9)],
  ]);
  const writes = [{ contractId: make.CONTRACT, slots, balances: undefined }];
  assert.equal(counterOf(lane.run(jobOf([call(1)], { env: null, writes })).changes), 10);
});

test('values that are expected are not asked for, and do not hide what is newer', () => {
  const { lane, asked } = worker();
  const key = `0x${'00'.repeat(31)}01` as const;
  const slotWith = (n: number) => new Map([[key, Uint8Array.of(0, 0, 0, 0, 0, 0, 0, n)]]);
  const contract = { contractId: make.CONTRACT, balances: undefined };
  const expected = [{ ...contract, slots: slotWith(4) }];
  assert.equal(counterOf(lane.run(jobOf([call(0)], { expected })).changes), 5);
  assert.deepEqual(asked, ['code']);
  assert.equal(counterOf(lane.run(jobOf([call(1)], { expected })).changes), 6);
  const writes = [{ ...contract, slots: slotWith(8) }];
  assert.equal(counterOf(lane.run(jobOf([call(2)], { expected, writes })).changes), 9);
});

test('the database is read for contracts that the job names, when it says so, and can be', () => {
  let isDamaged = false;
  const slot = (): Uint8Array => {
    if (isDamaged) throw new Error('the checksum of a row is wrong');
    return Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 7);
  };
  const { lane, asked } = worker({ committed: { slot, balance: () => null } });
  const codes = new Map([[make.CONTRACT, CONTRACT_CODE]]);
  const named = [{ contractId: make.CONTRACT, slots: undefined, balances: undefined }];
  const other = [{ ...named[0]!, contractId: `0x${'0e'.repeat(32)}` as const }];
  const counter = (blockNumber: number, over: Partial<LaneJob>): number =>
    counterOf(lane.run(jobOf([call(blockNumber)], { blockNumber, codes, ...over })).changes);

  assert.equal(counter(1, { expected: named, readsDatabase: true }), 8);
  assert.deepEqual(asked, []);
  assert.equal(counter(2, { expected: named, readsDatabase: false }), 1);
  assert.equal(counter(3, { expected: other, readsDatabase: true }), 1);
  assert.deepEqual(asked, ['slot', 'slot']);
  // What the newest block left behind is told, whether it is written yet or not.
  const key = `0x${'00'.repeat(31)}01` as const;
  const slots = new Map([[key, Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 4)]]);
  assert.equal(counter(4, { expected: [{ ...named[0]!, slots }], readsDatabase: true }), 5);
  isDamaged = true;
  assert.equal(counter(5, { expected: named, readsDatabase: true }), 1);
  assert.deepEqual(asked, ['slot', 'slot', 'slot']);
});

test('a contract that the job brings, or names, is not asked for', () => {
  const { lane, asked } = worker();
  const codes = (code: Uint8Array | null) => ({ codes: new Map([[make.CONTRACT, code]]) });
  assert.equal(counterOf(lane.run(jobOf([call(0)], codes(CONTRACT_CODE))).changes), 1);
  assert.equal(
    counterOf(lane.run(jobOf([call(1)], { blockNumber: 2, ...codes(null) })).changes),
    1,
  );
  assert.deepEqual(asked, ['slot', 'slot']);
  const fresh = worker();
  fresh.lane.run(jobOf([call(0)], codes(null)));
  assert.deepEqual(fresh.asked, ['code', 'slot']);
});

test('absence is not remembered, and code is seen only behind its creator', () => {
  let answer: ReadAnswer = null;
  const { lane } = worker({ code: () => answer });
  const [absent] = lane.run(jobOf([call(0)])).txs;
  assert.ok(absent?.ok === false && absent.reason.includes('InputContractDoesNotExist'));
  answer = { bytes: CONTRACT_CODE, createdAt: 5 };
  assert.equal(lane.run(jobOf([call(1)], { txIndices: [6] })).txs[0]?.ok, true);
  assert.equal(lane.run(jobOf([call(2)], { txIndices: [4] })).txs[0]?.ok, false);
  // In the next round its creator is settled.
  assert.equal(lane.run(jobOf([call(3)], { txIndices: [4], roundNumber: 2 })).txs[0]?.ok, true);
});

test('a first job without environment is a bug', () => {
  assert.throws(() => worker().lane.run(jobOf([call(0)], { env: null })), /brings its environment/);
});

test('a main thread that does not answer', () => {
  const { port1, port2 } = new MessageChannel();
  const bell = new SharedArrayBuffer(4);
  const line = new WorkerLine({ port: port1, signals: newSignals(), bell, readTimeoutMs: 5 });
  const request = { kind: 'blockId', height: 1 } as const;
  assert.throws(() => line.ask(request), { code: 'EXECUTION_READ_TIMEOUT' });
  port1.close();
  port2.close();
});

test('a lane that comes while an answer is waited for is the next one', async () => {
  const { port1, port2 } = new MessageChannel();
  const [bell, signals] = [new SharedArrayBuffer(4), newSignals()];
  const main = new MainLine(port1, signals);
  const line = new WorkerLine({ port: port2, signals, bell, readTimeoutMs: 1_000 });
  const ran: number[] = [];
  main.send(jobOf([call(0)]));
  main.send(jobOf([call(1)], { roundNumber: 2 }));
  await line.serve(1_000, (job) => {
    ran.push(job.roundNumber);
    if (ran.length === 1) {
      port1.postMessage({ kind: 'answer', answer: 7n });
      assert.equal(line.ask({ kind: 'balance', id: make.CONTRACT, key: make.CONTRACT }), 7n);
      main.rest();
    }
    return { txs: [], changes: emptyChanges() };
  });
  assert.deepEqual(ran, [1, 2]);
  port1.close();
});

test('parameters stay the same object until others come: compiled programs hang on it', async () => {
  const { port1, port2 } = new MessageChannel();
  const [bell, signals] = [new SharedArrayBuffer(4), newSignals()];
  const main = new MainLine(port1, signals);
  const line = new WorkerLine({ port: port2, signals, bell, readTimeoutMs: 1_000 });
  const env = testEnv(make.PARAMS);
  const others = { ...make.PARAMS, chainId: make.PARAMS.chainId + 1n };
  const envs = [env, { ...env, height: env.height + 1 }, { ...env, params: others }];
  envs.forEach((each, i) => {
    main.send(jobOf([call(i)], { blockNumber: i, env: each }));
  });
  main.send(jobOf([call(3)], { blockNumber: 2, env: null }));
  main.rest();
  const heard: LaneJob['env'][] = [];
  await line.serve(1_000, (job) => {
    heard.push(job.env);
    return { txs: [], changes: emptyChanges() };
  });
  const [first, second, third, none] = heard;
  assert.deepEqual(first, env);
  assert.equal(second?.height, env.height + 1);
  assert.equal(second?.params, first?.params);
  assert.deepEqual(third?.params, others);
  assert.equal(none, null);
  port1.close();
});

test('what an upgrade changes does not travel', () => {
  const { lane } = worker();
  const tx: ChargeableTx = {
    type: 'upgrade',
    purpose: { type: 'stateTransition', root: make.CONTRACT },
    policies: {},
    inputs: [],
    outputs: [],
    witnesses: [],
  };
  const upgrade = { id: make.CONTRACT, tx, raw: encodeTx(tx), verified: true };
  assert.throws(() => lane.run(jobOf([upgrade])), /run on the main thread/);
});
