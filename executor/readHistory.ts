/**
 * Which slots and balances calls of a contract read, so that a lane brings their values along. Only
 * a guess: a lane asks for what is missing, and what is too much costs a few bytes.
 */
import type { AssetId, B256, ContractId, SlotKey } from '../primitives/types.ts';
import type { ContractValues } from './laneMessages.ts';
import type { StateView } from './ports.ts';

/** Keys that are remembered of one contract, the oldest goes first. */
export const HISTORY_KEYS_MAX: number = 32;
/** Contracts that are remembered. */
export const HISTORY_CONTRACTS_MAX: number = 4096;

type Keys = { readonly slots: Set<SlotKey>; readonly balances: Set<AssetId> };

export class ReadHistory {
  readonly #contracts: Map<ContractId, Keys> = new Map();

  note(kind: 'slot' | 'balance', id: ContractId, key: B256): void {
    let keys = this.#contracts.get(id);
    if (keys === undefined) {
      if (this.#contracts.size >= HISTORY_CONTRACTS_MAX) this.#contracts.clear();
      keys = { slots: new Set(), balances: new Set() };
      this.#contracts.set(id, keys);
    }
    const set: Set<B256> = kind === 'slot' ? keys.slots : keys.balances;
    if (set.has(key)) return;
    if (set.size >= HISTORY_KEYS_MAX) {
      for (const oldest of set) {
        set.delete(oldest);
        break;
      }
    }
    set.add(key);
  }

  /** The values that calls of `id` will probably read; null: nothing is known. */
  expected(id: ContractId, base: StateView): ContractValues | null {
    const keys = this.#contracts.get(id);
    if (keys === undefined) return null;
    const slots = new Map([...keys.slots].map((key) => [key, base.slot(id, key)]));
    const balances = new Map([...keys.balances].map((key) => [key, base.balance(id, key)]));
    return { contractId: id, slots, balances };
  }
}
