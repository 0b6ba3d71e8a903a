/**
 * How much of a block's gas one contract may take: the operator's setting, off by default.
 *
 * Counted by max gas while a transaction is in flight and by the gas that it used once it ran. The
 * first transaction of a contract in a block always passes, so nothing is held back for good.
 */
import type { Gas, TxId } from '../primitives/types.ts';
import type { PooledTx } from './types.ts';

type Taken = { readonly contracts: readonly string[]; gas: Gas };

/** The contracts that a transaction declares. */
export function contractsOf({ tx }: PooledTx): string[] {
  const contracts: string[] = [];
  for (const input of tx.inputs) if (input.type === 'contract') contracts.push(input.contractId);
  return contracts;
}

export class ContractShares {
  readonly #percentMax: number;
  readonly #used: Map<string, Gas> = new Map();
  readonly #taken: Map<TxId, Taken> = new Map();
  /** The block that is being filled; null: none, or the caller does not say. */
  #height: number | null = null;
  /** Gas that the block had at the start. */
  #blockGas: Gas | null = null;
  #heldCount = 0;

  /** @param percentMax of the block's gas, 1…99; anything else: no limit */
  constructor(percentMax: number) {
    this.#percentMax = percentMax;
  }

  get isOn(): boolean {
    return this.#percentMax > 0 && this.#percentMax < 100;
  }

  /** How often a transaction was held back so far. */
  get heldCount(): number {
    return this.#heldCount;
  }

  /**
   * A selection begins. A new height is a new block; without heights the first one after
   * `blockIsOver` is.
   */
  begin(gasLimit: Gas, height: number | null): void {
    if (this.#blockGas !== null && this.#height === height) return;
    this.#forget();
    this.#height = height;
    this.#blockGas = gasLimit;
  }

  /** A block is over. Callers that name heights may have begun the next one already. */
  blockIsOver(): void {
    if (this.#height === null) this.#forget();
  }

  #forget(): void {
    this.#used.clear();
    this.#taken.clear();
    this.#blockGas = null;
  }

  /** Whether a contract would get more than its share; counts. */
  holdsBack(entry: PooledTx): boolean {
    const limit = ((this.#blockGas ?? 0n) * BigInt(this.#percentMax)) / 100n;
    for (const contract of contractsOf(entry)) {
      const used = this.#used.get(contract);
      if (used === undefined || used + entry.maxGas <= limit) continue;
      this.#heldCount += 1;
      return true;
    }
    return false;
  }

  take(entry: PooledTx): void {
    const contracts = contractsOf(entry);
    if (contracts.length === 0) return;
    this.#taken.set(entry.id, { contracts, gas: entry.maxGas });
    this.#add(contracts, entry.maxGas);
  }

  /** It ran and used `gas`: the rest of its max gas is free again. */
  ran(txId: TxId, gas: Gas): void {
    const taken = this.#taken.get(txId);
    if (taken === undefined) return;
    this.#add(taken.contracts, gas - taken.gas);
    taken.gas = gas;
  }

  #add(contracts: readonly string[], gas: Gas): void {
    for (const contract of contracts) {
      this.#used.set(contract, (this.#used.get(contract) ?? 0n) + gas);
    }
  }
}
