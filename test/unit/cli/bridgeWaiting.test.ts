/** Waiting for the other chain: what a terminal shows, what a file gets, what passes by itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  describeDeposit,
  describeWithdrawal,
  durationText,
  lookAtDeposit,
} from '../../../cli/bridge/standing.ts';
import { type Look, waitFor } from '../../../cli/bridge/waiting.ts';
import { CodedError } from '../../../primitives/errors.ts';

const NONCE = `0x${'07'.repeat(32)}` as const;

/** A place for lines, with a clock that moves when somebody sleeps. */
function outputOf(isTerminal: boolean) {
  const written: string[] = [];
  let nowMs = 0;
  return {
    written,
    isTerminal,
    write: (text: string) => void written.push(text),
    nowMs: () => nowMs,
    sleep: async (ms: number) => {
      nowMs += ms;
    },
  };
}

/** Stages of 10 s each for 200 s, with the time left. */
function looks(out: ReturnType<typeof outputOf>): () => Promise<Look<string>> {
  return async () => {
    const at = out.nowMs();
    const stage = at < 100_000 ? 'committed' : 'almost';
    const text = (): string => `${stage}, ${durationText((200_000 - out.nowMs()) / 1000)} left`;
    return { stage, text, isDone: at >= 200_000, value: 'there' };
  };
}

test('a terminal has one line that counts down', async () => {
  const out = outputOf(true);
  assert.equal(await waitFor(looks(out), out), 'there');
  assert.ok(out.written.every((text) => text.startsWith('\r\x1b[K')));
  const left = new Set(out.written.map((text) => text.slice(4)));
  for (const line of [
    'committed, 3 min 20 s left',
    'committed, 3 min 19 s left',
    'almost, 1 s left',
  ]) {
    assert.ok(left.has(line), line);
  }
});

test('a file gets a line for each stage, and for each minute of it', async () => {
  const out = outputOf(false);
  await waitFor(looks(out), out);
  assert.deepEqual(out.written, [
    'committed, 3 min 20 s left\n',
    'committed, 2 min 20 s left\n',
    'almost, 1 min 40 s left\n',
    'almost, 40 s left\n',
  ]);
});

test('what passes by itself is waited out, but not at the first question', async () => {
  const out = outputOf(false);
  let asked = 0;
  const failing = (code: string, from: number) => async (): Promise<Look<number>> => {
    asked += 1;
    if (asked >= from && asked < from + 3) throw new CodedError(code, 'no answer');
    return { stage: 'waiting', text: () => 'waiting', isDone: asked > 6, value: asked };
  };
  assert.equal(await waitFor(failing('L1_UNAVAILABLE', 2), out), 7);
  assert.deepEqual(out.written, ['waiting\n', 'no answer; trying again\n', 'waiting\n']);
  asked = 0;
  await assert.rejects(waitFor(failing('NODE_UNREACHABLE', 1), out), { code: 'NODE_UNREACHABLE' });
  asked = 0;
  await assert.rejects(waitFor(failing('WITHDRAWAL', 3), out), { code: 'WITHDRAWAL' });
});

test('stages in words', () => {
  const inS = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;
  const waiting = { type: 'waiting', dueHeight: 20, challengeS: 604_800 } as const;
  assert.match(describeWithdrawal(waiting, 13), /block 20 .* \(now at 13\), then 7 d until/);
  const committed = { type: 'committed', rootHeight: 20, finalAtS: inS(90_061) } as const;
  assert.equal(describeWithdrawal(committed, 20), 'committed with block 20, final in 1 d 1 h');
  const unknown = { ...committed, finalAtS: null };
  assert.equal(describeWithdrawal(unknown, 20), 'committed with block 20, not final yet');
  const included = { type: 'included', nonce: NONCE, finalAtS: inS(601) } as const;
  assert.match(describeDeposit(included), /final in about 10 min/);
  assert.match(describeDeposit({ ...included, finalAtS: inS(-5) }), /final any moment now/);
  const here = { type: 'here', nonce: NONCE, forContract: true } as const;
  assert.match(describeDeposit(here), new RegExp(`fuelrail bridge deliver ${NONCE}`));
  assert.equal(lookAtDeposit(here).isDone, true);
  assert.equal(lookAtDeposit(included).isDone, false);
  assert.match(lookAtDeposit(null).text(), /Ethereum does not know it right now/);
});
