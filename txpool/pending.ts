/** Transactions that wait a moment for a coin or a contract that does not exist yet. */
import type { CodedError } from '../primitives/errors.ts';
import type { Gas, TxId } from '../primitives/types.ts';
import { contractKey, utxoAccessKey } from '../tx/accessKeys.ts';
import type { Output, UtxoId } from '../tx/types.ts';
import { type MissingInput, missingError } from './inputs.ts';
import type { PooledTx } from './types.ts';

type Waiting = {
  readonly entry: PooledTx;
  readonly missing: readonly MissingInput[];
  /** Keys of what is still missing. */
  readonly open: Set<string>;
  readonly deadlineMs: number;
};

/** The access key of what is missing. */
function missingKey(missing: MissingInput): string {
  return missing.type === 'coin' ? `u:${missing.key}` : contractKey(missing.contractId);
}

/** What others can use of a transaction as soon as it is in the pool. */
export function pooledOutputKeys({ id, tx }: PooledTx): string[] {
  const keys: string[] = [];
  tx.outputs.forEach((output, index) => {
    if (output.type === 'coin') keys.push(utxoAccessKey(id, index));
    else if (output.type === 'contractCreated') keys.push(contractKey(output.contractId));
  });
  return keys;
}

/** The outputs of a transaction with the ids that they have as coins. */
export function withUtxoIds(
  txId: TxId,
  outputs: readonly Output[],
): { utxoId: UtxoId; output: Output }[] {
  return outputs.map((output, outputIndex) => ({ utxoId: { txId, outputIndex }, output }));
}

/** What others can use once it was executed: Change and Variable outputs have amounts now. */
export function executedOutputKeys(
  outputs: readonly { readonly utxoId: UtxoId; readonly output: Output }[],
): string[] {
  const keys: string[] = [];
  for (const { utxoId, output } of outputs) {
    if (output.type === 'contract') continue;
    if (output.type === 'contractCreated') keys.push(contractKey(output.contractId));
    else keys.push(utxoAccessKey(utxoId.txId, utxoId.outputIndex));
  }
  return keys;
}

export class PendingPool {
  readonly #ttlMs: number;
  /** In order of arrival, therefore of deadline. */
  readonly #waiting = new Map<TxId, Waiting>();
  readonly #byKey = new Map<string, Set<TxId>>();
  #gas = 0n;
  #bytes = 0;

  constructor(ttlMs: number) {
    this.#ttlMs = ttlMs;
  }

  get txCount(): number {
    return this.#waiting.size;
  }
  get gas(): Gas {
    return this.#gas;
  }
  get bytes(): number {
    return this.#bytes;
  }

  has(txId: TxId): boolean {
    return this.#waiting.has(txId);
  }

  /** Clock of the first deadline; null when nobody waits. */
  nextDeadlineMs(): number | null {
    for (const waiting of this.#waiting.values()) return waiting.deadlineMs;
    return null;
  }

  add(entry: PooledTx, missing: readonly MissingInput[], nowMs: number): void {
    const open = new Set(missing.map(missingKey));
    this.#waiting.set(entry.id, { entry, missing, open, deadlineMs: nowMs + this.#ttlMs });
    for (const key of open) {
      const waiters = this.#byKey.get(key);
      if (waiters === undefined) this.#byKey.set(key, new Set([entry.id]));
      else waiters.add(entry.id);
    }
    this.#gas += entry.maxGas;
    this.#bytes += entry.sizeBytes;
  }

  /** These exist now. @returns transactions that wait for nothing any more, no longer pending */
  resolve(keys: Iterable<string>): PooledTx[] {
    const ready: PooledTx[] = [];
    if (this.#waiting.size === 0) return ready;
    for (const key of keys) {
      for (const txId of [...(this.#byKey.get(key) ?? [])]) {
        const waiting = this.#waiting.get(txId) as Waiting;
        this.#close(waiting, key);
        if (waiting.open.size > 0) continue;
        this.#drop(waiting);
        ready.push(waiting.entry);
      }
    }
    return ready;
  }

  /** Those whose time is over, with the refusal for their submitters. */
  expire(nowMs: number): { id: TxId; error: CodedError }[] {
    const expired: { id: TxId; error: CodedError }[] = [];
    for (const waiting of this.#waiting.values()) {
      if (waiting.deadlineMs > nowMs) break;
      this.#drop(waiting);
      const first = waiting.missing.find((missing) => waiting.open.has(missingKey(missing)));
      expired.push({
        id: waiting.entry.id,
        error: missingError(first ?? (waiting.missing[0] as MissingInput)),
      });
      for (const key of [...waiting.open]) this.#close(waiting, key);
    }
    return expired;
  }

  #close(waiting: Waiting, key: string): void {
    waiting.open.delete(key);
    const waiters = this.#byKey.get(key);
    waiters?.delete(waiting.entry.id);
    if (waiters?.size === 0) this.#byKey.delete(key);
  }

  #drop(waiting: Waiting): void {
    this.#waiting.delete(waiting.entry.id);
    this.#gas -= waiting.entry.maxGas;
    this.#bytes -= waiting.entry.sizeBytes;
  }
}
