/**
 * Transactions that are being executed, and their outputs: not yet in the state, but usable.
 * Change and Variable outputs have no amount before execution: they count once it is known.
 */
import type { ContractId, TxId } from '../primitives/types.ts';
import type { Output, UtxoId } from '../tx/types.ts';
import type { PoolNode } from './graph.ts';
import type { PoolCoin } from './ports.ts';

/** An output as it is after execution. */
export type ExecutedOutput = { readonly outputIndex: number; readonly output: Output };

type ResolvedOutput = { readonly utxoId: UtxoId; readonly output: Output };

export class InFlight {
  readonly #nodes: ReadonlyMap<TxId, PoolNode>;
  readonly #contracts: Map<ContractId, TxId> = new Map();
  /** Results of transactions that were not taken from this pool. */
  readonly #foreign: Map<TxId, ExecutedOutput[]> = new Map();
  #takenCount = 0;

  /** @param nodes those in the pool and those taken from it */
  constructor(nodes: ReadonlyMap<TxId, PoolNode>) {
    this.#nodes = nodes;
  }

  /** Transactions taken from this pool. */
  get size(): number {
    return this.#takenCount;
  }

  get(txId: TxId): PoolNode | null {
    const node = this.#nodes.get(txId);
    return node?.place?.state === 'taken' ? node : null;
  }

  /** Taken for a block. */
  take(node: PoolNode): void {
    this.#takenCount += 1;
    const { id, tx } = node.entry;
    for (const output of tx.outputs) {
      if (output.type === 'contractCreated') this.#contracts.set(output.contractId, id);
    }
  }

  /** Outputs as executed (Change and Variable with their amounts). */
  resolve(outputs: readonly ResolvedOutput[]): void {
    for (const { utxoId, output } of outputs) {
      const { txId, outputIndex } = utxoId;
      if (output.type === 'contractCreated') this.#contracts.set(output.contractId, txId);
      this.#executedOf(txId).push({ outputIndex, output });
    }
  }

  /** In the state now, or skipped, or back in the pool. @returns what was taken */
  forget(txId: TxId): PoolNode | null {
    if (this.#foreign.size > 0) {
      for (const { output } of this.#foreign.get(txId) ?? []) this.#forgetContract(txId, output);
      this.#foreign.delete(txId);
    }
    const node = this.get(txId);
    if (node === null) return null;
    this.#takenCount -= 1;
    node.executed = null;
    for (const output of node.entry.tx.outputs) this.#forgetContract(txId, output);
    return node;
  }

  hasContract(id: ContractId): boolean {
    return this.#contracts.has(id);
  }

  /** Whether the output is a coin of exactly this kind. */
  hasCoin(txId: TxId, outputIndex: number, expected: PoolCoin): boolean {
    const node = this.get(txId);
    const known = node === null ? this.#foreign.get(txId) : node.executed;
    const executed = known?.findLast((each) => each.outputIndex === outputIndex)?.output;
    if (executed !== undefined) return isCoin(executed, expected);
    const output = node?.entry.tx.outputs[outputIndex];
    return output?.type === 'coin' && isCoin(output, expected);
  }

  #executedOf(txId: TxId): ExecutedOutput[] {
    const node = this.get(txId);
    if (node !== null) return (node.executed ??= []);
    let outputs = this.#foreign.get(txId);
    if (outputs === undefined) this.#foreign.set(txId, (outputs = []));
    return outputs;
  }

  #forgetContract(txId: TxId, output: Output): void {
    if (output.type !== 'contractCreated') return;
    if (this.#contracts.get(output.contractId) === txId) this.#contracts.delete(output.contractId);
  }
}

function isCoin(output: Output, expected: PoolCoin): boolean {
  return (
    output.type !== 'contract' &&
    output.type !== 'contractCreated' &&
    output.to === expected.owner &&
    output.amount === expected.amount &&
    output.assetId === expected.assetId
  );
}
