/**
 * Follows Ethereum: reads the portal's events up to the finalized block, page by page, into the
 * journal. Only finalized blocks are read, so a reorganisation cannot change what was read; the hash
 * of the last block is compared all the same, because an endpoint may be wrong about finality.
 *
 * A failure never ends it: it says so, waits and tries again from where the journal stands.
 */

import { CodedError } from '../primitives/errors.ts';
import { inboxEvents } from './events.ts';
import {
  describePosition,
  type InboxJournal,
  type InboxLimits,
  type InboxSlice,
  sliceInbox,
} from './inbox.ts';
import type { L1Address, L1Block, L1Reader, SettlementLog } from './l1/ports.ts';

export type RelayerSettings = {
  readonly contracts: readonly L1Address[];
  /** Ethereum block of the deployment: everything up to and with it is left aside. */
  readonly deployHeight: bigint;
  /** Most Ethereum blocks in one request. */
  readonly pageSize: number;
  /** An answer with more logs makes the next page smaller. */
  readonly maxLogsPerPage: number;
  /** Shortest time between two rounds. */
  readonly minRoundMs: number;
  /** How often an endpoint that is catching up is asked again, and how often that is logged. */
  readonly syncingPollMs: number;
  readonly syncingLogMs: number;
};

export type RelayerDeps = {
  readonly reader: L1Reader;
  readonly journal: InboxJournal;
  readonly log: SettlementLog;
  readonly nowMs: () => number;
};

export type RelayerProgress = {
  /** Ethereum blocks read, and finalized when last asked; null: unknown. */
  readonly read: bigint | null;
  readonly finalized: bigint | null;
  readonly pageSize: number;
  /** Text of the last failure; null after a round that went well. */
  readonly failure: string | null;
};

type Waiter = { readonly height: bigint; wake(): void; fail(reason: CodedError): void };

const stopped = (): CodedError =>
  new CodedError('RELAYER_STOPPED', 'the node is stopping: Ethereum is not followed any more');

export class Relayer {
  private readonly settings: RelayerSettings;
  private readonly deps: RelayerDeps;
  private readonly waiters = new Set<Waiter>();
  private readonly stopping = new AbortController();
  private running: Promise<void> | null = null;
  private pageSize: number;
  private finalized: bigint | null = null;
  /** Height at which everything finalized had been read; null: not yet since the start. */
  private syncedAt: bigint | null = null;
  private failure: string | null = null;
  private chainChecked = false;

  constructor(settings: RelayerSettings, deps: RelayerDeps) {
    this.settings = settings;
    this.deps = deps;
    this.pageSize = Math.max(1, settings.pageSize);
  }

  start(): void {
    this.running ??= this.loop();
  }

  /** Ends after the request under way; who waits is told. */
  async stop(): Promise<void> {
    this.stopping.abort();
    for (const waiter of this.waiters) waiter.fail(stopped());
    this.waiters.clear();
    await this.running;
  }

  progress(): RelayerProgress {
    const read = this.deps.journal.position()?.number ?? null;
    return { read, finalized: this.finalized, pageSize: this.pageSize, failure: this.failure };
  }

  /**
   * What the block after one with DA height `previous` takes in. Waits until Ethereum has been read
   * that far, and once in full since the start.
   * @throws CodedError RELAYER_STOPPED, INBOX_BEHIND, NO_NEW_DA_HEIGHT
   */
  async slice(previous: bigint, limits: InboxLimits): Promise<InboxSlice> {
    await this.reached(previous);
    return sliceInbox(this.deps.journal, previous, this.highest(), limits);
  }

  /** One round: everything that is finalized and not yet read. @throws CodedError L1_… */
  async syncOnce(): Promise<void> {
    const { reader } = this.deps;
    await this.waitForEndpoint();
    const chainId = await this.checkChain();
    const finalized = await reader.finalized();
    await this.checkPosition();
    this.finalized = finalized.number;
    while (this.highest() < finalized.number && !this.stopping.signal.aborted) {
      await this.readPage(finalized, chainId);
    }
    if (this.highest() < finalized.number) return;
    this.syncedAt = this.highest();
    for (const waiter of this.waiters) {
      if (waiter.height > this.syncedAt) continue;
      this.waiters.delete(waiter);
      waiter.wake();
    }
  }

  private highest(): bigint {
    return this.deps.journal.position()?.number ?? this.settings.deployHeight;
  }

  private reached(height: bigint): Promise<void> {
    if (this.stopping.signal.aborted) return Promise.reject(stopped());
    if (this.syncedAt !== null && this.syncedAt >= height) return Promise.resolve();
    return new Promise((wake, fail) => this.waiters.add({ height, wake, fail }));
  }

  private async loop(): Promise<void> {
    const { log, nowMs } = this.deps;
    while (!this.stopping.signal.aborted) {
      const startedAtMs = nowMs();
      try {
        await this.syncOnce();
        if (this.failure !== null) log.info('Ethereum is followed again');
        this.failure = null;
      } catch (reason) {
        const text = reason instanceof Error ? reason.message : String(reason);
        if (this.failure !== text && !this.stopping.signal.aborted) {
          log.error(`Following Ethereum failed, trying again: ${text}`);
        }
        this.failure = text;
      }
      await this.pause(this.settings.minRoundMs - (nowMs() - startedAtMs));
    }
  }

  private pause(ms: number): Promise<void> {
    const { signal } = this.stopping;
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, Math.max(0, ms));
      signal.addEventListener('abort', end);
    });
  }

  private async waitForEndpoint(): Promise<void> {
    const { reader, log, nowMs } = this.deps;
    let loggedAtMs = Number.NEGATIVE_INFINITY;
    while (await reader.syncing()) {
      if (this.stopping.signal.aborted) throw stopped();
      if (nowMs() - loggedAtMs >= this.settings.syncingLogMs) {
        log.info('The Ethereum endpoint is still catching up');
        loggedAtMs = nowMs();
      }
      await this.pause(this.settings.syncingPollMs);
    }
  }

  private async checkChain(): Promise<bigint> {
    const { reader, journal } = this.deps;
    const known = journal.chainId();
    if (this.chainChecked && known !== null) return known;
    const chainId = await reader.chainId();
    if (known !== null && known !== chainId) {
      throw new CodedError(
        'L1_OTHER_CHAIN',
        `the database follows the Ethereum chain ${known}, the endpoint is of chain ${chainId}: ` +
          'check --relayer, or use another --db-path',
      );
    }
    this.chainChecked = true;
    return chainId;
  }

  /** What was read is still there. */
  private async checkPosition(): Promise<void> {
    const { reader, journal } = this.deps;
    const position = journal.position();
    if (position === null) return;
    const now = await reader.block(position.number);
    if (now?.hash === position.hash) return;
    // An endpoint that lags behind is no contradiction.
    if (now === null)
      throw new CodedError(
        'L1_BEHIND',
        `the Ethereum endpoint lacks ${describePosition(position)}`,
      );
    throw new CodedError(
      'L1_FINALITY_BROKEN',
      `Ethereum took back ${describePosition(position)}, which it had called final; nothing more ` +
        'is read until an endpoint agrees with what was read: check --relayer',
      { block: position.number },
    );
  }

  private async readPage(finalized: L1Block, chainId: bigint): Promise<void> {
    const { journal } = this.deps;
    const { contracts, maxLogsPerPage } = this.settings;
    const from = this.highest() + 1n;
    const last = from + BigInt(this.pageSize) - 1n;
    const to = last < finalized.number ? last : finalized.number;
    const answer = await this.askPage(from, to);
    if (answer === null) return;
    const { logs, end } = answer;
    // A machine that lags behind answers with no logs, and does not know the end of the page.
    const isKnown = end !== null && (to !== finalized.number || end.hash === finalized.hash);
    if (!isKnown) throw new CodedError('L1_BEHIND', `the Ethereum endpoint lacks block ${to}`);
    await journal.append(end, inboxEvents(logs, from, to, contracts), chainId);
    if (logs.length > maxLogsPerPage) this.pageSize = Math.max(1, Math.floor(this.pageSize / 2));
    else this.pageSize = Math.min(this.settings.pageSize, Math.ceil(this.pageSize * 1.25));
  }

  /** Logs and end of a page, asked for together; null: the page was too big and is smaller now. */
  private async askPage(
    from: bigint,
    to: bigint,
  ): Promise<{ logs: Awaited<ReturnType<L1Reader['logs']>>; end: L1Block | null } | null> {
    const { reader } = this.deps;
    try {
      const [logs, end] = await Promise.all([
        reader.logs(from, to, this.settings.contracts),
        reader.block(to),
      ]);
      return { logs, end };
    } catch (error) {
      const canShrink = error instanceof CodedError && error.code === 'L1_REFUSED';
      if (!canShrink || this.pageSize === 1) throw error;
      this.pageSize = Math.max(1, Math.floor(this.pageSize / 2));
      return null;
    }
  }
}
