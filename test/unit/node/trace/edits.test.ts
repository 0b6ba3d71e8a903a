/** Traces of transactions from before somebody changed the state by hand. */
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { createTracer } from '../../../../node/trace/service.ts';
import type { CallTree } from '../../../../node/trace/types.ts';
import { concatBytes, hexToBytes } from '../../../../primitives/bytes.ts';
import { type B256, ZERO_B256 } from '../../../../primitives/types.ts';
import { assemblePlan, signPlan } from '../../../../sdk/client/assemble.ts';
import { getChainInfo } from '../../../../sdk/client/chain.ts';
import { submitAndWait } from '../../../../sdk/client/transactions.ts';
import { assemble, parseInstruction } from '../../../../vm/asm.ts';
import { rulesFor } from '../../../../vm/rules.ts';
import { testEnv } from '../../../support/randomBlock.ts';
import { type TraceNode, traceNode } from '../../../support/traceNode.ts';

const ASSET: B256 = `0x${'0a'.repeat(32)}`;
/** Counts down from what the contract in its data has of the asset in its data. */
const COUNTS_DOWN = [
  'GTF $16 $zero 10',
  'ADDI $17 $16 32',
  'BAL $18 $16 $17',
  'JNEI $18 $zero 5',
  'RET $one',
  'SUBI $18 $18 1',
  'JNEI $18 $zero 5',
  'RET $one',
].map(parseInstruction);

let world: TraceNode;
before(async () => {
  world = await traceNode({ dev: true });
});
after(() => world.node.close());

async function countDown(): Promise<B256> {
  const { client, actor, node } = world;
  const chain = await getChainInfo(client);
  const [rich] = node.accounts;
  assert.ok(rich);
  const how = { chain, from: rich.address, spends: [], reserveGas: 10_000n };
  const plan = await assemblePlan(
    client,
    {
      type: 'script',
      scriptGasLimit: 0n,
      receiptsRoot: ZERO_B256,
      script: assemble(COUNTS_DOWN),
      scriptData: concatBytes(hexToBytes(ASSET), hexToBytes(actor)),
      policies: { maxFee: 0n },
      inputs: [],
      outputs: [],
      witnesses: [],
    },
    how,
  );
  await submitAndWait(client, signPlan(plan, hexToBytes(rich.secret)));
  return plan.id;
}

/** The balance that a transaction meets when it is run again, by the instructions that it takes. */
async function metAgain(id: B256): Promise<number> {
  const { body } = await world.get(`/trace/${id}`);
  const { source, instructions } = body as CallTree;
  assert.equal(source, 'execution', JSON.stringify(body));
  assert.ok(instructions !== null);
  return (instructions - 5) / 2;
}

it('what was changed by hand later is not seen by earlier transactions, and by later ones it is', async () => {
  const { dev } = world.node.services;
  assert.ok(dev);
  const change = (amount: bigint): Promise<unknown> =>
    dev.setContractBalance(world.actor, ASSET, amount);
  const first = await countDown();
  await change(5n);
  const second = await countDown();
  await change(7n);
  await change(8n);
  const third = await countDown();
  assert.deepEqual(
    [await metAgain(first), await metAgain(second), await metAgain(third)],
    [0, 5, 8],
  );
});

it('a change that was taken back, and another in its place', async () => {
  const { dev } = world.node.services;
  assert.ok(dev);
  const id = await countDown();
  const snapshot = await dev.snapshot();
  await dev.setContractBalance(world.actor, ASSET, 9n);
  assert.equal(await metAgain(id), 8);
  await dev.revert(snapshot);
  assert.equal(await metAgain(id), 8);
  await dev.setContractBalance(world.actor, ASSET, 10n);
  assert.equal(await metAgain(await countDown()), 10);
  assert.equal(await metAgain(id), 8);
});

it('a run that ends otherwise than the block is not shown: the receipts are', async () => {
  const { store, params } = world.node.services;
  const id = await countDown();
  const { height } = store.latest;
  const made = params().params;
  const env = testEnv(made, { height, gasPrice: 0n, rules: rulesFor(made, 'auto') });
  const tracer = createTracer({
    store,
    // Forgets to undo the block: the transaction is there already.
    history: {
      canRunAgain: () => true,
      kept: () => ({ height, env, events: [] }),
      before: (_: number, look: (view: unknown) => Promise<unknown>) => look(store),
    } as never,
    params,
    allowsRunning: true,
    nextEnv: () => env,
  });
  const tree = await tracer.transaction(id);
  assert.deepEqual([tree.source, tree.instructions], ['receipts', null]);
  assert.match(tree.whyReceipts ?? '', /ended otherwise than in its block/);
});
