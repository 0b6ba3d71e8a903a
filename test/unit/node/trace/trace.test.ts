/** Traces of a node in this process: by running again, and from receipts. */
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { HISTORY_LIMITS } from '../../../../node/explain/history.ts';
import type { CallTree, TraceCall } from '../../../../node/trace/types.ts';
import { getTransaction } from '../../../../sdk/client/lookup.ts';
import { rawHex } from '../../../../sdk/describe/transaction.ts';
import { ACT, type TraceNode, traceNode } from '../../../support/traceNode.ts';

let world: TraceNode;
before(async () => {
  world = await traceNode();
});
after(() => world.node.close());

async function traceOf(act: bigint, from: TraceNode = world): Promise<CallTree> {
  const { status, body } = await from.get(`/trace/${await from.run(act)}`);
  assert.equal(status, 200, JSON.stringify(body));
  return body as CallTree;
}

/** The script, the call that it makes, and the call inside that. */
function levels({ call }: CallTree): [TraceCall, TraceCall, TraceCall] {
  const inner = (of: TraceCall): TraceCall => {
    const found = of.steps.find((step) => step.type === 'call');
    assert.ok(found);
    return found;
  };
  assert.ok(call);
  return [call, inner(call), inner(inner(call))];
}

it('calls, methods, gas, logs and changes of storage', async () => {
  const first = await traceOf(ACT.write);
  const [script, outer, acting] = levels(first);
  assert.equal(first.source, 'execution');
  assert.deepEqual([outer.contract, acting.contract], [world.forward, world.actor]);
  assert.deepEqual([script.method, outer.method, acting.method], [null, 'forward', null]);
  assert.ok(outer.args?.startsWith(world.actor), 'what lies behind the second parameter');
  assert.deepEqual(acting.steps, [{ type: 'log', values: ['0', '0', '0', '1'] }]);
  assert.deepEqual(acting.end, { type: 'return', value: '1' });
  const own = [script, outer, acting].map(({ ownGas }) => BigInt(ownGas ?? -1));
  assert.equal(BigInt(script.gasUsed ?? -1), own[0]! + own[1]! + own[2]!);
  assert.equal(BigInt(outer.gasUsed ?? -1), own[1]! + own[2]!);
  const byMethod = first.gas.reduce((sum, { gas }) => sum + BigInt(gas), 0n);
  assert.equal(byMethod, BigInt(script.gasUsed ?? -1), 'every unit belongs to one method');
  for (const { gas, opcodes } of first.gas) {
    assert.equal(
      opcodes.reduce((sum, each) => sum + BigInt(each.gas), 0n),
      BigInt(gas),
    );
  }
  const one = `0x${'00'.repeat(7)}01${'00'.repeat(24)}`;
  const slot = { contract: world.actor, key: world.actor };
  assert.deepEqual(first.slots, [{ ...slot, before: null, after: one }]);
  const again = await traceOf(ACT.write);
  assert.deepEqual(again.slots, [], 'the value is what it was');
});

it('a revert and a panic: where, why, and the code around', async () => {
  const reverted = await traceOf(ACT.revert);
  const [, outer, acting] = levels(reverted);
  assert.deepEqual([reverted.success, reverted.reason], [false, 'Revert(77)']);
  assert.deepEqual(acting.end, { type: 'revert', value: '77', offset: 28 });
  assert.deepEqual(outer.end, { type: 'unfinished' });
  const panicked = await traceOf(ACT.panic);
  const { end } = levels(panicked)[2];
  assert.ok(end.type === 'panic');
  assert.deepEqual(
    [end.reason, end.offset, end.instruction],
    ['ArithmeticError', 32, 'DIV $18 $one $zero'],
  );
  assert.equal(panicked.code.find(({ offset }) => offset === 32)?.text, end.instruction);
  assert.deepEqual(panicked.slots, []);
});

it('a whole block, and what there is not', async () => {
  const id = await world.run(ACT.write);
  const { body } = await world.get('/trace/block/latest');
  assert.deepEqual(
    body.traces.map((trace: CallTree) => trace.id),
    [id],
  );
  assert.deepEqual(body.traces[0], (await world.get(`/trace/${id}`)).body);
  for (const [path, status, code] of [
    [`/trace/0x${'12'.repeat(32)}`, 404, 'TRACE_UNKNOWN_TX'],
    ['/trace/0x12', 404, 'TRACE_UNKNOWN_TX'],
    ['/trace/block/4000000', 404, 'TRACE_UNKNOWN_BLOCK'],
    ['/trace/block/x', 404, 'TRACE_UNKNOWN_BLOCK'],
  ] as const) {
    const answer = await world.get(path);
    assert.deepEqual([answer.status, answer.body.error.code], [status, code], path);
  }
});

it('what a transaction in no block would do', async () => {
  const found = await getTransaction(world.client, await world.run(ACT.write));
  assert.ok(found?.tx.type === 'script');
  const scriptData = found.tx.scriptData.slice();
  // The last word tells the contract what to do.
  scriptData[scriptData.length - 1] = Number(ACT.panic);
  const tx = rawHex({ ...found.tx, scriptData });
  const { status, body } = await world.post({ tx });
  assert.equal(status, 200, JSON.stringify(body));
  assert.equal(levels(body as CallTree)[2].end.type, 'panic');
  assert.deepEqual([body.blockHeight, body.totalFee], [null, '0']);
  for (const [wrong, code] of [
    [{}, 'TRACE_BODY'],
    [{ tx: '0x12' }, 'TX_DECODE'],
    [{ tx: rawHex(found.tx) }, 'TRACE_REFUSED'],
  ] as const) {
    const answer = await world.post(wrong);
    assert.deepEqual([answer.status, answer.body.error.code], [400, code]);
  }
});

it('a deployment changes storage and has no calls', async () => {
  const { body } = await world.get('/trace/block/1');
  const [trace] = body.traces as CallTree[];
  assert.deepEqual([trace?.kind, trace?.call, trace?.source], ['create', null, 'execution']);
});

it('a transaction of hundreds of blocks ago is run again on the state of then', async () => {
  const { node } = world;
  const before = await traceOf(ACT.write);
  await node.services.blocks.produceBlocks(HISTORY_LIMITS.blockCountMax + 100, null);
  await world.run(ACT.write);
  const { body } = await world.get(`/trace/${before.id}`);
  assert.deepEqual(body, before);
  assert.equal(before.source, 'execution');
});

it('without --debug nothing runs again: the receipts tell what they can', async () => {
  const quiet = await traceNode({ debug: false });
  try {
    const trace = await traceOf(ACT.revert, quiet);
    const [, outer, acting] = levels(trace);
    assert.equal(trace.source, 'receipts');
    assert.match(trace.whyReceipts ?? '', /only with --debug/);
    assert.deepEqual([outer.method, outer.gasUsed], ['forward', null]);
    assert.ok(outer.args?.startsWith(quiet.actor), 'arguments of the script lie in its data');
    assert.deepEqual(acting.end, { type: 'revert', value: '77', offset: 28 });
    const raw = await quiet.post({ tx: '0x00' });
    assert.deepEqual([raw.status, raw.body.error.code], [403, 'TRACE_OFF']);
  } finally {
    await quiet.node.close();
  }
});
