/** The consensus parameters in force. */
import { CodedError } from '../primitives/errors.ts';
import type { ChainStore } from '../state/types.ts';
import type { ConsensusParameters } from '../tx/params.ts';

/** Parameters in force for the next block: the newest version that the chain knows. */
export function chainParams(
  store: ChainStore,
): () => { version: number; params: ConsensusParameters } {
  let version = store.latest.consensusParametersVersion;
  let asOf: object | null = null;
  let known: { version: number; params: ConsensusParameters } | null = null;
  return () => {
    // Versions come with blocks, and this is asked for every transaction.
    if (known !== null && asOf === store.latest) return known;
    // Development controls go back to where a version was not known yet.
    if (store.consensusParameters(version) === null) {
      version = store.latest.consensusParametersVersion;
    }
    while (store.consensusParameters(version + 1) !== null) version += 1;
    const params = store.consensusParameters(version);
    if (params === null) {
      throw new CodedError('STATE_CORRUPT', 'the database has no consensus parameters', {
        version,
      });
    }
    asOf = store.latest;
    known = { version, params };
    return known;
  };
}
