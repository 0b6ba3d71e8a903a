/** The genesis that a configuration names. */
import { parseChainConfig } from '../state/chainConfig.ts';
import { localChain } from '../state/localChain.ts';
import { readSnapshot, type Snapshot } from '../state/snapshot.ts';
import { parseStateConfig } from '../state/stateConfig.ts';
import { parseLosslessJson, stringifyLossless } from '../tx/json.ts';
import type { Log } from './log.ts';

/** A snapshot as values: objects, or JSON texts where numbers go beyond 2^53. */
export type InlineSnapshot = { readonly chainConfig: unknown; readonly stateConfig: unknown };

const EMPTY = new Uint8Array(0);

/** No path and no values: the built-in local chain. @throws CodedError SNAPSHOT_INVALID */
export function genesisOf(snapshotPath: string | null, inline: InlineSnapshot | null): Snapshot {
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
  return snapshotPath === null ? localChain() : readSnapshot(snapshotPath);
}

/** Entries from which a genesis takes seconds to take in: then it is said. */
export const IMPORT_TOLD_FROM: number = 20_000;

/**
 * Says that a large genesis is being read, and written where it is new. It becomes one commit, so
 * there is nothing to say in between.
 * @returns to be called when it is done
 */
export function tellImport(
  { stateConfig }: Snapshot,
  log: Pick<Log, 'info'>,
  nowMs: () => number,
): () => void {
  const { coins, messages, contracts } = stateConfig;
  const count = coins.length + messages.length + contracts.length;
  if (count < IMPORT_TOLD_FROM) return () => {};
  const startedMs = nowMs();
  log.info(
    `Reading the genesis: ${coins.length} coins, ${messages.length} messages, ${contracts.length} contracts`,
  );
  return () => {
    const seconds = Math.max(0.001, (nowMs() - startedMs) / 1000);
    const rate = Math.round(count / seconds);
    log.info(`Genesis read in ${seconds.toFixed(1)} s, ${rate} entries/s`);
  };
}
