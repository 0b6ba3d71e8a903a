/** Opening of the chain store. */
import type { SealedBlock } from '../executor/ports.ts';
import { bucketBytesOf } from './columns.ts';
import { PLAIN_COMMITS } from './commit.ts';
import { openDiskEngine } from './engine/disk.ts';
import { openMemoryEngine } from './engine/memory.ts';
import { attachStore, createStore, type StoreOptions } from './store.ts';
import type { ChainStore } from './types.ts';

export type StoreLocation =
  | { readonly engine: 'memory' }
  /** `path`: directory of the database; made when it is missing. */
  | { readonly engine: 'disk'; readonly path: string };

export type OpenedStore = {
  /** null: empty; call `initialise` with the genesis block. */
  readonly store: ChainStore | null;
  initialise(genesis: SealedBlock): Promise<ChainStore>;
  /** For an opened store that is not used after all. */
  close(): Promise<void>;
};

/**
 * Opens what is there.
 * @param options what is kept beyond what the chain needs; nothing unless said
 * @throws CodedError STATE_LOCKED, STATE_CORRUPT, STATE_VERSION, STATE_UNAVAILABLE
 */
export async function openChainStore(
  location: StoreLocation,
  options: StoreOptions = PLAIN_COMMITS,
): Promise<OpenedStore> {
  const engine =
    location.engine === 'memory'
      ? openMemoryEngine(bucketBytesOf)
      : await openDiskEngine(location.path);
  try {
    return {
      store: attachStore(engine, options),
      initialise: (genesis) => createStore(engine, genesis, options),
      close: () => engine.close(),
    };
  } catch (error) {
    await engine.close();
    throw error;
  }
}
