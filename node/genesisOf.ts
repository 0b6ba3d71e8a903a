/** The genesis that a configuration names. */
import { parseChainConfig } from '../state/chainConfig.ts';
import { localChain } from '../state/localChain.ts';
import { readSnapshot, type Snapshot } from '../state/snapshot.ts';
import { type ImportListener, parseStateConfig } from '../state/stateConfig.ts';
import { parseLosslessJson, stringifyLossless } from '../tx/json.ts';
import type { Log } from './log.ts';
import { bar, duration } from './progress.ts';

/** A snapshot as values: objects, or JSON texts where numbers go beyond 2^53. */
export type InlineSnapshot = { readonly chainConfig: unknown; readonly stateConfig: unknown };

const EMPTY = new Uint8Array(0);

/** No path and no values: the built-in local chain. @throws CodedError SNAPSHOT_INVALID */
export function genesisOf(
  snapshotPath: string | null,
  inline: InlineSnapshot | null,
  tell?: ImportListener,
): Snapshot {
  if (inline !== null) {
    const text = (value: unknown): string =>
      typeof value === 'string' ? value : stringifyLossless(value);
    const state = parseLosslessJson(text(inline.stateConfig));
    return {
      chainConfig: parseChainConfig(
        'chainConfig',
        parseLosslessJson(text(inline.chainConfig)),
        EMPTY,
      ),
      stateConfig: parseStateConfig('stateConfig', state),
    };
  }
  return snapshotPath === null ? localChain() : readSnapshot(snapshotPath, tell);
}

/** Entries from which a genesis takes seconds to take in: then it is said. */
export const IMPORT_TOLD_FROM: number = 20_000;

/** A line about an import comes no more often than this. Unit: ms. */
export const IMPORT_TOLD_EVERY_MS: number = 3_000;

/** What is said about an import. */
export type ImportTeller = {
  /** It is being read, then hashed: share, rate, time that is left. */
  readonly tell: ImportListener;
  /** It is written, as one commit: nothing is known in between. */
  writing(snapshot: Snapshot): void;
  /** Nothing is said of small ones. */
  done(): void;
};

export function importTeller(log: Pick<Log, 'info'>, nowMs: () => number): ImportTeller {
  const startedMs = nowMs();
  let toldMs = startedMs;
  let stage = '';
  let first = { atMs: startedMs, done: 0 };
  let count = 0;
  return {
    tell(now, done, total) {
      const atMs = nowMs();
      if (now !== stage) {
        stage = now;
        first = { atMs, done };
      }
      if (total < IMPORT_TOLD_FROM || atMs - toldMs < IMPORT_TOLD_EVERY_MS) return;
      toldMs = atMs;
      const rate = (1000 * (done - first.done)) / Math.max(1, atMs - first.atMs);
      const left = rate > 0 ? `, about ${duration(Math.ceil((total - done) / rate))} left` : '';
      log.info(
        `Importing the genesis: ${bar(done / total)} ${done} of ${total} entries ${now}, ` +
          `${Math.round(rate)}/s${left}`,
      );
    },
    writing({ stateConfig: { coins, messages, contracts } }) {
      count = coins.length + messages.length + contracts.length;
      if (count < IMPORT_TOLD_FROM) return;
      log.info(
        `Writing the genesis: ${coins.length} coins, ${messages.length} messages, ${contracts.length} contracts`,
      );
    },
    done() {
      if (count < IMPORT_TOLD_FROM) return;
      const seconds = Math.max(0.001, (nowMs() - startedMs) / 1000);
      const rate = Math.round(count / seconds);
      log.info(`Genesis imported in ${seconds.toFixed(1)} s, ${rate} entries/s`);
    },
  };
}
