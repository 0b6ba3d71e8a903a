/** Block triggers: a block that fails is logged and tried again, and ends nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Trigger } from '../../../node/config.ts';
import { BlockProducer } from '../../../node/producer.ts';

const TRIGGERS: readonly Trigger[] = [
  { type: 'instant' },
  { type: 'interval', blockTimeMs: 1 },
  { type: 'open', periodMs: 1 },
];

for (const trigger of TRIGGERS) {
  test(`${trigger.type}: block making fails twice, then works`, async () => {
    const lines: string[] = [];
    const say = (line: string): void => void lines.push(line);
    let calls = 0;
    let made: () => void = () => {};
    const done = new Promise<void>((resolve) => {
      made = resolve;
    });
    const producer = new BlockProducer(trigger, {
      nowMs: Date.now,
      log: { info: say, warn: say, error: say } as never,
      latest: () => ({ height: 0, time: 0n }),
      settled: async () => {},
      hasWork: () => calls < 3,
      makeBlock: async () => {
        calls += 1;
        if (calls < 3) throw new Error(`broken ${calls}`);
        made();
      },
      retryAfterMs: 5,
    });
    producer.start();
    await done;
    await producer.stop();
    const told = lines.filter((line) => line.startsWith('Block production failed'));
    assert.equal(told.length, 2, lines.join('\n'));
    assert.match(told[0] ?? '', /broken 1/);
  });
}

test('stopping does not wait for the pause after a failure', { timeout: 5_000 }, async () => {
  let failed: () => void = () => {};
  const once = new Promise<void>((resolve) => {
    failed = resolve;
  });
  const producer = new BlockProducer(TRIGGERS[0] as Trigger, {
    nowMs: Date.now,
    log: { info: () => {}, warn: () => {}, error: () => {} } as never,
    latest: () => ({ height: 0, time: 0n }),
    settled: async () => {},
    hasWork: () => true,
    makeBlock: async () => {
      failed();
      throw new Error('broken');
    },
    retryAfterMs: 60_000,
  });
  producer.start();
  await once;
  await new Promise((resolve) => setTimeout(resolve, 10));
  await producer.stop();
});

test('instant: what arrives in the same turn of the event loop shares a block', async () => {
  const blocks: number[] = [];
  let waiting = 0;
  const producer = new BlockProducer(TRIGGERS[0] as Trigger, {
    nowMs: Date.now,
    log: { info: () => {}, warn: () => {}, error: () => {} } as never,
    latest: () => ({ height: 0, time: 0n }),
    settled: async () => {},
    hasWork: () => waiting > 0,
    makeBlock: async () => {
      blocks.push(waiting);
      waiting = 0;
    },
  });
  producer.start();
  for (let i = 0; i < 5; i++) {
    await Promise.resolve();
    waiting += 1;
    producer.workArrived();
  }
  await new Promise((resolve) => setTimeout(resolve, 20));
  await producer.stop();
  assert.deepEqual(blocks, [5]);
});
