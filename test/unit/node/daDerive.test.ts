/** Frames that leave out what follows from execution, and what reads them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WorkloadName } from '../../../bench/workloads/index.ts';
import type { ReadBlock } from '../../../da/block.ts';
import type { BlockToWrite } from '../../../da/compact/encode.ts';
import { Registry } from '../../../da/compact/history.ts';
import { decodeFrame, encodeFrame } from '../../../da/frame.ts';
import { createSerialRunner } from '../../../executor/serial.ts';
import { deriveBlock } from '../../../node/daDerive.ts';
import { storeHistory } from '../../../node/daHistory.ts';
import { DEV_CONSENSUS_KEY } from '../../../node/defaults.ts';
import { hexToBytes } from '../../../primitives/bytes.ts';
import { addressOfSecret } from '../../../primitives/secp256k1.ts';
import { ZERO_B256 } from '../../../primitives/types.ts';
import type { ChainStore } from '../../../state/types.ts';
import { decodeTx } from '../../../tx/codec/transaction.ts';
import { executedChain } from '../../support/daWorkload.ts';
import { roomyParams } from '../../support/funded.ts';

const { chainId } = roomyParams();
const OPTIONS = {
  vmRules: 'auto',
  utxoValidation: true,
  authorities: new Set([addressOfSecret(hexToBytes(DEV_CONSENSUS_KEY))]),
} as const;

async function frameOf(
  blocks: readonly BlockToWrite[],
  store: ChainStore,
  leavesResultsOut: boolean,
): Promise<Uint8Array> {
  const registry = new Registry(leavesResultsOut);
  const context = { chainId, registry, history: storeHistory(store) };
  return await encodeFrame(ZERO_B256, blocks, context);
}

/** Executes what a frame holds on top of the state before it. */
async function derived(
  frame: Uint8Array,
  store: ChainStore,
  change: (block: ReadBlock) => ReadBlock = (block) => block,
): Promise<void> {
  for (const block of decodeFrame(frame, chainId).blocks(storeHistory(store))) {
    const sealed = await deriveBlock(change(block), store, createSerialRunner(), OPTIONS);
    await store.commitBlock(sealed);
  }
}

const MIX: readonly WorkloadName[] = ['token', 'amm', 'mixed', 'predicates'];
/** Small frames say everything for the first time; the goal is for those of `npm run check`. */
const IS_SLOW = process.env['FUELRAIL_SLOW'] === '1';
const SIZE = { count: IS_SLOW ? 2_000 : 100, txsPerBlock: IS_SLOW ? 200 : 50 };
const PARTS = IS_SLOW ? 5 : 4;

describe('frames without results', () => {
  for (const name of MIX) {
    it(`give the same bytes back, and are at most 1/${PARTS} of them: ${name}`, async () => {
      const { blocks, fresh } = await executedChain(name, SIZE);
      const store = await fresh();
      const frame = await frameOf(blocks, store, true);
      await derived(frame, store);
      let canonicalBytes = 0;
      for (const { block } of blocks) {
        const kept = store.blockTransactionBytes(block.header.height);
        assert.deepEqual(kept, block.transactions);
        canonicalBytes += block.transactions.reduce((sum, { length }) => sum + length, 0);
      }
      assert.equal(store.latest.id, blocks.at(-1)!.block.header.id);
      assert.ok(PARTS * frame.length <= canonicalBytes, `${frame.length} of ${canonicalBytes}`);
    });
  }

  it('are derived as those with results are', async () => {
    const { blocks, fresh } = await executedChain('mixed', { count: 40, txsPerBlock: 20 });
    const digests: string[] = [];
    for (const leavesResultsOut of [false, true]) {
      const store = await fresh();
      await derived(await frameOf(blocks, store, leavesResultsOut), store);
      digests.push(await store.digest());
    }
    assert.equal(digests[0], digests[1]);
  });

  it('have zeros for the results, and the whole header', async () => {
    const { blocks, fresh } = await executedChain('token', { count: 5, txsPerBlock: 5 });
    const store = await fresh();
    const frame = await frameOf(blocks, store, true);
    const [read] = [...decodeFrame(frame, chainId).blocks(storeHistory(store))];
    assert.equal(read!.leavesResultsOut, true);
    assert.equal(read!.header.id, blocks[0]!.block.header.id);
    const { tx } = decodeTx(read!.transactions[0]!);
    assert.ok(tx.type === 'script' && tx.receiptsRoot === ZERO_B256);
    assert.notDeepEqual(read!.transactions, blocks[0]!.block.transactions);
  });

  it('are refused when execution does not come to what the header says', async () => {
    const { blocks, fresh } = await executedChain('token', { count: 10, txsPerBlock: 5 });
    const store = await fresh();
    const frame = await frameOf(blocks, store, true);
    const [first] = [...decodeFrame(frame, chainId).blocks(storeHistory(store))];
    // One transaction less, under the same header.
    const fewer = (): ReadBlock => ({ ...first!, transactions: first!.transactions.slice(1) });
    await assert.rejects(derived(frame, store, fewer), { code: 'BLOCK_INVALID' });
    assert.equal(store.latest.height, 0);
  });

  it('never refer to a result that the reader does not have', async () => {
    const { blocks, fresh } = await executedChain('token', { count: 2, txsPerBlock: 2 });
    const { tx } = decodeTx(blocks[0]!.block.transactions[0]!);
    assert.ok(tx.type === 'script');
    for (const [leavesResultsOut, isKnown] of [
      [true, false],
      [false, true],
    ] as const) {
      const registry = new Registry(leavesResultsOut);
      registry.observe(1, 0, { id: blocks[0]!.ids![0]!, tx });
      assert.equal(registry.id(tx.receiptsRoot) !== null, isKnown);
    }
    assert.equal((await fresh()).latest.height, 0);
  });
});
