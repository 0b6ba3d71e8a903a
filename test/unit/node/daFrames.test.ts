/** Frames made in a thread are those that are made here. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeFrame, frameCommitment } from '../../../da/frame.ts';
import { frameMaker } from '../../../da/maker.ts';
import {
  type EarlierBlocks,
  FRAME_THREAD_DEATHS_MAX,
  FRAME_THREAD_TXS_MIN,
  RECALLED_BLOCKS_MAX,
  RECALLED_TXS_MAX,
  threadedFrames,
} from '../../../node/daFrames.ts';
import { type B256, ZERO_B256 } from '../../../primitives/types.ts';
import { decodeTx } from '../../../tx/codec/transaction.ts';
import { historyOf, REALISTIC, Traffic } from '../../support/daTraffic.ts';

const { chainId } = REALISTIC;
const WORKER = new URL('../../../node/daFrameWorker.js', import.meta.url);
const ENOUGH = FRAME_THREAD_TXS_MIN;

function world(): { traffic: Traffic; history: ReturnType<typeof historyOf> } {
  const traffic = new Traffic({ ...REALISTIC, accounts: 300 });
  return { traffic, history: historyOf(traffic.blocks, (raw) => decodeTx(raw).tx) };
}

const below =
  (traffic: Traffic): EarlierBlocks =>
  (height) =>
    traffic.blocks.filter(({ block }) => block.header.height < height).reverse();

describe('frames in a thread', () => {
  for (const leavesResultsOut of [false, true]) {
    it(`are the same bytes, results ${leavesResultsOut ? 'left out' : 'carried'}`, async () => {
      const { traffic, history } = world();
      const options = { chainId, leavesResultsOut, effort: 3 };
      const here = frameMaker(options, history);
      const there = threadedFrames(options, history, WORKER);
      let previous: B256 = ZERO_B256;
      for (let i = 0; i < 3; i++) {
        const blocks = [traffic.next(ENOUGH), traffic.next(20)];
        const bytes = await there.make(previous, blocks);
        assert.deepEqual(bytes, await here.make(previous, blocks));
        previous = frameCommitment(bytes);
        assert.equal(blocks[0]!.block.transactions[0]!.length > 0, true, 'the caller keeps his');
      }
      await there.close();
    });
  }

  it('ask for what the thread has never seen, and forget when told to', async () => {
    const { traffic, history } = world();
    // Spent below, before there is a thread.
    for (let i = 0; i < 4; i++) traffic.next(100);
    const options = { chainId, leavesResultsOut: false, effort: 3 };
    const there = threadedFrames(options, history, WORKER);
    const first = [traffic.next(ENOUGH)];
    const bytes = await there.make(ZERO_B256, first);
    assert.deepEqual(bytes, await frameMaker(options, history).make(ZERO_B256, first));
    there.forget();
    const second = [traffic.next(ENOUGH)];
    const again = await there.make(ZERO_B256, second);
    assert.deepEqual(again, await frameMaker(options, history).make(ZERO_B256, second));
    const read = [...decodeFrame(again, chainId).blocks(history)];
    assert.deepEqual(read, [second[0]!.block]);
    await there.close();
  });

  it('are made here after threads have died, and refer to what was there before', async () => {
    const { traffic, history } = world();
    const options = { chainId, leavesResultsOut: false, effort: 3 };
    const dying = new URL('data:text/javascript,setTimeout(() => process.exit(1), 10)');
    const frames = threadedFrames(options, history, dying, below(traffic));
    const here = frameMaker(options, history);
    const before = [traffic.next(20), traffic.next(20)];
    assert.deepEqual(await frames.make(ZERO_B256, before), await here.make(ZERO_B256, before));
    const blocks = [traffic.next(ENOUGH)];
    for (let deaths = 0; deaths < FRAME_THREAD_DEATHS_MAX; deaths++) {
      await assert.rejects(frames.make(ZERO_B256, blocks), { code: 'DA_FRAME_THREAD_DIED' });
      frames.forget();
    }
    const bytes = await frames.make(ZERO_B256, blocks);
    assert.deepEqual(bytes, await here.make(ZERO_B256, blocks), 'as if nothing had happened');
    assert.ok(bytes.length < (await frameMaker(options, history).make(ZERO_B256, blocks)).length);
    await frames.close();
  });

  for (const url of [WORKER, null]) {
    it(`refer to blocks of before a start, ${url === null ? 'made here' : 'in a thread'}`, async () => {
      const { traffic, history } = world();
      const options = { chainId, leavesResultsOut: true, effort: 3 };
      const goesOn = frameMaker(options, history);
      await goesOn.make(ZERO_B256, [traffic.next(ENOUGH), traffic.next(10)]);
      const frames = threadedFrames(options, history, url, below(traffic));
      const blocks = [traffic.next(ENOUGH)];
      const bytes = await frames.make(ZERO_B256, blocks);
      assert.deepEqual(bytes, await goesOn.make(ZERO_B256, blocks));
      const chain = historyOf(traffic.blocks, (raw) => decodeTx(raw).tx);
      assert.equal([...decodeFrame(bytes, chainId).blocks(chain)].length, 1);
      frames.forget();
      assert.deepEqual(await frames.make(ZERO_B256, blocks), bytes);
      await frames.close();
    });
  }

  it('a new registry is filled with so many blocks, newest first', async () => {
    const { traffic, history } = world();
    const options = { chainId, leavesResultsOut: false, effort: 3 };
    const [one] = [traffic.next(1)];
    let asked = 0;
    const endless = function* () {
      for (;;) {
        asked += 1;
        yield one;
      }
    };
    const frames = threadedFrames(options, history, null, endless);
    await frames.make(ZERO_B256, [traffic.next(1)]);
    await frames.make(ZERO_B256, [traffic.next(1)]);
    const txCount = one.block.transactions.length;
    assert.equal(asked, Math.min(RECALLED_BLOCKS_MAX, Math.ceil(RECALLED_TXS_MAX / txCount)));
  });

  it('are made here while there is little in them', async () => {
    const { traffic, history } = world();
    const options = { chainId, leavesResultsOut: false, effort: 3 };
    const frames = threadedFrames(options, history, new URL('file:///nowhere.js'));
    const blocks = [traffic.next(ENOUGH - 2)];
    assert.ok((await frames.make(ZERO_B256, blocks)).length > 0);
    await frames.close();
  });
});
