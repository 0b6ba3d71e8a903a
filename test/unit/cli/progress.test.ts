/** Lines of progress: how often, and what they say. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import {
  DRAW_EVERY_MS,
  durationText,
  PLAIN_EVERY_MS,
  progressOnTerminal,
  QUIET_MS,
} from '../../../cli/progress.ts';

function output(isTerminal: boolean) {
  const at = { ms: 0 };
  const lines: string[] = [];
  const out = { isTerminal, write: (text: string) => void lines.push(text), nowMs: () => at.ms };
  return { at, lines, out };
}

it('a terminal sees one line that is drawn again, and nothing at the end', () => {
  const { at, lines, out } = output(true);
  const progress = progressOnTerminal({ total: 200, unit: 'blocks' }, out);
  for (let i = 0; i < 100; i += 1) {
    at.ms += 20;
    progress.advance(1);
  }
  assert.ok(lines.length <= (2000 - QUIET_MS) / DRAW_EVERY_MS + 1, `${lines.length} drawings`);
  assert.equal(
    lines.at(-1),
    '\r\x1b[K[##########..........] 50 %, 100 of 200 blocks, 50 blocks/s, about 2 s left',
  );
  progress.end();
  assert.equal(lines.at(-1), '\r\x1b[K');
});

it('a file gets a plain line now and then, and the last one', () => {
  const { at, lines, out } = output(false);
  const progress = progressOnTerminal({ total: null, unit: 'rows', label: 'import' }, out);
  for (let i = 1; i <= 120; i += 1) {
    at.ms += 100;
    progress.reached(i * 10);
  }
  progress.end();
  assert.equal(lines.length, Math.floor(12_000 / PLAIN_EVERY_MS) + 1);
  assert.equal(lines.at(-1), 'import 1200 rows, 100 rows/s\n');
});

it('what is done at once says nothing', () => {
  const { at, lines, out } = output(true);
  const progress = progressOnTerminal({ total: 2, unit: 'blocks' }, out);
  at.ms = QUIET_MS - 1;
  progress.advance(2);
  progress.end();
  assert.deepEqual(lines, []);
});

it('durations', () => {
  assert.equal(durationText(6.2), '7 s');
  assert.equal(durationText(125), '2 min 5 s');
  assert.equal(durationText(3800), '1 h 3 min');
});
