/** Commits to Ethereum: interval, restarts at every step, stuck fees, reorganisations, conflicts. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openCommitterJournal } from '../../../node/committerJournal.ts';
import { utf8 } from '../../../primitives/bytes.ts';
import { CodedError } from '../../../primitives/errors.ts';
import { sha256Hex } from '../../../primitives/hash.ts';
import type { B256 } from '../../../primitives/types.ts';
import { Committer, type LaneJournal, type LaneRecord, TxLane } from '../../../settlement/index.ts';
import type { LaneOutcome } from '../../../settlement/lane.ts';
import { FakeEthereum, TERMS } from '../../support/fakeEthereum.ts';

const idOf = (height: number): B256 => sha256Hex(utf8(`our block ${height}`));

/** Written records outlive the process; the process is this object's user. */
class Paper implements LaneJournal {
  readonly all: LaneRecord[] = [];
  hook: (when: string) => void = () => {};
  get open(): LaneRecord[] {
    const ended = new Set(this.all.flatMap((each) => (each.type === 'end' ? [each.nonce] : [])));
    return this.all.filter(({ nonce }) => !ended.has(nonce));
  }
  async append(record: LaneRecord): Promise<void> {
    this.hook(`before ${record.type}`);
    this.all.push(record);
    this.hook(`after ${record.type}`);
  }
  async close(): Promise<void> {}
}

class World {
  readonly ethereum = new FakeEthereum();
  readonly paper = new Paper();
  readonly errors: string[] = [];
  readonly ends: LaneOutcome[] = [];
  height = 0;
  nowMs = 0;
  maxFeeCap = 10_000n;

  /** A process that has just started. */
  boot(): { committer: Committer; lane: TxLane } {
    const log = { info: () => {}, warn: () => {}, error: (line: string) => this.errors.push(line) };
    const lane = new TxLane(
      { bumpAfterMs: 60_000, maxFeeCap: this.maxFeeCap },
      {
        chain: this.ethereum.chain(),
        journal: this.paper,
        log,
        nowMs: () => this.nowMs,
        onEnd: (_, outcome) => this.ends.push(outcome),
      },
    );
    const committer = new Committer({
      contract: this.ethereum.contract(),
      lane,
      log,
      latestHeight: () => this.height,
      blockId: (height) => (height <= this.height ? idOf(height) : null),
    });
    return { committer, lane };
  }

  commits(): [number, B256][] {
    return this.ethereum.state().commits;
  }
}

test('the block at each multiple of the interval, once; the newest after a pause', async () => {
  const world = new World();
  const { committer, lane } = world.boot();
  await committer.step();
  assert.deepEqual([committer.progress().committed, lane.open().length], [null, 0]);
  for (const height of [9, 10, 11, 25, 57]) {
    world.height = height;
    for (let round = 0; round < 4; round++) {
      await committer.step();
      world.ethereum.mine();
    }
  }
  assert.deepEqual(world.commits(), [
    [1, idOf(10)],
    [2, idOf(20)],
    [5, idOf(50)],
  ]);
  assert.deepEqual(committer.progress().committed, { commit: 5, height: 50 });
  assert.deepEqual(world.ends, ['final', 'final', 'final']);
  assert.deepEqual([world.errors, lane.open()], [[], []]);
});

test('a transaction that is not taken gets higher fees under the same nonce, up to the cap', async () => {
  const world = new World();
  world.maxFeeCap = 100n;
  const { committer, lane } = world.boot();
  world.height = 10;
  await committer.step();
  world.ethereum.baseFee = 30n;
  for (let minute = 0; minute < 2; minute++) {
    world.ethereum.mine();
    world.nowMs += 30_000;
    await committer.step();
  }
  assert.equal(lane.open()[0]?.attempts, 2);
  world.ethereum.baseFee = 90n;
  world.nowMs += 600_000;
  for (let round = 0; round < 3; round++) await committer.step();
  assert.equal(lane.open()[0]?.attempts, 2);
  assert.equal(world.errors.filter((line) => line.includes('the cap is 100')).length, 1);
  world.ethereum.baseFee = 20n;
  world.ethereum.mine();
  await committer.step();
  assert.deepEqual(world.commits(), [[1, idOf(10)]]);
  const nonces = world.paper.all.map(({ nonce }) => nonce);
  assert.ok(nonces.every((nonce) => nonce === 0));
});

test('reorganisations of 1 to 30 blocks: what was included is sent again', async () => {
  for (const keep of [true, false]) {
    for (let depth = 1; depth <= 30; depth++) {
      const world = new World();
      world.ethereum.finalDepth = 40;
      const { committer, lane } = world.boot();
      for (const height of [10, 20, 30]) {
        world.height = height;
        await committer.step();
        for (let i = 0; i < 6; i++) world.ethereum.mine();
        await committer.step();
      }
      world.ethereum.reorganise(depth, keep);
      for (let round = 0; round < 50; round++) {
        await committer.step();
        world.ethereum.mine();
      }
      await committer.step();
      const commits = [1, 2, 3].map((commit) => [commit, idOf(commit * TERMS.interval)]);
      assert.deepEqual(world.commits(), commits, `depth ${depth}, kept ${keep}`);
      assert.deepEqual([lane.open(), world.errors], [[], []]);
    }
  }
});

test('somebody else used the nonce: told, and committed under another one', async () => {
  const world = new World();
  const { committer } = world.boot();
  world.height = 10;
  await committer.step();
  world.ethereum.pool.clear();
  const foreign = { commit: 7, id: idOf(70) };
  const id = JSON.stringify(foreign);
  const fees = { maxFee: 1_000n, tip: 1n };
  const rest = { to: '0x01', data: '0x', gas: 1n, value: 0n, nonce: 0, fees } as const;
  world.ethereum.accept({ id, ...rest, hash: idOf(999) });
  for (let round = 0; round < 8; round++) {
    world.ethereum.mine();
    await committer.step();
  }
  assert.deepEqual(world.commits(), [
    [7, foreign.id],
    [1, idOf(10)],
  ]);
  assert.deepEqual(world.ends, ['lost', 'final']);
  assert.match(world.errors[0] ?? '', /commit 1 \(nonce 0\).*lost/);
});

test('a slot in its cooldown: waited for when it is ours, an alarm when it is not', async () => {
  const world = new World();
  const { committer } = world.boot();
  world.height = 10;
  await committer.step();
  world.ethereum.mine();
  await committer.step();
  world.height = 90;
  await committer.step();
  assert.equal(committer.progress().obstacle, null);
  for (let round = 0; round < 8; round++) {
    world.ethereum.mine();
    await committer.step();
  }
  assert.deepEqual(world.commits().at(-1), [9, idOf(90)]);
  const other = new World();
  const second = other.boot().committer;
  const call = JSON.stringify({ commit: 1, id: idOf(12_345) });
  const fees = { maxFee: 1_000n, tip: 1n };
  const rest = { to: '0x01', data: '0x', gas: 1n, value: 0n, nonce: 0, fees } as const;
  other.ethereum.accept({ id: call, ...rest, hash: idOf(999) });
  other.ethereum.mine();
  other.height = 10;
  for (let round = 0; round < 2; round++) await second.step();
  assert.match(second.progress().obstacle ?? '', /which is no block of this chain/);
  assert.equal(other.errors.length, 1);
  assert.deepEqual(other.commits(), [[1, idOf(12_345)]]);
});

/** Small generator of numbers, the same for a seed. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  };
}

class Crash extends Error {}

test('crashes and failures at random steps, 100 seeds: right commits, nothing twice', async () => {
  for (let seed = 1; seed <= 100; seed++) {
    const roll = dice(seed);
    const world = new World();
    let isRough = true;
    const trouble = (where: string): void => {
      if (!isRough) return;
      const fate = roll(40);
      if (fate === 0) throw new Crash(where);
      if (fate === 1 && !where.includes('e ')) throw new CodedError('L1_UNAVAILABLE', where);
    };
    world.ethereum.hook = trouble;
    world.paper.hook = trouble;
    let process = world.boot();
    for (let round = 0; round < 160; round++) {
      isRough = round < 110;
      if (round < 110) world.height += roll(3);
      world.ethereum.baseFee = isRough ? BigInt(10 + roll(60)) : 10n;
      world.nowMs += 20_000;
      try {
        await process.committer.step();
      } catch (error) {
        if (error instanceof Crash) process = world.boot();
        else if (!(error instanceof CodedError)) throw error;
      }
      if (roll(3) > 0) world.ethereum.mine();
      if (isRough && roll(30) === 0) world.ethereum.reorganise(1 + roll(2), roll(2) === 0);
    }
    const commits = world.commits();
    assert.ok(commits.length > 0, `seed ${seed}`);
    for (const [commit, id] of commits) assert.equal(id, idOf(commit * 10), `seed ${seed}`);
    const numbers = commits.map(([commit]) => commit);
    assert.equal(new Set(numbers).size, numbers.length, `seed ${seed}: ${numbers}`);
    assert.equal(numbers.at(-1), Math.floor(world.height / 10), `seed ${seed}`);
    assert.deepEqual(process.lane.open(), [], `seed ${seed}`);
    assert.ok(!world.ends.includes('lost'), `seed ${seed}`);
  }
});

test('the journal on disk: resumes, forgets what ended, ignores a line that was cut off', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'committer-'));
  const path = join(directory, 'deep', 'lane.jsonl');
  try {
    const call = { id: 'commit 1', to: '0x01', data: '0x', gas: 7n, value: 9n } as const;
    const fees = { maxFee: 3n, tip: 1n };
    const attempt = { hash: idOf(1), raw: '0xab', fees, atMs: 5 } as const;
    const records: LaneRecord[] = [
      { type: 'intent', nonce: 4, call },
      { type: 'attempt', nonce: 4, attempt },
      { type: 'end', nonce: 4, outcome: 'final' },
      { type: 'intent', nonce: 5, call },
      { type: 'attempt', nonce: 5, attempt },
    ];
    let journal = await openCommitterJournal(path);
    for (const record of records) await journal.append(record);
    await journal.close();
    writeFileSync(path, `${readFileSync(path, 'utf8')}{"type":"end","non`);
    journal = await openCommitterJournal(path);
    assert.deepEqual(journal.open, records.slice(3));
    await journal.append({ type: 'end', nonce: 5, outcome: 'lost' });
    await journal.close();
    journal = await openCommitterJournal(path);
    assert.deepEqual(journal.open, []);
    await journal.close();
    assert.equal(readFileSync(path, 'utf8'), '');
    writeFileSync(path, 'nonsense\n');
    await assert.rejects(openCommitterJournal(path), { code: 'COMMITTER_JOURNAL_CORRUPT' });
  } finally {
    rmSync(directory, { recursive: true });
  }
});
