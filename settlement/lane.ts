/**
 * One key, one lane of nonces: transactions to Ethereum that end up final, or are told to be lost.
 *
 * Each is written down before it is signed, and each signed form before it is sent, so that a
 * process that dies anywhere finds out afterwards what became of it. One that is not included gets
 * higher fees under the same nonce; all signed forms are kept, because any of them may be the one
 * that is mined. A reorganisation makes an included one pending again.
 */

import { assert, CodedError } from '../primitives/errors.ts';
import type { B256 } from '../primitives/types.ts';
import type { L1Address, L1Block, SettlementLog } from './l1/ports.ts';

export type L1Hex = `0x${string}`;
/** Wei per gas. */
export type L1Fees = { readonly maxFee: bigint; readonly tip: bigint };

export type LaneCall = {
  /** What it is for; unique among what is not final yet. */
  readonly id: string;
  readonly to: L1Address;
  readonly data: L1Hex;
  readonly gas: bigint;
  /** Wei. */
  readonly value: bigint;
};
export type UnsignedTx = LaneCall & { readonly nonce: number; readonly fees: L1Fees };
export type SignedTx = { readonly hash: B256; readonly raw: L1Hex };
export type L1Receipt = { readonly block: L1Block; readonly success: boolean };

/** What a lane needs from Ethereum; methods throw as those of `L1Reader` do. */
export interface LaneChain {
  readonly sender: L1Address;
  /** Next nonce of the sender after that block. */
  nonce(at: 'latest' | 'finalized'): Promise<number>;
  /** What is enough for one of the next blocks. */
  fees(): Promise<L1Fees>;
  sign(tx: UnsignedTx): Promise<SignedTx>;
  send(raw: L1Hex): Promise<void>;
  /** null: not in a block of the present chain. */
  receipt(hash: B256): Promise<L1Receipt | null>;
  finalized(): Promise<L1Block>;
}

export type LaneAttempt = SignedTx & { readonly fees: L1Fees; readonly atMs: number };

/** What is written down, in this order for one nonce. */
export type LaneRecord =
  | { readonly type: 'intent'; readonly nonce: number; readonly call: LaneCall }
  | { readonly type: 'attempt'; readonly nonce: number; readonly attempt: LaneAttempt }
  | { readonly type: 'end'; readonly nonce: number; readonly outcome: LaneOutcome };

/** Durable once `append` has resolved. */
export interface LaneJournal {
  /** Everything whose end is not written, in order. */
  readonly open: readonly LaneRecord[];
  append(record: LaneRecord): Promise<void>;
  close(): Promise<void>;
}

/**
 * final: included in a final block, successful. reverted: included in a final block, without effect.
 * lost: somebody else used the nonce.
 */
export type LaneOutcome = 'final' | 'reverted' | 'lost';
export type LaneEntry = {
  readonly call: LaneCall;
  readonly nonce: number;
  readonly state: 'pending' | 'included' | 'reverted';
  readonly block: L1Block | null;
  readonly attempts: number;
};

export type LaneSettings = {
  /** A transaction that is not included for so long gets higher fees. */
  readonly bumpAfterMs: number;
  /** Never offers more. Wei per gas. */
  readonly maxFeeCap: bigint;
};

export type LaneDeps = {
  readonly chain: LaneChain;
  readonly journal: LaneJournal;
  readonly log: SettlementLog;
  readonly nowMs: () => number;
  /** Called when the end of one is certain and written. */
  readonly onEnd?: (call: LaneCall, outcome: LaneOutcome) => void;
};

/** Endpoints refuse replacements that raise the fees by less than a tenth. */
const BUMP_NUMERATOR = 9n;
const BUMP_DENOMINATOR = 8n;

type Entry = {
  readonly call: LaneCall;
  readonly nonce: number;
  readonly attempts: LaneAttempt[];
  /** Of the attempt that is in a block now. */
  receipt: L1Receipt | null;
  /** Process time of the last send: what was sent by a process before counts as not sent. */
  sentAtMs: number | null;
  /** The endpoint wants higher fees before it takes another one of this nonce. */
  underpriced: boolean;
};

const bumped = (value: bigint): bigint => (value * BUMP_NUMERATOR) / BUMP_DENOMINATOR + 1n;
function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
function smaller(a: bigint, b: bigint): bigint {
  return larger(-a, -b) * -1n;
}

export class TxLane {
  private readonly settings: LaneSettings;
  private readonly deps: LaneDeps;
  /** By nonce, without gaps. */
  private readonly entries: Entry[] = [];
  private capTold = false;

  constructor(settings: LaneSettings, deps: LaneDeps) {
    this.settings = settings;
    this.deps = deps;
    for (const record of deps.journal.open) this.restore(record);
  }

  /** What is not final yet, oldest first. */
  open(): readonly LaneEntry[] {
    return this.entries.map(({ call, nonce, receipt, attempts }) => ({
      call,
      nonce,
      state: receipt === null ? 'pending' : receipt.success ? 'included' : 'reverted',
      block: receipt?.block ?? null,
      attempts: attempts.length,
    }));
  }

  /** The last one is in a block: the next may be submitted. */
  isFree(): boolean {
    return this.entries.every(({ receipt }) => receipt !== null);
  }

  /**
   * Writes the intent down and sends it. Only when the lane is free. A failure of sending is left
   * to the next `step`.
   */
  async submit(call: LaneCall): Promise<void> {
    assert(this.isFree(), 'one transaction of a lane is under way at a time');
    const { chain, journal } = this.deps;
    const last = this.entries.at(-1);
    const nonce = Math.max(await chain.nonce('latest'), last === undefined ? 0 : last.nonce + 1);
    await journal.append({ type: 'intent', nonce, call });
    const entry = entryOf(nonce, call);
    this.entries.push(entry);
    await this.attempt(entry);
  }

  /** Looks what became of everything, and sends again what needs it. @throws CodedError L1_… */
  async step(): Promise<void> {
    if (this.entries.length === 0) return;
    const { chain } = this.deps;
    const finalized = await chain.finalized();
    const usedNonces = await chain.nonce('finalized');
    for (const entry of this.entries) entry.receipt = await this.receiptOf(entry);
    await this.endFinal(finalized, usedNonces);
    for (const entry of this.entries) {
      if (entry.receipt === null) await this.push(entry);
    }
  }

  private restore(record: LaneRecord): void {
    if (record.type === 'intent') {
      // A failed write may be on disk all the same: then the nonce was given to the next intent.
      if (this.entries.at(-1)?.nonce === record.nonce) this.entries.pop();
      this.entries.push(entryOf(record.nonce, record.call));
    }
    const entry = this.entries.find(({ nonce }) => nonce === record.nonce);
    if (record.type === 'attempt') entry?.attempts.push(record.attempt);
  }

  private async receiptOf(entry: Entry): Promise<L1Receipt | null> {
    for (const { hash } of entry.attempts) {
      const receipt = await this.deps.chain.receipt(hash);
      if (receipt !== null) return receipt;
    }
    return null;
  }

  private async endFinal(finalized: L1Block, usedNonces: number): Promise<void> {
    for (let first = this.entries[0]; first !== undefined; first = this.entries[0]) {
      const { receipt, nonce } = first;
      if (receipt === null && nonce >= usedNonces) return;
      if (receipt !== null && receipt.block.number > finalized.number) return;
      const outcome = receipt === null ? 'lost' : receipt.success ? 'final' : 'reverted';
      await this.deps.journal.append({ type: 'end', nonce, outcome });
      this.entries.shift();
      if (outcome !== 'final') {
        this.deps.log.error(
          `Transaction ${first.call.id} (nonce ${nonce}) to Ethereum: ${outcome}`,
        );
      }
      this.deps.onEnd?.(first.call, outcome);
    }
  }

  /** Sends the newest form again, or one with higher fees. */
  private async push(entry: Entry): Promise<void> {
    const newest = entry.attempts.at(-1);
    if (newest === undefined) return this.attempt(entry);
    const { nowMs } = this.deps;
    const waitedMs = nowMs() - (entry.sentAtMs ?? Number.NEGATIVE_INFINITY);
    const isOld = entry.sentAtMs !== null && waitedMs >= this.settings.bumpAfterMs;
    if (isOld || entry.underpriced) return this.attempt(entry);
    // A reorganisation or a restart of the endpoint may have forgotten it.
    await this.send(entry, newest);
  }

  private async attempt(entry: Entry): Promise<void> {
    const { chain, journal, nowMs } = this.deps;
    const fees = await this.feesFor(entry);
    if (fees === null) {
      const newest = entry.attempts.at(-1);
      if (newest !== undefined) await this.send(entry, newest);
      return;
    }
    const { call, nonce } = entry;
    const signed = await chain.sign({ ...call, nonce, fees });
    const attempt = { ...signed, fees, atMs: nowMs() };
    await journal.append({ type: 'attempt', nonce, attempt });
    entry.attempts.push(attempt);
    entry.underpriced = false;
    await this.send(entry, attempt);
    entry.sentAtMs = nowMs();
  }

  /** null: the cap allows no more than what is already offered. */
  private async feesFor(entry: Entry): Promise<L1Fees | null> {
    const { log, chain } = this.deps;
    const { maxFeeCap } = this.settings;
    const current = await chain.fees();
    const before = entry.attempts.at(-1)?.fees;
    const tip = before === undefined ? current.tip : larger(current.tip, bumped(before.tip));
    const wanted =
      before === undefined ? current.maxFee : larger(current.maxFee, bumped(before.maxFee));
    if (wanted <= maxFeeCap) {
      this.capTold = false;
      return { maxFee: larger(wanted, tip), tip };
    }
    if (!this.capTold) {
      log.error(
        `Ethereum asks for ${wanted} wei per gas, the cap is ${maxFeeCap}: ` +
          `${entry.call.id} waits; raise --l1-max-fee if that is too long`,
      );
    }
    this.capTold = true;
    if (before !== undefined) return null;
    return { maxFee: maxFeeCap, tip: smaller(tip, maxFeeCap) };
  }

  private async send(entry: Entry, attempt: LaneAttempt): Promise<void> {
    try {
      await this.deps.chain.send(attempt.raw);
    } catch (error) {
      if (!(error instanceof CodedError) || error.code !== 'L1_REFUSED') throw error;
      // Known already, or mined meanwhile: the receipt will tell. Other refusals pass with time.
      if (/underpriced|fee too low|replacement/i.test(error.message)) entry.underpriced = true;
    }
    entry.sentAtMs ??= this.deps.nowMs();
  }
}

function entryOf(nonce: number, call: LaneCall): Entry {
  return { nonce, call, attempts: [], receipt: null, sentAtMs: null, underpriced: false };
}
