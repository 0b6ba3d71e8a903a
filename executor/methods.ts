/**
 * What calls of a contract's method touch, learnt from calls that ran. Only a guess of what may run
 * side by side: whoever uses it validates what was read (`finality.ts`).
 */
import { bytesToHex, hexToBytes, readU64 } from '../primitives/bytes.ts';
import type { B256, ContractId } from '../primitives/types.ts';
import { txOffsets } from '../tx/offsets.ts';
import type { Changes, TxToExecute } from './ports.ts';
import type { TxReads } from './runTx.ts';

/** Methods that are remembered. */
export const METHODS_MAX: number = 4096;
/** Calls that have to be seen before something is expected of the next one. */
export const METHOD_CALLS_MIN: number = 4;
/** Keys of one method that are counted. */
const KEYS_MAX = 64;
/** A key that at least this share of all calls touches is expected to be touched again. */
const FIXED_SHARE = 0.2;
/** Above this share of wrong guesses a method runs in its turn. */
const WRONG_SHARE_MAX = 0.1;
/** Weight of the newest guess. */
const NEWEST_WEIGHT = 0.05;
const NAME_BYTES_MAX = 64;

type Method = {
  calls: number;
  /** Of the guesses, how many were wrong, lately. */
  wrongShare: number;
  writes: boolean;
  /** How many calls read, or wrote, each key; slots and balances alike. */
  readonly readKeys: Map<string, number>;
  readonly writtenKeys: Map<string, number>;
};

/** How a call is expected to touch a contract. */
export type Expectation = {
  readonly writes: boolean;
  readonly readKeys: readonly string[];
  readonly writtenKeys: readonly string[];
};

export class MethodHistory {
  readonly #methods: Map<string, Method> = new Map();
  /** Where transactions lie in memory. */
  readonly txAddress: number;

  constructor(txAddress: number) {
    this.txAddress = txAddress;
  }

  /** A transaction that succeeded or failed in the VM read and wrote this. */
  observe(job: TxToExecute, reads: TxReads, changes: Changes): void {
    for (const id of contractsOf(job)) {
      const method = this.#open(methodOf(job, id, this.txAddress));
      method.calls += 1;
      count(method.readKeys, reads.slots.get(id)?.keys());
      count(method.readKeys, reads.balances.get(id)?.keys());
      count(method.writtenKeys, changes.slots.get(id)?.keys());
      count(method.writtenKeys, changes.balances.get(id)?.keys());
      if (changes.slots.has(id) || changes.balances.has(id)) method.writes = true;
    }
  }

  /** A guess about `job` was right, or not. */
  judge(job: TxToExecute, wasRight: boolean): void {
    for (const id of contractsOf(job)) {
      const method = this.#open(methodOf(job, id, this.txAddress));
      method.wrongShare += ((wasRight ? 0 : 1) - method.wrongShare) * NEWEST_WEIGHT;
    }
  }

  /** null: nothing is known, or guesses were wrong too often. */
  expect(job: TxToExecute, id: ContractId): Expectation | null {
    const method = this.#methods.get(methodOf(job, id, this.txAddress));
    if (method === undefined || method.calls < METHOD_CALLS_MIN) return null;
    if (method.wrongShare > WRONG_SHARE_MAX) {
      // It gets another chance after a while.
      method.wrongShare *= 1 - NEWEST_WEIGHT / 10;
      return null;
    }
    const fixed = (keys: ReadonlyMap<string, number>): string[] =>
      [...keys].filter(([, n]) => n >= method.calls * FIXED_SHARE).map(([key]) => key);
    const writtenKeys = fixed(method.writtenKeys);
    const readKeys = fixed(method.readKeys).filter((key) => !writtenKeys.includes(key));
    return { writes: method.writes, readKeys, writtenKeys };
  }

  #open(name: string): Method {
    let method = this.#methods.get(name);
    if (method === undefined) {
      if (this.#methods.size >= METHODS_MAX) this.#methods.clear();
      const keys = { readKeys: new Map(), writtenKeys: new Map() };
      method = { calls: 0, wrongShare: 0, writes: false, ...keys };
      this.#methods.set(name, method);
    }
    return method;
  }
}

function count(counts: Map<string, number>, keys: Iterable<string> | undefined): void {
  for (const key of keys ?? []) {
    const known = counts.get(key);
    if (known !== undefined || counts.size < KEYS_MAX) counts.set(key, (known ?? 0) + 1);
  }
}

/** The contracts that a transaction declares. */
export function contractsOf({ tx }: TxToExecute): Set<ContractId> {
  const ids = new Set<ContractId>();
  for (const input of tx.inputs) if (input.type === 'contract') ids.add(input.contractId);
  return ids;
}

/**
 * A name for what a transaction does with a contract: the method's name when its script data is a
 * call of the usual form (contract, address of the name, address of the arguments), else the sizes
 * of script and data. Equal names may mean different things: it is only a guess.
 */
export function methodOf(job: TxToExecute, id: B256, txAddress: number): string {
  const { tx } = job;
  if (tx.type !== 'script') return `${id} ${tx.type}`;
  const { script, scriptData } = tx;
  const at = indexOf(scriptData, hexToBytes(id));
  if (at >= 0 && at + 40 <= scriptData.length) {
    const start = BigInt(txAddress + (txOffsets(tx).scriptDataOffset ?? 0));
    const nameAt = readU64(scriptData, at + 32) - start;
    if (nameAt >= 0n && nameAt + 8n <= BigInt(scriptData.length)) {
      const length = readU64(scriptData, Number(nameAt));
      const end = nameAt + 8n + length;
      if (length <= NAME_BYTES_MAX && end <= BigInt(scriptData.length)) {
        return `${id} ${bytesToHex(scriptData.subarray(Number(nameAt) + 8, Number(end)))}`;
      }
    }
  }
  return `${id} ${script.length} ${scriptData.length}`;
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array): number {
  if (typeof Buffer !== 'undefined') {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(wanted);
  }
  for (let at = 0; at + wanted.length <= bytes.length; at++) {
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  return -1;
}
