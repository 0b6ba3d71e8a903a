/** A chain in memory that can be edited, taken back and replaced under a running node. */
import { type Changes, emptyChanges, type SealedBlock } from '../../executor/ports.ts';
import { assert } from '../../primitives/errors.ts';
import { bucketBytesOf, COLUMNS, keyOf } from '../../state/columns.ts';
import { writeEdits } from '../../state/commit.ts';
import { openMemoryEngine } from '../../state/engine/memory.ts';
import type { Engine } from '../../state/engine/port.ts';
import { attachStore, createStore } from '../../state/store.ts';
import type { ChainStore } from '../../state/types.ts';
import { StateReader } from '../../state/view.ts';
import { JournalEngine } from './journal.ts';
import type { LateSigning } from './lateSigning.ts';
import { switched } from './switched.ts';

export type DevStateOptions = {
  readonly signing: LateSigning;
  /** An empty engine for a chain; default: in memory. */
  readonly makeBase?: () => Engine;
};

export class DevState {
  /** What the node works with: stays the same object whatever is done here. */
  readonly store: ChainStore;
  readonly #makeBase: () => Engine;
  #engine: JournalEngine;
  #current: ChainStore;
  #highest: number = 0;

  private constructor(
    { makeBase, signing }: Required<DevStateOptions>,
    engine: JournalEngine,
    store: ChainStore,
  ) {
    this.#makeBase = makeBase;
    this.#engine = engine;
    this.#current = store;
    this.store = switched(() => this.#current, {
      block: (height) => signing.signed(this.#current.block(height)),
    });
  }

  static async open(genesis: SealedBlock, options: DevStateOptions): Promise<DevState> {
    const { makeBase = () => openMemoryEngine(bucketBytesOf), signing } = options;
    const engine = new JournalEngine(makeBase());
    return new DevState({ makeBase, signing }, engine, await createStore(engine, genesis));
  }

  /**
   * The greatest height from which this chain was taken back. Clients wait for heights that they
   * have seen, and would wait for those blocks that are gone.
   */
  get highest(): number {
    return this.#highest;
  }

  get engine(): JournalEngine {
    return this.#engine;
  }

  /** @throws CodedError DEV_UNKNOWN_SNAPSHOT */
  async revert(id: number): Promise<void> {
    this.#highest = Math.max(this.#highest, this.store.latest.height);
    await this.#engine.revert(id);
    this.#attach();
  }

  /**
   * Writes changes that no block makes. Coins and messages may replace those that are there;
   * `messagesAdded` brings back what was spent.
   */
  async edit(changes: Changes): Promise<void> {
    const { coins, messagesAdded } = changes;
    const gone = emptyChanges();
    for (const key of coins.keys()) if (this.store.coin(key) !== null) gone.coins.set(key, null);
    for (const nonce of messagesAdded.keys()) {
      if (this.store.message(nonce) !== null) gone.messagesSpent.add(nonce);
    }
    await this.#write(gone);
    await this.#engine.write((batch) => {
      for (const nonce of messagesAdded.keys()) batch.del(keyOf(COLUMNS.messagesSpent, [nonce]));
    });
    await this.#write(changes);
  }

  /** Another chain in the place of this one; marks are gone. */
  async replace(genesis: SealedBlock): Promise<void> {
    const engine = new JournalEngine(this.#makeBase());
    const store = await createStore(engine, genesis);
    const before = this.#current;
    this.#highest = Math.max(this.#highest, before.latest.height);
    this.#engine = engine;
    this.#current = store;
    await before.close();
  }

  async #write(changes: Changes): Promise<void> {
    const { latest } = this.store;
    const reader = new StateReader(this.#engine);
    await this.#engine.write((batch) => writeEdits(batch, reader, latest, changes));
    this.#attach();
  }

  /** The caches of a store do not survive what it did not write itself. */
  #attach(): void {
    const store = attachStore(this.#engine);
    assert(store !== null, 'a chain that was opened has a block');
    this.#current = store;
  }
}
