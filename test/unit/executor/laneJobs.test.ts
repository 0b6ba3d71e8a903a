import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BlockInProgress } from '../../../executor/block.ts';
import { LaneJobs } from '../../../executor/laneJobs.ts';
import type { LaneThread } from '../../../executor/laneThread.ts';
import { emptyChanges, type StateView, type TxToExecute } from '../../../executor/ports.ts';
import { ReadHistory } from '../../../executor/readHistory.ts';
import type { RoundInput } from '../../../executor/round.ts';
import type { ContractId, SlotKey } from '../../../primitives/types.ts';
import { accessListOf } from '../../../tx/access.ts';
import * as make from '../../support/executorTx.ts';
import { memoryState } from '../../support/memoryState.ts';
import { testEnv } from '../../support/randomBlock.ts';

const OTHER: ContractId = `0x${'0e'.repeat(32)}`;
const KEY: SlotKey = `0x${'01'.repeat(32)}`;

/** What a job needs of a thread. */
function thread(): LaneThread {
  const known = { blockNumber: 0, told: new Set(), codes: new Set(), seen: new Map() };
  return known as unknown as LaneThread;
}

/** Jobs of a round of `txs`, whose places in the block are those in the round. */
function jobsOf(
  block: BlockInProgress,
  txs: readonly TxToExecute[],
  over: Pick<RoundInput, 'threads'> & Partial<RoundInput>,
): LaneJobs {
  const input = {
    ...{ block, blockNumber: 1, roundNumber: 1, txs, ahead: null, ...over },
    accesses: txs.map(({ tx, id }) => accessListOf(tx, id)),
    history: new ReadHistory(),
  } as unknown as RoundInput;
  return new LaneJobs(
    input,
    (position) => position,
    () => false,
  );
}

function wrote(contractId: ContractId, value: number): ReturnType<typeof emptyChanges> {
  const slots = new Map([[contractId, new Map([[KEY, Uint8Array.of(value)]])]]);
  return { ...emptyChanges(), slots };
}

test('a contract is named with what the newest block left behind, when threads have its database', () => {
  const left = { slots: new Map([[KEY, Uint8Array.of(9)]]), balances: undefined };
  const view = {
    ...{ contractCode: () => null, coin: () => null, contractUtxo: () => null },
    ...{ transactionExists: () => false, location: '/chain', laidOver: () => left },
  } as unknown as StateView;
  const block = new BlockInProgress(testEnv(make.PARAMS), view);
  const txs = [make.scriptTx({ inputs: [make.contractOf()], outputs: [make.contractOutputOf(0)] })];
  const jobFor = (statePath: string | null): ReturnType<LaneJobs['jobFor']> => {
    const jobs = jobsOf(block, txs, { threads: [thread()], statePath });
    return jobs.jobFor(0, [0]);
  };
  for (const elsewhere of [null, '/other']) {
    const { expected, readsDatabase } = jobFor(elsewhere);
    assert.deepEqual([expected, readsDatabase], [[], false]);
  }
  const { expected, readsDatabase } = jobFor('/chain');
  assert.equal(readsDatabase, true);
  assert.deepEqual(expected, [{ contractId: make.CONTRACT, ...left }]);
});

test('what was written is told to who runs the contract next, once, and to nobody else', () => {
  const call = (n: number, contractId: ContractId): ReturnType<typeof make.scriptTx> =>
    make.scriptTx({
      inputs: [make.coinOf(n), { ...make.contractOf(), contractId }],
      outputs: [make.changeTo(), make.contractOutputOf(1)],
    });
  const txs = [call(0, make.CONTRACT), call(1, OTHER), call(2, make.CONTRACT)];
  const threads = [thread(), thread()];
  const block = new BlockInProgress(testEnv(make.PARAMS), memoryState([make.testWorld()]));
  const jobs = jobsOf(block, txs, { threads });
  const told = (worker: number, lane: readonly number[]): (number | undefined)[] =>
    jobs.jobFor(worker, lane).writes.map(({ slots }) => slots?.get(KEY)?.[0]);

  jobs.remember(wrote(make.CONTRACT, 1), null);
  jobs.remember(wrote(make.CONTRACT, 2), null);
  assert.deepEqual(told(0, [1]), [], 'another contract');
  assert.deepEqual(told(0, [0]), [1, 2]);
  assert.deepEqual(told(0, [2]), [], 'it has them');
  jobs.remember(wrote(make.CONTRACT, 3), threads[0] as LaneThread);
  assert.deepEqual(told(0, [2]), [], 'its own');
  assert.deepEqual(told(1, [2]), [1, 2, 3], 'everything since it last had the contract');
});
