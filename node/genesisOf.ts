/** The genesis that a configuration names. */
import { parseChainConfig } from '../state/chainConfig.ts';
import { localChain } from '../state/localChain.ts';
import { readSnapshot, type Snapshot } from '../state/snapshot.ts';
import { parseStateConfig } from '../state/stateConfig.ts';
import { parseLosslessJson, stringifyLossless } from '../tx/json.ts';

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
