import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type DaBlock, decodeBlockPayload, encodeBlockPayload } from '../../../da/block.ts';
import { encodeFrame, frameCommitment } from '../../../da/frame.ts';
import { openLocalDa } from '../../../da/local.ts';
import type { DataAvailability } from '../../../da/ports.ts';
import { lastFrame, recoverBlocks } from '../../../da/recover.ts';
import type { SealedBlock } from '../../../executor/ports.ts';
import { writeU32 } from '../../../primitives/bytes.ts';
import type { B256 } from '../../../primitives/types.ts';
import { ZERO_B256 } from '../../../primitives/types.ts';
import { openChainStore } from '../../../state/open.ts';
import { newChain, nextBlock, testGenesis } from '../../support/chainMaker.ts';

const never = new AbortController().signal;
const CHAIN_ID = 0n;

function daBlockOf({ header, consensus, transactions }: SealedBlock): DaBlock {
  return { header, consensus, transactions: transactions.map(({ raw }) => raw) };
}

async function someBlocks(count: number): Promise<DaBlock[]> {
  const { initialise } = await openChainStore({ engine: 'memory' });
  const store = await initialise(testGenesis());
  const chain = newChain(3);
  const blocks = [daBlockOf(testGenesis())];
  while (blocks.length < count) {
    const block = nextBlock(chain, store, 4);
    await store.commitBlock(block);
    blocks.push(daBlockOf(block));
  }
  return blocks;
}

function frameOf(blocks: readonly DaBlock[], previous: B256): Uint8Array {
  return encodeFrame({
    chainId: CHAIN_ID,
    firstHeight: blocks[0]!.header.height,
    previous,
    payloads: blocks.map(encodeBlockPayload),
  });
}

/** Posts frames of two blocks each. */
async function posted(blocks: readonly DaBlock[]): Promise<DataAvailability> {
  const da = await openLocalDa({ directory: null });
  let previous: B256 = ZERO_B256;
  for (let at = 0; at < blocks.length; at += 2) {
    const blob = frameOf(blocks.slice(at, at + 2), previous);
    await da.post(blob, never);
    previous = frameCommitment(blob);
  }
  return da;
}

async function recovered(da: DataAvailability, chainId: bigint = CHAIN_ID): Promise<DaBlock[]> {
  const blocks: DaBlock[] = [];
  for await (const { receipt: _, ...block } of recoverBlocks(da, { chainId }, never)) {
    blocks.push(block);
  }
  return blocks;
}

describe('recovery from the DA layer', () => {
  it('gives every block back, from genesis on', async () => {
    const blocks = await someBlocks(7);
    assert.deepEqual(await recovered(await posted(blocks)), blocks);
  });

  it('goes on behind a known frame', async () => {
    const blocks = await someBlocks(6);
    const da = await posted(blocks.slice(0, 4));
    const from = await lastFrame(da, CHAIN_ID, never);
    assert.equal(from?.lastHeight, 3);
    await da.post(frameOf(blocks.slice(4), from!.commitment), never);
    const heights: number[] = [];
    for await (const block of recoverBlocks(da, { chainId: CHAIN_ID, from }, never)) {
      heights.push(block.header.height);
    }
    assert.deepEqual(heights, [4, 5]);
    assert.equal((await lastFrame(da, CHAIN_ID, never))?.lastHeight, 5);
  });

  it('finds nothing on an empty layer', async () => {
    const da = await openLocalDa({ directory: null });
    assert.deepEqual(await recovered(da), []);
    assert.equal(await lastFrame(da, CHAIN_ID, never), null);
  });

  it('stops at a gap, at a wrong link, at wrong heights and at a foreign chain', async () => {
    const blocks = await someBlocks(6);
    const gap = await openLocalDa({ directory: null });
    await gap.post(frameOf(blocks.slice(2, 4), `0x${'11'.repeat(32)}`), never);
    await assert.rejects(recovered(gap), { code: 'DA_CHAIN_BROKEN' });

    const skipped = await posted(blocks.slice(0, 2));
    const end = await lastFrame(skipped, CHAIN_ID, never);
    await skipped.post(frameOf(blocks.slice(4), end!.commitment), never);
    await assert.rejects(recovered(skipped), {
      code: 'DA_CHAIN_BROKEN',
      message: /block 4, not 2/,
    });

    const shuffled = await openLocalDa({ directory: null });
    await shuffled.post(frameOf([blocks[0]!, blocks[2]!], ZERO_B256), never);
    await assert.rejects(recovered(shuffled), {
      code: 'DA_CHAIN_BROKEN',
      message: /holds block 2/,
    });

    const foreign = await posted(blocks);
    await assert.rejects(recovered(foreign, 5n), { code: 'DA_FRAME_INVALID' });
  });
});

describe('block payloads', () => {
  it('are refused when cut, prolonged or changed', async () => {
    const [, block] = await someBlocks(2);
    const payload = encodeBlockPayload(block!);
    assert.deepEqual(decodeBlockPayload(payload), block);
    const refused = { code: 'DA_FRAME_INVALID' };
    for (let length = 0; length < payload.length; length += 13) {
      assert.throws(() => decodeBlockPayload(payload.subarray(0, length)), refused);
    }
    assert.throws(() => decodeBlockPayload(Uint8Array.of(...payload, 0)), refused);
    const changed = payload.slice();
    changed[changed.length - 1]! ^= 1;
    assert.throws(() => decodeBlockPayload(changed), { ...refused, message: /root/ });
    const huge = payload.slice();
    writeU32(huge, 0, 0xffff_ffff);
    assert.throws(() => decodeBlockPayload(huge), { ...refused, message: /above/ });
  });
});
