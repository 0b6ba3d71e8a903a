import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { workload } from '../../../../bench/workloads/index.ts';
import type { ExecutedBlock, StateView, TxToExecute } from '../../../../executor/ports.ts';
import { produceBlock } from '../../../../executor/produce.ts';
import { createSerialRunner } from '../../../../executor/serial.ts';
import {
  BlockHistory,
  HISTORY_LIMITS,
  type HistoryLimits,
} from '../../../../node/explain/history.ts';
import { rulesFor } from '../../../../vm/rules.ts';
import { memoryState } from '../../../support/memoryState.ts';
import { listSource, testEnv } from '../../../support/randomBlock.ts';

/** A chain in memory whose blocks are remembered. */
class Chain {
  readonly made: ReturnType<typeof workload>;
  readonly history: BlockHistory;
  readonly blocks: ExecutedBlock[] = [];
  /** How often the store was asked for a block. */
  asked = 0;
  #view: StateView;

  constructor(limits: Partial<HistoryLimits> = {}) {
    this.made = workload('mint-counter', { count: 60, contracts: 4, sign: false });
    this.#view = memoryState([this.made.genesis]);
    const now = (): StateView => this.#view;
    const store = new Proxy({} as StateView, {
      get: (_, name) => (now()[name as keyof StateView] as () => unknown).bind(now()),
    });
    const block = (height: number): { transactionIds: string[] } | null => {
      this.asked += 1;
      const found = this.blocks[height - 1];
      return found === undefined
        ? null
        : { transactionIds: found.transactions.map(({ id }) => id) };
    };
    const transaction = (id: string): unknown =>
      this.blocks.flatMap(({ transactions }) => transactions).find((tx) => tx.id === id) ?? null;
    const rest = { block, transaction };
    const both = new Proxy(store, {
      get: (target, name) => (rest as never)[name as never] ?? target[name as keyof StateView],
    });
    this.history = new BlockHistory(both as never, { ...HISTORY_LIMITS, ...limits });
  }

  async make(count: number, options: { commit: boolean } = { commit: true }): Promise<void> {
    const { params } = this.made.options;
    const height = this.blocks.length + 1;
    const env = testEnv(params, { height, gasPrice: 0n, rules: rulesFor(params, 'auto') });
    const first = this.blocks.reduce((sum, { transactions }) => sum + transactions.length - 1, 0);
    const jobs: TxToExecute[] = this.made.txs.slice(first, first + count);
    const block = await produceBlock(env, listSource(jobs, 99), this.#view, createSerialRunner());
    const settle = this.history.remember(block, env);
    if (!options.commit) {
      settle(false);
      return;
    }
    this.blocks.push(block);
    const ids = this.blocks.flatMap(({ transactions }) => transactions.map(({ id }) => id));
    const layers = [this.made.genesis, ...this.blocks.map(({ changes }) => changes)];
    this.#view = memoryState(layers, ids);
    settle(true);
  }

  heights(): number[] {
    return this.history.recent(99).map(({ height }) => height);
  }
}

describe('history of blocks', () => {
  it('keeps the newest within each limit', async () => {
    const cases: [Partial<HistoryLimits>, number[]][] = [
      [{ blockCountMax: 2 }, [4, 3]],
      // Three transactions and the mint in each block.
      [{ txCountMax: 9 }, [4, 3]],
      [{ txCountMax: 1 }, [4]],
      [{}, [4, 3, 2, 1]],
    ];
    for (const [limits, expected] of cases) {
      const chain = new Chain(limits);
      for (let i = 0; i < 4; i += 1) await chain.make(3);
      assert.deepEqual(chain.heights(), expected);
      assert.equal(chain.history.kept(4)?.height, 4);
      assert.equal(chain.history.kept(5), null);
    }
  });

  it('a block with too many values is explained, but neither it nor an older one runs again', async () => {
    const chain = new Chain({ valueCountMax: 3 });
    await chain.make(1);
    await chain.make(12);
    await chain.make(1);
    assert.deepEqual(
      [3, 2, 1].map((height) => chain.history.canRunAgain(height)),
      [true, false, false],
    );
    await assert.rejects(
      chain.history.before(2, async () => {}),
      { code: 'WHAT_IF_FORGOTTEN' },
    );
  });

  it('who looks at one block after the other makes nothing twice, until there is a new one', async () => {
    const chain = new Chain();
    for (let i = 0; i < 6; i += 1) await chain.make(2);
    const lookAtAll = async (): Promise<number> => {
      const before = chain.asked;
      for (let height = 1; height <= 6; height += 1)
        await chain.history.before(height, async () => {});
      return chain.asked - before;
    };
    assert.equal(await lookAtAll(), 6);
    assert.equal(await lookAtAll(), 0);
    await chain.make(2);
    assert.equal(await lookAtAll(), 7);
    chain.history.forgetAbove(6);
    assert.equal(await lookAtAll(), 0);
  });

  it('a block whose commit failed is forgotten', async () => {
    const chain = new Chain();
    await chain.make(2);
    await chain.make(2, { commit: false });
    assert.deepEqual(chain.heights(), [1]);
    await chain.make(2);
    assert.deepEqual(chain.heights(), [2, 1]);
  });

  it('shows the state of then, also while blocks are added and others forgotten', async () => {
    const chain = new Chain({ blockCountMax: 3 });
    const views: StateView[] = [memoryState([chain.made.genesis])];
    for (let i = 0; i < 3; i += 1) await chain.make(4);
    const ids = [...chain.made.genesis.contractCode.keys()];
    const coins = [...chain.made.genesis.coins.keys()];
    const read = (view: StateView): unknown => [
      ids.map((id) => [view.slot(id, `0x${'00'.repeat(32)}`), view.contractUtxo(id)]),
      coins.map((key) => view.coin(key)),
      chain.blocks.map(({ transactions }) => view.transactionExists(transactions[0]!.id)),
    ];
    await chain.history.before(1, async (view) => {
      const then = read(views[0]!);
      assert.deepEqual(read(view), then);
      for (let i = 0; i < 4; i += 1) {
        await chain.make(4);
        const [slots, spent] = read(view) as unknown[];
        assert.deepEqual([slots, spent], (then as unknown[]).slice(0, 2));
      }
      assert.deepEqual(chain.heights(), [7, 6, 5]);
    });
  });
});
