/** Batches to Ethereum: crashes, an endpoint that is down, reorganisations, a second proposer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesToHex, utf8 } from '../../../primitives/bytes.ts';
import { CodedError } from '../../../primitives/errors.ts';
import { sha256Hex } from '../../../primitives/hash.ts';
import { type B256, ZERO_B256 } from '../../../primitives/types.ts';
import {
  BatchCommitter,
  batchOf,
  type CommittedBlock,
  type LaneJournal,
  type LaneRecord,
  type SettlementContract,
  TxLane,
} from '../../../settlement/index.ts';
import { computeHeader } from '../../../tx/header.ts';
import { FakeEthereum } from '../../support/fakeEthereum.ts';
import { mulberry } from '../../support/random.ts';

const SILENCE_S = 3_600;
const BATCH = 4;
/** Longest reorganisation. */
const DEEPEST = 30;
const ROOT = sha256Hex(utf8('root'));

const made: Map<number, CommittedBlock> = new Map();

function blockAt(height: number): CommittedBlock {
  const known = made.get(height) ?? makeBlock(height);
  made.set(height, known);
  return known;
}

function makeBlock(height: number): CommittedBlock {
  const header = computeHeader({
    daHeight: 0n,
    consensusParametersVersion: 0,
    stateTransitionBytecodeVersion: 0,
    transactionsCount: 0,
    messageReceiptCount: 0,
    transactionsRoot: ROOT,
    messageOutboxRoot: ROOT,
    eventInboxRoot: ROOT,
    height,
    prevRoot: ROOT,
    time: BigInt(height),
  });
  return { header, inboxCount: 0n, transactions: [], stateRoot: ROOT, stepRoot: ROOT };
}

type Claim = { parent: B256; last: number; root: B256; lastBlockId: B256 };

/** The settlement contract on the small Ethereum; a call is a claim as text. */
class FakeRollup extends FakeEthereum {
  /** Nobody is the operator but this one. */
  isOperator = true;
  /** The operator's last commitment, by another key. */
  operatorS = 0;

  get nowS(): number {
    return this.blocks.length * 12;
  }

  #known: { key: string; of: ReturnType<FakeRollup['follow']> } | null = null;

  /** What stands after all blocks, and whether each call worked. */
  standing(): ReturnType<FakeRollup['follow']> {
    const key = `${this.blocks.length} ${this.blocks.at(-1)!.hash}`;
    if (this.#known?.key !== key) this.#known = { key, of: this.follow() };
    return this.#known.of;
  }

  private follow(): { batches: (Claim & { first: number })[]; success: Map<B256, boolean> } {
    const batches: (Claim & { first: number })[] = [];
    const success = new Map<B256, boolean>();
    for (const { txs } of this.blocks) {
      for (const tx of txs) {
        const claim = JSON.parse((JSON.parse(tx.id) as { id: string }).id) as Claim;
        const tip = batches.at(-1);
        const works = claim.parent === (tip?.lastBlockId ?? ZERO_B256);
        success.set(tx.hash, works);
        if (works) batches.push({ ...claim, first: (tip?.last ?? 0) + 1 });
      }
    }
    return { batches, success };
  }

  override state(): ReturnType<FakeEthereum['state']> {
    return { slots: new Map(), success: this.standing().success, commits: [] };
  }

  settlement(): SettlementContract {
    const asked = async <T>(method: string, answer: () => T): Promise<T> => {
      this.hook(method);
      return answer();
    };
    const isOpen = (): boolean => this.nowS >= this.operatorS + SILENCE_S;
    const terms = {
      chainId: 0n,
      baseAsset: ROOT,
      bond: 1n,
      genesisState: ROOT,
      transferGas: 1n,
      windowS: 100,
      inboxDelayS: 100,
      firstHeight: 1,
      blocksMax: 10,
      inbox: `0x${'03'.repeat(20)}`,
    } as const;
    return {
      terms: () => asked('terms', () => terms),
      batchCount: () => asked('batchCount', () => this.standing().batches.length),
      batchAt: (index) =>
        asked('batchAt', () => {
          const batch = this.standing().batches[index]!;
          const rest = { inboxCount: 0n, timeS: 0, proposer: `0x${'01'.repeat(20)}` as const };
          return { ...batch, ...rest };
        }),
      isFinal: async () => false,
      isOpen: () => asked('isOpen', isOpen),
      verdict: (_name, [parent, last, root, lastBlockId]) =>
        asked('verdict', () => {
          if (!this.isOperator && !isOpen()) {
            return { type: 'refused', reason: 'NotYourTurn' } as const;
          }
          const claim = JSON.stringify({ parent, last, root, lastBlockId });
          const data = bytesToHex(utf8(JSON.stringify({ commit: last, id: claim })));
          const call = { to: `0x${'02'.repeat(20)}` as const, data, gas: 100_000n, value: 1n };
          return { type: 'ok', call } as const;
        }),
    };
  }
}

class World {
  readonly ethereum = new FakeRollup();
  readonly records: LaneRecord[] = [];
  readonly lines: string[] = [];
  hook: (when: string) => void = () => {};
  height = 0;
  nowMs = 0;

  boot(): { committer: BatchCommitter; lane: TxLane } {
    const { records, hook } = this;
    const ended = new Set(records.flatMap((each) => (each.type === 'end' ? [each.nonce] : [])));
    const journal: LaneJournal = {
      open: records.filter(({ nonce }) => !ended.has(nonce)),
      append: async (record) => {
        hook(`before ${record.type}`);
        records.push(record);
        hook(`after ${record.type}`);
      },
      close: async () => {},
    };
    const tell = (line: string): void => void this.lines.push(line);
    const log = { info: tell, warn: tell, error: tell };
    const nowMs = (): number => this.nowMs;
    const settings = { bumpAfterMs: 60_000, maxFeeCap: 10_000n };
    const chain = this.ethereum.chain();
    const lane = new TxLane(settings, { chain, journal, log, nowMs });
    const committer = new BatchCommitter(
      { blocksPerBatch: BATCH, maxWaitMs: 600_000 },
      {
        contract: this.ethereum.settlement(),
        lane,
        log,
        nowMs,
        latestHeight: () => this.height,
        blockId: (height) => (height <= this.height ? blockAt(height).header.id : null),
        blockAt: async (height) => blockAt(height),
      },
    );
    return { committer, lane };
  }

  /** What stands is our chain, without gaps. */
  check(at: string): void {
    let next = 1;
    for (const { first, last, root, lastBlockId } of this.ethereum.standing().batches) {
      assert.equal(first, next, at);
      const blocks = Array.from({ length: last - first + 1 }, (_, i) => blockAt(first + i));
      assert.equal(root, batchOf(blocks).root, at);
      assert.equal(lastBlockId, blockAt(last).header.id, at);
      next = last + 1;
    }
  }
}

class Crash extends Error {}

test('crashes, failures and reorganisations at random steps, 100 seeds', async () => {
  let crashes = 0;
  for (let seed = 1; seed <= 100; seed++) {
    const next = mulberry(seed);
    const roll = (below: number): number => Math.floor(next() * below);
    const world = new World();
    // What is final is not taken back.
    world.ethereum.finalDepth = DEEPEST;
    let isRough = true;
    const trouble = (where: string): void => {
      if (!isRough) return;
      const fate = roll(40);
      if (fate === 0) {
        crashes += 1;
        throw new Crash(where);
      }
      if (fate === 1 && !where.includes('e ')) throw new CodedError('L1_UNAVAILABLE', where);
    };
    world.ethereum.hook = trouble;
    world.hook = trouble;
    let process = world.boot();
    for (let round = 0; round < 190; round++) {
      isRough = round < 80;
      if (isRough) world.height += roll(3);
      world.ethereum.baseFee = isRough ? BigInt(10 + roll(60)) : 10n;
      world.nowMs += 20_000;
      try {
        await process.committer.step();
      } catch (error) {
        if (error instanceof Crash) process = world.boot();
        else if (!(error instanceof CodedError)) throw error;
      }
      if (roll(3) > 0) world.ethereum.mine();
      const depth = roll(10) === 0 ? 1 + roll(DEEPEST) : 1 + roll(2);
      if (isRough && roll(30) === 0) world.ethereum.reorganise(depth, roll(2) === 0);
      if (round % 20 === 0) world.check(`seed ${seed}, round ${round}`);
    }
    assert.deepEqual(process.lane.open(), [], `seed ${seed}`);
    const committed = world.ethereum.standing().batches.at(-1)?.last ?? 0;
    assert.equal(committed, world.height, `seed ${seed}`);
  }
  assert.ok(crashes > 100);
});

test('an endpoint that is down for ten minutes: nothing wrong, and on it goes', async () => {
  const world = new World();
  const { committer } = world.boot();
  const round = async (): Promise<boolean> => {
    world.nowMs += 12_000;
    world.height += 1;
    world.ethereum.mine();
    return committer.step().then(
      () => true,
      (error: unknown) => {
        assert.ok(error instanceof CodedError && error.code === 'L1_UNAVAILABLE');
        return false;
      },
    );
  };
  for (let n = 0; n < 20; n++) assert.ok(await round());
  const before = world.ethereum.standing().batches.length;
  assert.ok(before > 0);
  world.ethereum.hook = (method) => {
    throw new CodedError('L1_UNAVAILABLE', method);
  };
  const until = world.nowMs + 600_000;
  while (world.nowMs < until) assert.ok(!(await round()));
  assert.ok(world.ethereum.standing().batches.length <= before + 1, 'what was sent may be mined');
  world.ethereum.hook = () => {};
  for (let n = 0; n < 60; n++) assert.ok(await round());
  world.check('behind the pause');
  assert.ok(world.height - world.ethereum.standing().batches.at(-1)!.last < 3 * BATCH);
});

test('a second party stands by, and takes over after the operator was silent', async () => {
  const world = new World();
  const { ethereum } = world;
  ethereum.isOperator = false;
  const { committer } = world.boot();
  const round = async (): Promise<void> => {
    world.nowMs += 12_000;
    ethereum.mine();
    await committer.step();
  };
  world.height = 9;
  for (let n = 0; n < 50; n++) await round();
  assert.equal(ethereum.standing().batches.length, 0);
  assert.match(committer.progress().obstacle!, /takes over/);
  assert.equal(world.lines.length, 1, 'told once');
  while (ethereum.nowS < SILENCE_S) await round();
  for (let n = 0; n < 10; n++) await round();
  assert.equal(ethereum.standing().batches.at(-1)?.last, 9);
  assert.equal(committer.progress().obstacle, null);
  world.check('by the second party');
});

test('a batch that is no part of this chain is not built on', async () => {
  const world = new World();
  const { committer } = world.boot();
  world.height = 8;
  const other = { parent: ZERO_B256, last: 4, root: ROOT, lastBlockId: ROOT };
  const call = { commit: 4, id: JSON.stringify(other) };
  const data = bytesToHex(utf8(JSON.stringify(call)));
  const tx = { to: `0x${'02'.repeat(20)}`, data, gas: 1n, value: 1n, nonce: 0 } as const;
  const { raw } = await world.ethereum
    .chain()
    .sign({ ...tx, id: 'x', fees: { maxFee: 100n, tip: 1n } } as never);
  world.ethereum.accept(world.ethereum.made.get(raw)!);
  world.ethereum.mine();
  await committer.step();
  assert.match(committer.progress().obstacle!, /fuelrail watch/);
  assert.equal(world.ethereum.standing().batches.length, 1);
});
