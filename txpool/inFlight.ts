/**
 * Transactions that are being executed, and their outputs: not yet in the state, but usable.
 * Change and Variable outputs have no amount before execution: they count once it is known.
 */
import type { ContractId, TxId } from '../primitives/types.ts';
import type { Output, UtxoId } from '../tx/types.ts';
import type { PoolNode } from './graph.ts';
import type { PoolCoin } from './ports.ts';

type Executed = { readonly outputIndex: number; readonly output: Output };

type Flight = {
  /** Null: not taken from this pool, only its results are known. */
  readonly node: PoolNode | null;
  readonly contracts: ContractId[];
  /** Outputs as executed. */
  readonly executed: Executed[];
};

/** Shared by all that create no contract: most. Never changed. */
const NO_CONTRACTS: ContractId[] = [];

export class InFlight {
  readonly #flights: Map<TxId, Flight> = new Map();
  readonly #contracts: Map<ContractId, TxId> = new Map();
  #takenCount = 0;

  /** Transactions taken from this pool. */
  get size(): number {
    return this.#takenCount;
  }

  has(txId: TxId): boolean {
    return this.get(txId) !== null;
  }

  get(txId: TxId): PoolNode | null {
    return this.#flights.get(txId)?.node ?? null;
  }

  /** Taken for a block. */
  take(node: PoolNode): void {
    const { id, tx } = node.entry;
    let contracts = NO_CONTRACTS;
    for (const output of tx.outputs) {
      if (output.type !== 'contractCreated') continue;
      if (contracts === NO_CONTRACTS) contracts = [];
      this.#addContract(id, output.contractId, contracts);
    }
    this.#flights.set(id, { node, contracts, executed: [] });
    this.#takenCount += 1;
  }

  /** Outputs as executed (Change and Variable with their amounts). */
  resolve(outputs: readonly { readonly utxoId: UtxoId; readonly output: Output }[]): void {
    for (const { utxoId, output } of outputs) {
      const { txId, outputIndex } = utxoId;
      let flight = this.#flights.get(txId);
      if (flight === undefined) {
        flight = { node: null, contracts: [], executed: [] };
        this.#flights.set(txId, flight);
      }
      if (output.type === 'contractCreated') {
        this.#addContract(txId, output.contractId, flight.contracts);
      } else flight.executed.push({ outputIndex, output });
    }
  }

  /** In the state now, or skipped, or back in the pool. @returns what was taken */
  forget(txId: TxId): PoolNode | null {
    const flight = this.#flights.get(txId);
    if (flight === undefined) return null;
    this.#flights.delete(txId);
    for (const id of flight.contracts) {
      if (this.#contracts.get(id) === txId) this.#contracts.delete(id);
    }
    if (flight.node !== null) this.#takenCount -= 1;
    return flight.node;
  }

  hasContract(id: ContractId): boolean {
    return this.#contracts.has(id);
  }

  contractsOf(txId: TxId): readonly ContractId[] {
    return this.#flights.get(txId)?.contracts ?? NO_CONTRACTS;
  }

  /** Whether the output is a coin of exactly this kind. */
  hasCoin(txId: TxId, outputIndex: number, expected: PoolCoin): boolean {
    const flight = this.#flights.get(txId);
    if (flight === undefined) return false;
    const executed = flight.executed.findLast((each) => each.outputIndex === outputIndex)?.output;
    if (executed !== undefined) {
      return executed.type !== 'contract' && executed.type !== 'contractCreated'
        ? isSameCoin({ ...executed, owner: executed.to }, expected)
        : false;
    }
    const output = flight.node?.entry.tx.outputs[outputIndex];
    return output?.type === 'coin' && isSameCoin({ ...output, owner: output.to }, expected);
  }

  #addContract(txId: TxId, id: ContractId, contracts: ContractId[]): void {
    if (this.#contracts.get(id) === txId) return;
    this.#contracts.set(id, txId);
    contracts.push(id);
  }
}

function isSameCoin(coin: PoolCoin, expected: PoolCoin): boolean {
  return (
    coin.owner === expected.owner &&
    coin.amount === expected.amount &&
    coin.assetId === expected.assetId
  );
}
