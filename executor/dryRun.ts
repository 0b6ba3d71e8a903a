/**
 * Execution whose effects are thrown away: on top of the latest block, without mint. Transactions
 * of one call see each other's effects. An access to an undeclared contract does not stop the
 * program; the ids are collected and turn the result into a failure.
 *
 * @source fuel-core-executor 0.48.2 (behaviour); docs of GraphQL `dryRun`
 */
import { CodedError } from '../primitives/errors.ts';
import type { AssetId, B256, ContractId, SlotKey } from '../primitives/types.ts';
import { BlockOverlay } from './overlay.ts';
import type { BlockEnv, ExecutedTx, StateView, TxToExecute } from './ports.ts';
import { runTx } from './runTx.ts';

/** A value that was read from committed state. */
export type StorageRead = {
  readonly contractId: ContractId;
  readonly kind: 'slot' | 'balance';
  readonly key: B256;
  /** A balance as its 8 bytes; null: absent. */
  readonly value: Uint8Array | null;
};

export type DryRunOutcome = {
  readonly executed: readonly ExecutedTx[];
  /** In the order of the first read; empty when not recorded. */
  readonly storageReads: readonly StorageRead[];
};

/**
 * @param env height of the next block, time of the latest; its gas price and `utxoValidation` are
 *   those of the call
 * @throws CodedError DRY_RUN_REFUSED with the executor's text when a transaction would be skipped
 */
export async function dryRun(
  env: BlockEnv,
  txs: readonly TxToExecute[],
  view: StateView,
  options: { readonly recordStorageReads?: boolean } = {},
): Promise<DryRunOutcome> {
  const storageReads: StorageRead[] = [];
  const base = options.recordStorageReads ? recordReads(view, storageReads) : view;
  const overlay = new BlockOverlay(base);
  const executed: ExecutedTx[] = [];
  // Without a pause: a block that is committed meanwhile would change the view.
  for (const job of txs) {
    const how = { txIndex: executed.length, gasPrice: env.gasPrice, collectMissing: true };
    const result = runTx(env, overlay, job, how);
    if (!result.ok) throw new CodedError('DRY_RUN_REFUSED', result.reason, { txId: job.id });
    overlay.apply(result.outcome.changes);
    overlay.markExecuted(job.id);
    executed.push(result.outcome.executed);
  }
  return { executed, storageReads };
}

function word(amount: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, amount);
  return bytes;
}

/** `view`, with every slot and balance noted at its first read. */
function recordReads(view: StateView, reads: StorageRead[]): StateView {
  const seen = new Set<string>();
  const note = (read: StorageRead): void => {
    const name = `${read.kind}:${read.contractId}:${read.key}`;
    if (seen.has(name)) return;
    seen.add(name);
    reads.push(read);
  };
  return {
    coin: (key) => view.coin(key),
    message: (nonce) => view.message(nonce),
    contractCode: (id) => view.contractCode(id),
    contractUtxo: (id) => view.contractUtxo(id),
    slot(contractId: ContractId, key: SlotKey) {
      const value = view.slot(contractId, key);
      note({ contractId, kind: 'slot', key, value });
      return value;
    },
    balance(contractId: ContractId, assetId: AssetId) {
      const amount = view.balance(contractId, assetId);
      const value = amount === null ? null : word(amount);
      note({ contractId, kind: 'balance', key: assetId, value });
      return amount;
    },
    blob: (id) => view.blob(id),
    uploadedBytecode: (root) => view.uploadedBytecode(root),
    consensusParameters: (version) => view.consensusParameters(version),
    stateTransitionBytecodeRoot: (version) => view.stateTransitionBytecodeRoot(version),
    transactionExists: (id) => view.transactionExists(id),
    blockId: (height) => view.blockId(height),
    blockTime: (height) => view.blockTime(height),
  };
}
