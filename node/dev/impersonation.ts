/** Owners who need not sign. */
import { type Address, ZERO_B256 } from '../../primitives/types.ts';
import type { ChargeableTx, Input } from '../../tx/types.ts';

export class Impersonation {
  readonly #owners: Set<Address> = new Set();

  owners(): readonly Address[] {
    return [...this.#owners];
  }
  add(owner: Address): void {
    this.#owners.add(owner);
  }
  /** @param owner null: all */
  remove(owner: Address | null): void {
    if (owner === null) this.#owners.clear();
    else this.#owners.delete(owner);
  }

  /**
   * `tx` as its signatures are to be checked: inputs of these owners look like inputs that need
   * none. Places of inputs stay, so errors name the right one. Predicates are run as ever.
   */
  withoutWaived(tx: ChargeableTx): ChargeableTx {
    if (this.#owners.size === 0 || !tx.inputs.some((input) => this.#isWaived(input))) return tx;
    const inputs = tx.inputs.map((input) => (this.#isWaived(input) ? UNSIGNED : input));
    return { ...tx, inputs } as ChargeableTx;
  }

  #isWaived(input: Input): boolean {
    if (input.type === 'contract' || input.predicate.length > 0) return false;
    return this.#owners.has(input.type === 'coin' ? input.owner : input.recipient);
  }
}

/** Nobody signs for a contract. */
const UNSIGNED: Input = {
  type: 'contract',
  utxoId: { txId: ZERO_B256, outputIndex: 0 },
  balanceRoot: ZERO_B256,
  stateRoot: ZERO_B256,
  txPointer: { blockHeight: 0, txIndex: 0 },
  contractId: ZERO_B256,
};
