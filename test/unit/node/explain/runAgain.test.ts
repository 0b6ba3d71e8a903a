/** Random blocks of every kind of transaction, run again on the state that is pieced together. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type {
  BlockEnv,
  ExecutedBlock,
  StateView,
  TxToExecute,
} from '../../../../executor/ports.ts';
import { produceBlock } from '../../../../executor/produce.ts';
import { createSerialRunner } from '../../../../executor/serial.ts';
import { BlockHistory, type KeptBlock } from '../../../../node/explain/history.ts';
import { runAgain } from '../../../../node/explain/runAgain.ts';
import { NOTHING_CHANGED, whatIf } from '../../../../node/explain/whatIf.ts';
import { memoryState } from '../../../support/memoryState.ts';
import { listSource, RandomChain, testEnv } from '../../../support/randomBlock.ts';
import { paramsOf } from '../../../vectors/host.ts';

const SEEDS: readonly number[] = [1, 2, 3];
const BLOCK_COUNT = 4;
const TX_COUNT = 30;

/** A store that is made of the changes of its blocks. */
class Ledger {
  readonly blocks: ExecutedBlock[] = [];
  readonly #chain: RandomChain;
  view: StateView;

  constructor(chain: RandomChain) {
    this.#chain = chain;
    this.view = memoryState([chain.genesis]);
  }
  commit(block: ExecutedBlock): void {
    this.blocks.push(block);
    const ids = this.blocks.flatMap(({ transactions }) => transactions.map(({ id }) => id));
    const headers = this.blocks.map(({ header }) => [header.height, header] as const);
    const layers = [this.#chain.genesis, ...this.blocks.map(({ changes }) => changes)];
    this.view = memoryState(layers, ids, new Map(headers));
  }
  /** What `BlockHistory` needs of a store. */
  store(): never {
    const own = {
      block: (height: number) => {
        const block = this.blocks[height - 1];
        return block === undefined
          ? null
          : { transactionIds: block.transactions.map(({ id }) => id) };
      },
      transaction: (id: string) =>
        this.blocks.flatMap(({ transactions }) => transactions).find((tx) => tx.id === id) ?? null,
    };
    return new Proxy(own, {
      get: (target, name) =>
        target[name as keyof typeof own] ??
        (this.view[name as keyof StateView] as () => unknown).bind(this.view),
    }) as never;
  }
}

const params = paramsOf({ params: 'local' });

async function blocksOf(seed: number): Promise<{ ledger: Ledger; history: BlockHistory }> {
  const chain = new RandomChain(seed, params);
  const ledger = new Ledger(chain);
  const history = new BlockHistory(ledger.store());
  for (let height = 1; height <= BLOCK_COUNT; height += 1) {
    // Deployed before it is credited.
    const coinbaseRecipient = chain.contracts[0] as BlockEnv['coinbaseRecipient'];
    const env = testEnv(params, { height, coinbaseRecipient });
    const source = listSource(chain.txs(TX_COUNT), TX_COUNT);
    const block = await produceBlock(env, source, ledger.view, createSerialRunner());
    const settle = history.remember(block, env);
    ledger.commit(block);
    settle(true);
  }
  return { ledger, history };
}

for (const seed of SEEDS) {
  it(`every remembered block comes out as it was, seed ${seed}`, async () => {
    const { ledger, history } = await blocksOf(seed);
    const kinds = new Set<string>();
    for (let height = 1; height <= BLOCK_COUNT; height += 1) {
      const kept = history.kept(height) as KeptBlock;
      const block = ledger.blocks[height - 1] as ExecutedBlock;
      const jobs = block.transactions.flatMap(({ id, tx, raw }): TxToExecute[] =>
        tx.type === 'mint' ? [] : [{ id, tx, raw, verified: true }],
      );
      for (const { tx } of jobs) kinds.add(tx.type);
      await history.before(height, async (view) => {
        const again = await runAgain(kept, jobs, view);
        assert.equal(again.block.header.id, block.header.id, `block ${height}`);
        assert.deepEqual(again.block.changes, block.changes, `block ${height}`);
        const report = await whatIf(kept, block.transactions, view, NOTHING_CHANGED);
        assert.equal(report.differenceCount, 0);
      });
    }
    assert.ok(kinds.has('script') && kinds.size >= 2, [...kinds].join());
  });
}
