/** Which commit proves a withdrawal, and the program that sends one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesToHex, utf8 } from '../../../primitives/bytes.ts';
import { sha256Hex } from '../../../primitives/hash.ts';
import type { B256 } from '../../../primitives/types.ts';
import { ZERO_B256 } from '../../../primitives/types.ts';
import { WITHDRAW_SCRIPT } from '../../../sdk/client/withdrawals.ts';
import { findCommit } from '../../../settlement/index.ts';
import { assemble } from '../../../vm/asm.ts';
import { gtf, lw, ret, smo } from '../../../vm/gen/op.ts';

const TERMS = { interval: 10, timeToFinalizeS: 50, cooldownS: 60, slots: 4 };
const idAt = (height: number): B256 => sha256Hex(utf8(`block ${height}`));

/** `commits`: numbers in the contract; those up to `final` are final. */
const stateOf = (commits: readonly number[], final: number) => ({
  terms: async () => TERMS,
  hashAt: async (commit: number): Promise<B256> => {
    const inSlot = commits.filter((each) => each % TERMS.slots === commit % TERMS.slots).at(-1);
    return inSlot === undefined ? ZERO_B256 : idAt(inSlot * TERMS.interval);
  },
  finalized: async (_: B256, height: number) => height / TERMS.interval <= final,
});
const find = (commits: readonly number[], final: number, height: number, latest: number) =>
  findCommit(stateOf(commits, final), height, latest, async (at) =>
    at <= latest ? idAt(at) : null,
  );

test('the first commit behind the block, as long as it is there', async () => {
  assert.deepEqual(await find([], 0, 7, 9), { type: 'waiting', dueHeight: 10 });
  assert.deepEqual(await find([], 0, 7, 25), { type: 'waiting', dueHeight: 30 });
  assert.deepEqual(await find([1], 0, 7, 15), { type: 'committed', rootHeight: 10, commit: 1 });
  assert.deepEqual(await find([1, 2], 1, 7, 25), { type: 'final', rootHeight: 10, commit: 1 });
  // The block of a commit proves those before it, not itself.
  assert.deepEqual(await find([1], 1, 10, 15), { type: 'waiting', dueHeight: 20 });
  // Missed commits are made up for by later ones.
  assert.deepEqual(await find([3], 3, 7, 35), { type: 'final', rootHeight: 30, commit: 3 });
  // Commit 1 was overwritten by commit 5.
  assert.deepEqual(await find([1, 5], 5, 7, 55), { type: 'final', rootHeight: 50, commit: 5 });
});

test('a commit of another chain proves nothing', async () => {
  const other = { ...stateOf([1], 9), hashAt: async () => idAt(777) };
  const found = await findCommit(other, 7, 15, async (at) => idAt(at));
  assert.deepEqual(found, { type: 'waiting', dueHeight: 20 });
});

test('the program of a withdrawal is the one that its comment lists', () => {
  const program = assemble([gtf(16, 0, 10), lw(17, 16, 4), smo(16, 0, 0, 17), ret(1)]);
  assert.equal(bytesToHex(WITHDRAW_SCRIPT), bytesToHex(program));
});
