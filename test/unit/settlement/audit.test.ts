/**
 * The auditor has nothing to say against what the executor makes: random blocks with calls,
 * deployments, blobs, upgrades, messages, and transactions that fail.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Changes } from '../../../executor/ports.ts';
import { produceBlock } from '../../../executor/produce.ts';
import { createSerialRunner } from '../../../executor/serial.ts';
import { Auditor, auditorSelfTest, type CommittedBlock } from '../../../settlement/index.ts';
import * as make from '../../support/executorTx.ts';
import { memoryState } from '../../support/memoryState.ts';
import { listSource, RandomChain, testEnv } from '../../support/randomBlock.ts';

const SEEDS = 12;
const BLOCKS = 3;
const TXS = 60;
const TERMS = {
  chainId: make.PARAMS.chainId,
  baseAsset: make.PARAMS.baseAssetId,
  firstHeight: 1,
};

async function chainOf(seed: number): Promise<CommittedBlock[]> {
  const chain = new RandomChain(seed, make.PARAMS, true);
  const layers: Changes[] = [chain.genesis];
  const runner = createSerialRunner();
  const blocks: CommittedBlock[] = [];
  for (let height = 1; height <= BLOCKS; height++) {
    const env = testEnv(make.PARAMS, { height });
    const source = listSource(chain.txs(TXS), TXS);
    const block = await produceBlock(env, source, memoryState(layers), runner);
    layers.push(block.changes);
    const transactions = block.transactions.map(({ raw }) => raw);
    blocks.push({ header: block.header, inboxCount: 0n, transactions });
  }
  return blocks;
}

test('blocks of the executor are in order', async () => {
  const kinds = new Set<number>();
  let count = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const blocks = await chainOf(seed);
    const auditor = new Auditor(TERMS, async (height) => blocks[height - 1] ?? null);
    for (const [i, block] of blocks.entries()) {
      const { height, id } = block.header;
      const claim = { first: height, last: height, lastBlockId: id, inboxCount: 0n };
      const found = await auditor.audit(claim, [blocks[i]!], []);
      assert.equal(found, null, `seed ${seed}, block ${height}: ${JSON.stringify(found)}`);
      for (const raw of block.transactions) kinds.add(raw[7]!);
      count += block.transactions.length;
    }
    assert.equal(await auditorSelfTest(TERMS, blocks), true);
  }
  assert.ok(count > 500, String(count));
  assert.deepEqual([...kinds].sort(), [0, 1, 2, 3, 5]);
});

test('an auditor without a transaction to try itself on says so', async () => {
  const [block] = await chainOf(1);
  const empty = { ...block!, transactions: block!.transactions.slice(-1) };
  assert.equal(await auditorSelfTest(TERMS, [empty]), false);
});
