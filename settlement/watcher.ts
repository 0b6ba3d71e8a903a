/**
 * Follows the batches on Ethereum, audits each, and disputes what is wrong: simulated first, sent
 * through a lane with rising fees.
 */

import { assert, CodedError } from '../primitives/errors.ts';
import type { B256 } from '../primitives/types.ts';
import { type StateParts, stateRootOf, stepRootOf, type UtxoState } from '../tx/stateSteps.ts';
import { Auditor, auditorSelfTest, type InboxEntry, type Statement } from './audit.ts';
import { AuditedStates, type KnownState, type WatchMemory } from './auditedStates.ts';
import { type BatchOf, batchOf, blockProof, type CommittedBlock, txProof } from './batches.ts';
import type { SettlementLog } from './l1/ports.ts';
import type { SettlementContract, SettlementTerms, StoredBatch } from './l1/settlementContract.ts';
import type { TxLane } from './lane.ts';
import {
  isTraced,
  plantedIn,
  type StateAuditor,
  type StateStatement,
  type TracedBlock,
} from './stateAudit.ts';
import { type Prover, statementArguments } from './statements.ts';

/** Something that a person should know. */
export type Alarm =
  | { readonly type: 'fraud'; readonly batch: number; readonly statement: Statement['name'] }
  /**
   * What was committed is not what executing the blocks gives; with a statement behind it, or, when
   * it is about contracts, without one.
   */
  | { readonly type: 'executionDiffers'; readonly batch: number; readonly height: number }
  /** The blocks behind a commitment are not to be had, so nothing can be proven. */
  | { readonly type: 'dataMissing'; readonly batch: number; readonly reason: string }
  /** A fraud was found, and Ethereum does not take the statement. */
  | { readonly type: 'disputeRefused'; readonly batch: number; readonly reason: string }
  | { readonly type: 'convicted'; readonly batch: number };

export type WatcherDeps = {
  readonly contract: SettlementContract;
  /** null: watches only. */
  readonly lane: TxLane | null;
  readonly log: SettlementLog;
  /** Blocks with the roots that should be committed; best from a node that executes them itself. */
  readonly blockAt: (height: number) => Promise<CommittedBlock>;
  /** What the operator says of its blocks, for when it committed something else. */
  readonly operatorBlockAt?: (height: number) => Promise<CommittedBlock>;
  /** All entries of the inbox so far. */
  readonly entries: () => Promise<readonly InboxEntry[]>;
  readonly onAlarm: (alarm: Alarm) => void;
  /** Coins and messages before the first committed block, made anew; null: states are not audited. */
  readonly genesis: (() => { readonly utxos: UtxoState; readonly parts: StateParts }) | null;
  /** Kept across restarts; left out: everything is audited from the first batch on. */
  readonly memory?: WatchMemory;
  /**
   * Blocks that cannot be had are an alarm when their batch is older; left out: at once. The DA layer
   * may need a while. Unit: ms.
   */
  readonly dataGraceMs?: number;
  /** Left out: the system's clock. */
  readonly nowMs?: () => number;
};

export type WatcherProgress = {
  readonly audited: number;
  readonly alarms: number;
  /** The auditor has found a fraud that it planted itself; null: no block to try it on yet. */
  readonly selfTest: boolean | null;
};

/** Batches whose blocks are kept in memory; older ones are fetched again. */
const BATCHES_KEPT = 64;

export class Watcher {
  private readonly deps: WatcherDeps;
  private terms: SettlementTerms | null = null;
  private auditor: Auditor | null = null;
  private audited: AuditedStates | null = null;
  private statesTested = false;
  /** All that were found in order, by number. */
  private readonly stored: StoredBatch[] = [];
  /** Blocks of the newest, by number. */
  private readonly kept = new Map<number, BatchOf>();
  /** A batch that was accused. */
  private accused: { readonly batch: number; readonly root: B256 } | null = null;
  private alarms = 0;
  private selfTest: boolean | null = null;
  /** What was told since the last conviction: each once. */
  private readonly told = new Set<string>();

  constructor(deps: WatcherDeps) {
    this.deps = deps;
  }

  progress(): WatcherProgress {
    const { alarms, selfTest } = this;
    return { audited: this.stored.length, alarms, selfTest };
  }

  /** One round: everything that is new on Ethereum. @throws CodedError L1_… */
  async step(): Promise<void> {
    const { contract, lane } = this.deps;
    await lane?.step();
    this.terms ??= await contract.terms();
    const { terms } = this;
    this.auditor ??= new Auditor(terms, (height) => this.blockAt(height));
    await this.openStates(terms);
    const count = await contract.batchCount();
    await this.dropRolledBack(count);
    await this.tellConviction(count);
    try {
      while (this.stored.length < count) {
        const stored = await contract.batchAt(this.stored.length);
        if (!(await this.audit(stored, terms))) return;
      }
    } catch (error) {
      if ((await this.audited?.startOver(error)) !== true) throw error;
      this.deps.log.warn((error as Error).message);
      this.forget(0);
    }
  }

  /** @throws CodedError WATCH_WRONG_GENESIS */
  private async openStates(terms: SettlementTerms): Promise<void> {
    const { genesis, memory = null, contract } = this.deps;
    if (genesis === null || this.audited !== null) return;
    if (stateRootOf(genesis().parts) !== terms.genesisState) {
      throw new CodedError(
        'WATCH_WRONG_GENESIS',
        'the contract builds on another genesis than the one given: name its --snapshot',
      );
    }
    const start = (): KnownState => ({ height: terms.firstHeight - 1, ...genesis() });
    const audited = await AuditedStates.open(terms, start, memory);
    this.stored.push(...(await audited.resume(contract)));
    this.audited = audited;
  }

  /** Batches that are not there any more, or were replaced. */
  private async dropRolledBack(count: number): Promise<void> {
    let kept = Math.min(count, this.stored.length);
    while (kept > 0) {
      const { root } = await this.deps.contract.batchAt(kept - 1);
      if (root === this.stored[kept - 1]!.root) break;
      kept -= 1;
    }
    if (kept < this.stored.length) await this.drop(kept);
  }

  private async drop(kept: number): Promise<void> {
    this.forget(kept);
    if (this.audited === null) return;
    // Where the state before is not known any more, it is found out again.
    const remaining = (await this.audited.remain(this.stored)).length;
    if (remaining < this.stored.length) this.forget(remaining);
  }

  private forget(kept: number): void {
    const [first] = this.stored.splice(kept);
    if (first !== undefined) {
      this.auditor?.forget(first.first);
      this.audited?.states.forget(first.first);
    }
    for (const number of this.kept.keys()) if (number >= kept) this.kept.delete(number);
  }

  private async tellConviction(count: number): Promise<void> {
    const { accused } = this;
    if (accused === null) return;
    const { batch, root } = accused;
    if (batch < count && (await this.deps.contract.batchAt(batch)).root === root) return;
    this.accused = null;
    this.alarm({ type: 'convicted', batch });
  }

  /** Number of the batch that holds a height; -1: none that was seen. */
  private numberOf(height: number): number {
    let low = 0;
    let high = this.stored.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const { first, last } = this.stored[middle]!;
      if (height < first) high = middle - 1;
      else if (height > last) low = middle + 1;
      else return middle;
    }
    return -1;
  }

  /** Blocks of a batch that was seen, fetched again if need be. */
  private async batchAt(number: number): Promise<BatchOf> {
    const kept = this.kept.get(number);
    if (kept !== undefined) return kept;
    const { batch } = await this.fetch(this.stored[number]!);
    this.keep(number, batch);
    return batch;
  }

  private keep(number: number, batch: BatchOf): void {
    this.kept.set(number, batch);
    const [oldest] = this.kept.keys();
    if (this.kept.size > BATCHES_KEPT && oldest !== undefined) this.kept.delete(oldest);
  }

  /** @throws CodedError L1_DATA_MISSING */
  private async fetch(
    stored: StoredBatch,
  ): Promise<{ readonly batch: BatchOf; readonly ours: readonly CommittedBlock[] | null }> {
    const { blockAt, operatorBlockAt } = this.deps;
    let ours: readonly CommittedBlock[] = [];
    let why =
      "the blocks that are to be had are not the committed ones: name the operator's node (--operator)";
    try {
      const [batch, blocks] = await this.read(stored, blockAt);
      if (batch !== null) return { batch, ours: null };
      ours = blocks;
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      why = error.message;
    }
    if (operatorBlockAt !== undefined) {
      const [theirs] = await this.read(stored, operatorBlockAt);
      if (theirs !== null) return { batch: theirs, ours };
    }
    throw new CodedError('L1_DATA_MISSING', why);
  }

  /** null: they are not the committed ones. */
  private async read(
    { first, last, root }: StoredBatch,
    blockAt: (height: number) => Promise<CommittedBlock>,
  ): Promise<readonly [BatchOf | null, readonly CommittedBlock[]]> {
    const blocks: CommittedBlock[] = [];
    for (let height = first; height <= last; height++) {
      blocks.push(await blockAt(height));
    }
    const batch = batchOf(blocks);
    const isRight = batch.root === root && blocks.every((block) => this.isWhole(block));
    return [isRight ? batch : null, blocks];
  }

  private isYoung({ timeS }: StoredBatch): boolean {
    const { dataGraceMs = 0, nowMs = Date.now } = this.deps;
    return nowMs() - timeS * 1_000 < dataGraceMs;
  }

  private tellDifference(
    number: number,
    { blocks }: BatchOf,
    ours: readonly CommittedBlock[] | null,
  ): void {
    if (ours === null) return;
    const differs = blocks.find((block, i) => {
      const own = ours[i];
      const isSame = own?.header.id === block.header.id && own.stepRoot === block.stepRoot;
      return !isSame || own.stateRoot !== block.stateRoot;
    });
    if (differs === undefined) return;
    this.alarm({ type: 'executionDiffers', batch: number, height: differs.header.height });
  }

  /** The steps that come with a block are those that it commits to. */
  private isWhole(block: CommittedBlock): boolean {
    if (this.audited === null) return true;
    if (!isTraced(block)) return false;
    const { steps, parts, stateRoot, stepRoot } = block;
    return stepRootOf(steps) === stepRoot && stateRootOf(parts) === stateRoot;
  }

  private async blockAt(height: number): Promise<CommittedBlock | null> {
    const number = this.numberOf(height);
    if (number < 0) return null;
    const { blocks } = await this.batchAt(number);
    return blocks[height - this.stored[number]!.first] ?? null;
  }

  /** False: the next batch has to wait for this one. */
  private async audit(stored: StoredBatch, terms: SettlementTerms): Promise<boolean> {
    const number = this.stored.length;
    let batch: BatchOf;
    try {
      const fetched = await this.fetch(stored);
      batch = fetched.batch;
      this.tellDifference(number, batch, fetched.ours);
    } catch (reason) {
      const text = reason instanceof Error ? reason.message : String(reason);
      if (this.isYoung(stored)) return false;
      this.alarm({ type: 'dataMissing', batch: number, reason: text });
      return false;
    }
    this.stored.push(stored);
    this.keep(number, batch);
    await this.testAuditor(terms, batch.blocks);
    const entries = await this.deps.entries();
    const statement =
      (await this.auditor!.audit(stored, batch.blocks, entries)) ??
      this.auditStates(number, batch, entries);
    if (statement === null) {
      await this.audited?.keep(number, stored);
      return true;
    }
    this.accused = { batch: number, root: stored.root };
    this.alarm({ type: 'fraud', batch: number, statement: statement.name });
    await this.dispute(number, statement);
    // What was audited is looked at again, until the batch is gone.
    await this.drop(number);
    return false;
  }

  /** Of blocks that are otherwise in order. */
  private auditStates(
    number: number,
    { blocks }: BatchOf,
    entries: readonly InboxEntry[],
  ): StateStatement | null {
    const states = this.audited?.states ?? null;
    if (states === null) return null;
    let from = Number(this.stored[number - 1]?.inboxCount ?? 0n);
    for (const block of blocks) {
      const to = Number(block.inboxCount);
      const inbox = { entries: entries.slice(from, to), firstNonce: from };
      const found = isTraced(block) ? this.auditBlock(states, block, inbox) : null;
      if (found !== null) return found;
      from = to;
    }
    const settled = this.stored[number - BATCHES_KEPT];
    if (settled !== undefined) states.settle(settled.first);
    return null;
  }

  /** The first one also with a fraud in it that must be noticed. */
  private auditBlock(
    states: StateAuditor,
    block: TracedBlock,
    inbox: Parameters<StateAuditor['audit']>[1],
  ): StateStatement | null {
    if (!this.statesTested && states.follows(block.header.height)) {
      this.statesTested = true;
      if (states.audit(plantedIn(block), inbox) === null) {
        this.selfTest = false;
        this.deps.log.error('The auditor does not find a coin from nowhere that it planted');
      }
    }
    return states.audit(block, inbox);
  }

  /** Once, with the first blocks that it can be tried on. */
  private async testAuditor(
    terms: SettlementTerms,
    blocks: readonly CommittedBlock[],
  ): Promise<void> {
    const canTest = blocks.some(({ transactions }) => transactions.length > 1);
    if (this.selfTest !== null || !canTest) return;
    this.selfTest = await auditorSelfTest(terms, blocks);
    if (!this.selfTest) this.deps.log.error('The auditor does not find a fraud that it planted');
  }

  private async dispute(number: number, statement: Statement): Promise<void> {
    const { contract, lane } = this.deps;
    if (lane === null || !lane.isFree()) return;
    const args = await statementArguments(statement, this.prover());
    const verdict = await contract.verdict(statement.name, args, 0n);
    if (verdict.type === 'refused') {
      this.alarm({ type: 'disputeRefused', batch: number, reason: verdict.reason });
      return;
    }
    await lane.submit({ ...verdict.call, id: `${statement.name} against batch ${number}` });
  }

  private prover(): Prover {
    return {
      block: async (height) => {
        const number = this.numberOf(height);
        const index = height - this.stored[number]!.first;
        return blockProof(BigInt(number), await this.batchAt(number), index);
      },
      tx: async ({ height, tx }) => {
        const number = this.numberOf(height);
        const { blocks } = await this.batchAt(number);
        return txProof(blocks[height - this.stored[number]!.first]!, tx);
      },
      trace: async (height) => {
        const block = await this.blockAt(height);
        assert(block !== null && isTraced(block), 'states are audited where they are known');
        return block;
      },
      firstHeight: this.terms!.firstHeight,
    };
  }

  private alarm(alarm: Alarm): void {
    const text = JSON.stringify(alarm);
    if (this.told.has(text)) return;
    this.told.add(text);
    if (alarm.type === 'convicted') this.told.clear();
    this.alarms += 1;
    this.deps.log.error(`Alarm: ${text}`);
    this.deps.onAlarm(alarm);
  }
}
