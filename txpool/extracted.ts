/** Outputs of transactions that are being executed: not yet in the state, but usable. */
import type { ContractId, TxId } from '../primitives/types.ts';
import type { Input, Output } from '../tx/types.ts';
import type { PoolCoin } from './ports.ts';

/** Coins and contracts that transactions in flight create, less those already claimed again. */
export class ExtractedOutputs {
  readonly #coins = new Map<TxId, Map<number, PoolCoin>>();
  readonly #contracts = new Map<ContractId, TxId>();
  readonly #contractsByTx = new Map<TxId, ContractId[]>();

  /** Change and Variable outputs have no amount before execution: they are left out. */
  take(txId: TxId, inputs: readonly Input[], outputs: readonly Output[]): void {
    outputs.forEach((output, index) => {
      if (output.type === 'coin') this.#addCoin(txId, index, output);
      else if (output.type === 'contractCreated') this.#addContract(txId, output.contractId);
    });
    for (const input of inputs) {
      if (input.type !== 'coin') continue;
      this.#coins.get(input.utxoId.txId)?.delete(input.utxoId.outputIndex);
    }
  }

  /** Outputs as executed (Change and Variable with their amounts). */
  resolve(
    outputs: readonly { utxoId: { txId: TxId; outputIndex: number }; output: Output }[],
  ): void {
    for (const { utxoId, output } of outputs) {
      if (output.type === 'contractCreated') this.#addContract(utxoId.txId, output.contractId);
      else if (output.type !== 'contract') this.#addCoin(utxoId.txId, utxoId.outputIndex, output);
    }
  }

  /** In the state now, or skipped. */
  forget(txId: TxId): void {
    this.#coins.delete(txId);
    for (const id of this.#contractsByTx.get(txId) ?? []) this.#contracts.delete(id);
    this.#contractsByTx.delete(txId);
  }

  hasContract(id: ContractId): boolean {
    return this.#contracts.has(id);
  }

  contractsOf(txId: TxId): readonly ContractId[] {
    return this.#contractsByTx.get(txId) ?? [];
  }

  hasCoin(txId: TxId, outputIndex: number, expected: PoolCoin): boolean {
    const coin = this.#coins.get(txId)?.get(outputIndex);
    return (
      coin !== undefined &&
      coin.owner === expected.owner &&
      coin.amount === expected.amount &&
      coin.assetId === expected.assetId
    );
  }

  #addCoin(txId: TxId, index: number, output: Extract<Output, { to: unknown }>): void {
    const coin: PoolCoin = { owner: output.to, amount: output.amount, assetId: output.assetId };
    const coins = this.#coins.get(txId);
    if (coins === undefined) this.#coins.set(txId, new Map([[index, coin]]));
    else coins.set(index, coin);
  }

  #addContract(txId: TxId, id: ContractId): void {
    if (this.#contracts.get(id) === txId) return;
    this.#contracts.set(id, txId);
    this.#contractsByTx.set(txId, [...(this.#contractsByTx.get(txId) ?? []), id]);
  }
}
