/**
 * Which slots and balances calls of a contract read in block after block, so that a lane brings their
 * values along. Only a guess: what is missing a lane asks for, or reads in the database.
 */
import type { AssetId, B256, ContractId, SlotKey } from '../primitives/types.ts';
import type { ContractValues } from './laneMessages.ts';
import type { StateView } from './ports.ts';

/** Keys of one contract that are expected, and as many that were read once; the oldest go first. */
export const HISTORY_KEYS_MAX: number = 32;
/** Contracts that are remembered. */
export const HISTORY_CONTRACTS_MAX: number = 4096;

/** Keys of one kind of one contract. */
class KeyHistory<K extends B256> {
  /** Read in several blocks. */
  readonly again: Set<K> = new Set();
  /** By key, the block in which it was read. */
  readonly #once: Map<K, number> = new Map();

  note(key: K, blockNumber: number): void {
    if (this.again.has(key)) return;
    const before = this.#once.get(key);
    this.#once.delete(key);
    if (before === undefined || before === blockNumber) {
      makeRoom(this.#once);
      // Last again: what many transactions read outlives what each reads alone.
      this.#once.set(key, blockNumber);
      return;
    }
    makeRoom(this.again);
    this.again.add(key);
  }
}

function makeRoom<K>(keys: Map<K, unknown> | Set<K>): void {
  if (keys.size < HISTORY_KEYS_MAX) return;
  for (const oldest of keys.keys()) {
    keys.delete(oldest);
    return;
  }
}

type Keys = { readonly slots: KeyHistory<SlotKey>; readonly balances: KeyHistory<AssetId> };

export class ReadHistory {
  readonly #contracts: Map<ContractId, Keys> = new Map();
  /** Of the block that is read for; any number that differs from block to block. */
  blockNumber: number = 0;

  note(kind: 'slot' | 'balance', id: ContractId, key: B256): void {
    let keys = this.#contracts.get(id);
    if (keys === undefined) {
      if (this.#contracts.size >= HISTORY_CONTRACTS_MAX) this.#contracts.clear();
      keys = { slots: new KeyHistory(), balances: new KeyHistory() };
      this.#contracts.set(id, keys);
    }
    const history: KeyHistory<B256> = kind === 'slot' ? keys.slots : keys.balances;
    history.note(key, this.blockNumber);
  }

  /** The values that calls of `id` will probably read; null: nothing is known. */
  expected(id: ContractId, base: StateView): ContractValues | null {
    const keys = this.#contracts.get(id);
    if (keys === undefined || keys.slots.again.size + keys.balances.again.size === 0) return null;
    const slots = new Map([...keys.slots.again].map((key) => [key, base.slot(id, key)]));
    const balances = new Map([...keys.balances.again].map((key) => [key, base.balance(id, key)]));
    return { contractId: id, slots, balances };
  }
}
