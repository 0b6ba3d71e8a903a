/** Traces of blocks of compiled contracts, against what the blocks themselves say. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { WorkloadName } from '../../../../bench/workloads/index.ts';
import type { CallTree, TraceCall } from '../../../../node/trace/types.ts';
import type { ContractId, SlotKey, TxId } from '../../../../primitives/types.ts';
import { explainNode } from '../../../support/explainNode.ts';

const TX_COUNT = 12;
const SEED = 3;

/** All calls below a call. */
function callsOf(call: TraceCall): TraceCall[] {
  const inner = call.steps.filter((step): step is TraceCall => step.type === 'call');
  return [...inner, ...inner.flatMap(callsOf)];
}

for (const name of ['token', 'amm', 'orderbook', 'mixed'] as const satisfies WorkloadName[]) {
  it(`${name}: gas, calls and storage, seed ${SEED}`, async () => {
    const world = await explainNode(name, { count: TX_COUNT, seed: SEED });
    try {
      const { store } = world.node.services;
      await world.block(0, TX_COUNT / 2 - 1);
      const height = await world.block(TX_COUNT / 2, TX_COUNT - 1);
      // The first of them is no longer the latest block: its state has to be pieced together.
      const last = new Map<string, string | null>();
      for (const at of [height - 1, height]) {
        const { status, body } = await world.get(`/trace/block/${at}`);
        assert.equal(status, 200, JSON.stringify(body));
        const traces = body.traces as CallTree[];
        assert.ok(traces.length > 0);
        for (const trace of traces) {
          assert.equal(trace.source, 'execution');
          const receipts = store.transaction(trace.id as TxId)?.receipts ?? [];
          const result = receipts.find((receipt) => receipt.type === 'scriptResult');
          if (trace.call === null || result?.type !== 'scriptResult') continue;
          assert.equal(trace.call.gasUsed, String(result.gasUsed));
          const byMethod = trace.gas.reduce((sum, { gas }) => sum + BigInt(gas), 0n);
          assert.equal(byMethod, result.gasUsed);
          const calls = callsOf(trace.call);
          assert.equal(calls.length, receipts.filter(({ type }) => type === 'call').length);
          for (const { ownGas, gasUsed, gasForwarded } of calls) {
            assert.ok(BigInt(ownGas ?? -1) <= BigInt(gasUsed ?? -1));
            assert.ok(BigInt(gasUsed ?? -1) <= BigInt(gasForwarded ?? -1));
          }
          for (const { contract, key, before, after } of trace.slots) {
            const slot = `${contract} ${key}`;
            if (last.has(slot)) assert.equal(before, last.get(slot), 'one write follows another');
            last.set(slot, after);
          }
        }
      }
      for (const [slot, after] of last) {
        const [contract, key] = slot.split(' ') as [ContractId, SlotKey];
        const now = store.slot(contract, key);
        assert.equal(now === null ? null : `0x${Buffer.from(now).toString('hex')}`, after);
      }
    } finally {
      await world.node.close();
    }
  });
}
