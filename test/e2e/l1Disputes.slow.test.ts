/**
 * The project's own contract on anvil over real blocks of this node: every planted fraud is
 * convicted by one call, honest blocks by none.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type B256, ZERO_B256 } from '../../primitives/types.ts';
import {
  Auditor,
  commitArguments,
  type InboxEntry,
  type Statement,
  statementArguments,
  txProof,
} from '../../settlement/index.ts';
import { anvilPath } from '../support/anvil.ts';
import { Case, FRAUDS, type Fraud } from '../support/frauds.ts';
import { VARIANTS } from '../support/fraudVariants.ts';
import { checkGas } from '../support/gasRecord.ts';
import { BOND, CHALLENGER, PARAMS, type Rollup, WINDOW_S } from '../support/rollup.ts';
import { openWorld, type World } from '../support/rollupWorld.ts';
import { SETTLEMENT } from '../support/settlementContracts.ts';

/** What the auditor finds by itself is enough as well. */
async function auditorConvicts(rollup: Rollup, made: Case): Promise<void> {
  const found = await auditAll(made, await rollup.entries());
  assert.ok(found !== null);
  const prover = {
    block: async (height: number) => made.blk(height - 1),
    tx: async ({ height, tx }: { height: number; tx: number }) =>
      txProof(made.blocks[height - 1]!, tx),
    trace: (): never => assert.fail('these frauds are found without states'),
    firstHeight: 1,
  };
  const args = await statementArguments(found, prover);
  assert.equal(await rollup.refusal(found.name, args), null, found.name);
}

/** The first statement against one of the batches. */
async function auditAll(made: Case, entries: readonly InboxEntry[]): Promise<Statement | null> {
  const terms = { chainId: PARAMS.chainId, baseAsset: PARAMS.baseAssetId, firstHeight: 1 };
  const auditor = new Auditor(terms, async (height) => made.blocks[height - 1] ?? null);
  for (const [index, { blocks }] of made.batches.entries()) {
    const first = 1 + index * made.split;
    const { header, inboxCount } = blocks.at(-1)!;
    const claim = {
      first,
      last: first + blocks.length - 1,
      lastBlockId: header.id,
      inboxCount,
    };
    const found = await auditor.audit(claim, blocks, entries);
    if (found !== null) return found;
  }
  return null;
}

async function convicts({ rollup, blocks, split }: World, fraud: Fraud): Promise<void> {
  const { anvil, settlement } = rollup;
  const planted = fraud.plant(blocks, split);
  const made = new Case(planted.blocks, split);
  await made.commit(rollup);
  const args = planted.args(made);
  await auditorConvicts(rollup, made);
  const purse = async (): Promise<bigint> =>
    anvil.pub.getBalance({ address: anvil.wallets[CHALLENGER]!.account.address });
  const before = await purse();
  const receipt = await anvil.send(
    fraud.name,
    CHALLENGER,
    settlement,
    SETTLEMENT,
    fraud.name,
    args,
  );
  const fee = receipt.gasUsed * receipt.effectiveGasPrice;
  assert.equal((await purse()) - before + fee, BOND / 2n, fraud.name);
  assert.equal(await anvil.read(settlement, SETTLEMENT, 'batchCount'), 1n, fraud.name);
  assert.equal(await anvil.pub.getBalance({ address: settlement }), BOND, 'what is left is burnt');
  // The batch is gone: it cannot be convicted twice.
  assert.notEqual(await rollup.refusal(fraud.name, args), null, fraud.name);
}

test('disputes', { skip: anvilPath() === null }, async (t) => {
  const world = await openWorld(t);
  const { rollup, blocks, split } = world;
  const { anvil, settlement } = rollup;
  let clean = await anvil.test.snapshot();
  const fresh = async (): Promise<void> => {
    await anvil.test.revert({ id: clean });
    clean = await anvil.test.snapshot();
  };

  for (const fraud of FRAUDS) {
    await t.test(`convicts: ${fraud.fraud}`, async () => {
      await fresh();
      await convicts(world, fraud);
    });
  }

  await t.test('convicts: wrong end', async () => {
    await fresh();
    const honest = new Case(blocks, split);
    const [parent, last, root, , count, pointer] = commitArguments(
      honest.batches[0]!,
      ZERO_B256,
      new Uint8Array(0),
    );
    const args = [parent, last, root, `0x${'55'.repeat(32)}`, count, pointer];
    await anvil.send('commitBatch', 0, settlement, SETTLEMENT, 'commitBatch', args, BOND);
    const end = honest.blk(split - 1);
    await anvil.send('wrongEnd', CHALLENGER, settlement, SETTLEMENT, 'wrongEnd', [end]);
    assert.equal(await anvil.read(settlement, SETTLEMENT, 'batchCount'), 0n);
  });

  await t.test('the first of two batches: its successor goes with it', async () => {
    await fresh();
    const fraud = FRAUDS.find(({ name }) => name === 'inflation')!;
    const planted = fraud.plant(blocks, 2);
    const made = new Case(planted.blocks, 2);
    await made.commit(rollup);
    const args = planted.args(made);
    await anvil.send('inflation', CHALLENGER, settlement, SETTLEMENT, 'inflation', args);
    assert.equal(await anvil.read(settlement, SETTLEMENT, 'batchCount'), 1n);
  });

  await t.test('a fraud under many batches costs no more to take back', async () => {
    await fresh();
    const fraud = FRAUDS.find(({ name }) => name === 'misplacedMint')!;
    const made = new Case(fraud.plant(blocks, 1).blocks, 1);
    const recorded = anvil.gas.get('misplacedMint')!;
    let parent: B256 = ZERO_B256;
    for (const block of made.blocks) {
      await rollup.commit([block], parent);
      parent = block.header.id;
    }
    const alone = new Case(made.blocks.slice(0, 2), 1);
    const args = fraud.plant(blocks, 1).args(alone);
    await anvil.send('buried', CHALLENGER, settlement, SETTLEMENT, fraud.name, args);
    assert.equal(await anvil.read(settlement, SETTLEMENT, 'batchCount'), 1n);
    assert.equal(await rollup.refusal('release', [1n]), 'NoBatch');
    assert.ok(anvil.gas.get('buried')! < (recorded * 11n) / 10n);
  });

  await t.test('not after the window, and never twice the bond', async () => {
    await fresh();
    const fraud = FRAUDS[0]!;
    const planted = fraud.plant(blocks, split);
    const made = new Case(planted.blocks, split);
    await made.commit(rollup);
    assert.equal(await rollup.refusal('release', [0n]), 'NotFinal');
    await anvil.pass(WINDOW_S + 1);
    assert.equal(await rollup.refusal(fraud.name, planted.args(made)), 'TooLate');
    await anvil.send('release', CHALLENGER, settlement, SETTLEMENT, 'release', [0n]);
    assert.equal(await rollup.refusal('release', [0n]), 'AlreadyDone');
  });

  await t.test('the auditor has nothing to say against honest blocks', async () => {
    await fresh();
    const honest = new Case(blocks, split);
    await honest.commit(rollup);
    assert.equal(await auditAll(honest, await rollup.entries()), null);
  });

  await t.test('gas of each statement is as recorded, and below the limit', () => {
    checkGas(anvil.gas, [...FRAUDS.map(({ name }) => name), 'wrongEnd', 'commitBatch']);
  });

  for (const variant of VARIANTS) {
    await t.test(`convicts: ${variant.fraud} (${variant.name})`, async () => {
      await fresh();
      await convicts({ ...world, split: variant.splitAt?.(blocks) ?? split }, variant);
    });
  }
});
