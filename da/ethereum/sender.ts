/**
 * Blob transactions of one key: one number in line at a time, fees doubled when a transaction waits
 * too long, and every transaction that was ever sent under a number remembered, because any of them
 * may be the one that is mined. The key sends nothing else: geth refuses blobs and ordinary
 * transactions of one account side by side.
 */
import {
  fromRlp,
  keccak256,
  type TransactionSerializableEIP4844,
  toHex,
  toRlp,
  type Hex as ViemHex,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { CodedError } from '../../primitives/errors.ts';
import type { B256, Hex } from '../../primitives/types.ts';
import type { DaAttempt, DaIntent } from '../ports.ts';
import { RpcRefusal } from '../rpc.ts';
import { ETHEREUM_LAYER, type EthChain, type EthReceipt, unavailable } from './chain.ts';
import { type BlobFees, bumpedFees, checkCap, firstFees } from './fees.ts';
import { type Kzg, versionedHash } from './kzg.ts';

/** Gas of a transfer without data. */
const GAS_LIMIT = 21_000n;
/** Forms in which blobs travel: proofs per cell (since EIP-7594), or one per blob. */
type Wrapper = 'cells' | 'blob';

export type SenderOptions = {
  readonly secret: B256;
  readonly inbox: Hex;
  readonly maxFeeCapWei: bigint;
  readonly bumpAfterMs: number;
  readonly pollMs: number;
  readonly nowMs: () => number;
};

type Sidecar = {
  readonly blobs: readonly Uint8Array[];
  readonly commitments: readonly Uint8Array[];
  readonly hashes: readonly Hex[];
};

/** What an intent's memo says. */
export type SentMemo = {
  readonly nonce: bigint;
  readonly hashes: readonly Hex[];
  readonly fees: BlobFees;
};

/** Empty: written before anything could be said. */
export function readMemo(memo: DaIntent['memo']): SentMemo | null {
  const { nonce, hashes, fees } = memo as Record<string, string | undefined>;
  const [maxFeePerGas, maxPriorityFeePerGas, maxFeePerBlobGas] = (fees ?? '').split(' ');
  if (nonce === undefined || hashes === undefined || maxFeePerBlobGas === undefined) return null;
  return {
    nonce: BigInt(nonce),
    hashes: hashes.split(' ') as Hex[],
    fees: {
      maxFeePerGas: BigInt(maxFeePerGas!),
      maxPriorityFeePerGas: BigInt(maxPriorityFeePerGas!),
      maxFeePerBlobGas: BigInt(maxFeePerBlobGas),
    },
  };
}

function memoOf({ nonce, hashes, fees }: SentMemo): DaIntent['memo'] {
  const { maxFeePerGas, maxPriorityFeePerGas, maxFeePerBlobGas } = fees;
  return {
    nonce: `0x${nonce.toString(16)}`,
    hashes: hashes.join(' '),
    fees: `${maxFeePerGas} ${maxPriorityFeePerGas} ${maxFeePerBlobGas}`,
  };
}

export class BlobSender {
  readonly #chain: EthChain;
  readonly #kzg: Kzg;
  readonly #options: SenderOptions;
  readonly #account: ReturnType<typeof privateKeyToAccount>;
  /** What the node has taken before; null: not known. */
  #wrapper: Wrapper | null = null;

  constructor(chain: EthChain, kzg: Kzg, options: SenderOptions) {
    this.#chain = chain;
    this.#kzg = kzg;
    this.#options = options;
    this.#account = privateKeyToAccount(options.secret);
  }

  /** Sends, and stays with it until one of the transactions is mined. */
  async send(
    blobs: readonly Uint8Array[],
    commitments: readonly Uint8Array[],
    at: { attempt: DaAttempt; intent: DaIntent; signal: AbortSignal },
  ): Promise<{ hash: Hex; receipt: EthReceipt }> {
    const { attempt, intent, signal } = at;
    const sidecar = { blobs, commitments, hashes: commitments.map(versionedHash) };
    const before = attempt.earlier === null ? null : readMemo(attempt.earlier.memo);
    let sent = await this.#start(before, signal);
    for (let isFirst = true; ; isFirst = false) {
      if (!isFirst || before?.nonce === sent.nonce) {
        sent = { ...sent, fees: bumpedFees(sent.fees, await this.#feesNow(signal)) };
      }
      checkCap(sent.fees, this.#options.maxFeeCapWei);
      const signed = await this.#sign(sidecar, sent, signal);
      sent = { ...sent, hashes: [...sent.hashes, keccak256(signed)] };
      await attempt.record({ ...intent, memo: memoOf(sent) });
      const isSent = await this.#broadcast(signed, sidecar, sent, signal);
      const mined = isSent
        ? await this.#wait(sent.hashes, signal)
        : await this.minedOf(sent.hashes, signal);
      if (mined === null && !isSent) {
        throw unavailable(`number ${sent.nonce} was used by another transaction of the blob key`);
      }
      if (mined !== null) return mined;
    }
  }

  /** The number in line: that of an earlier attempt while it is free, else the account's next. */
  async #start(before: SentMemo | null, signal: AbortSignal): Promise<SentMemo> {
    const params = [this.#account.address, 'latest'];
    const next = BigInt(await this.#chain.ask<Hex>('eth_getTransactionCount', params, signal));
    if (before !== null && before.nonce >= next) return before;
    return { nonce: next, hashes: [], fees: await this.#feesNow(signal) };
  }

  async #feesNow(signal: AbortSignal): Promise<BlobFees> {
    const [block, tip, blobBaseFee] = await Promise.all([
      this.#chain.block('latest', signal),
      this.#chain.ask<Hex>('eth_maxPriorityFeePerGas', [], signal),
      this.#chain.ask<Hex>('eth_blobBaseFee', [], signal),
    ]);
    return firstFees(block?.baseFeePerGas ?? 0n, BigInt(tip), BigInt(blobBaseFee));
  }

  async #sign({ hashes }: Sidecar, sent: SentMemo, signal: AbortSignal): Promise<ViemHex> {
    const tx: TransactionSerializableEIP4844 = {
      type: 'eip4844',
      chainId: Number(await this.#chain.ask<Hex>('eth_chainId', [], signal)),
      nonce: Number(sent.nonce),
      to: this.#options.inbox,
      gas: GAS_LIMIT,
      ...sent.fees,
      blobVersionedHashes: [...hashes],
      sidecars: false,
    };
    return await this.#account.signTransaction(tx);
  }

  /** @returns false: the number was used by another transaction of ours */
  async #broadcast(
    signed: ViemHex,
    sidecar: Sidecar,
    sent: SentMemo,
    signal: AbortSignal,
  ): Promise<boolean> {
    const forms: readonly Wrapper[] = this.#wrapper === null ? ['cells', 'blob'] : [this.#wrapper];
    let reason = '';
    for (const wrapper of forms) {
      try {
        await this.#chain.send(await this.#wrapped(signed, sidecar, wrapper), signal);
        this.#wrapper = wrapper;
        return true;
      } catch (error) {
        if (!(error instanceof RpcRefusal)) throw error;
        reason = error.message;
        if (/already known|already imported/i.test(reason)) return true;
        if (/nonce too low/i.test(reason)) return false;
        // The pool holds a transaction that we do not know the fees of, or the fees of blocks have
        // risen above ours in between: more is offered next.
        if (/underpriced|less than block (blob )?(base|gas) (fee|price)/i.test(reason)) return true;
        if (/insufficient funds|reserved|nonce too high|gapped/i.test(reason)) break;
      }
    }
    throw new CodedError(
      /insufficient funds/i.test(reason) ? 'DA_REFUSED' : 'DA_UNAVAILABLE',
      `Ethereum does not take blob transaction ${sent.nonce} of ${this.#account.address}: ` +
        `${reason}; this key must send nothing else`,
      { layer: ETHEREUM_LAYER },
    );
  }

  /** The form in which a transaction travels with its blobs. */
  async #wrapped(signed: ViemHex, sidecar: Sidecar, wrapper: Wrapper): Promise<Hex> {
    const body = fromRlp(`0x${signed.slice(4)}`, 'hex');
    const { blobs, commitments } = sidecar;
    const hex = (items: readonly Uint8Array[]): ViemHex[] => items.map((item) => toHex(item));
    if (wrapper === 'blob') {
      const proofs = await Promise.all(
        blobs.map((blob, i) => this.#kzg.blobProof(blob, commitments[i]!)),
      );
      return `0x03${toRlp([body, hex(blobs), hex(commitments), hex(proofs)]).slice(2)}`;
    }
    const cells = await Promise.all(blobs.map((blob) => this.#kzg.cellProofs(blob)));
    const proofs = hex(cells.flat());
    return `0x03${toRlp([body, '0x01', hex(blobs), hex(commitments), proofs]).slice(2)}`;
  }

  /** null: none was mined in the time after which more is offered. */
  async #wait(
    hashes: readonly Hex[],
    signal: AbortSignal,
  ): Promise<{ hash: Hex; receipt: EthReceipt } | null> {
    const { bumpAfterMs, pollMs, nowMs } = this.#options;
    const untilMs = nowMs() + bumpAfterMs;
    for (;;) {
      const mined = await this.minedOf(hashes, signal);
      if (mined !== null) return mined;
      if (nowMs() >= untilMs) return null;
      await pause(pollMs, signal);
    }
  }

  /** The one of these transactions that is in a block. */
  async minedOf(
    hashes: readonly Hex[],
    signal: AbortSignal,
  ): Promise<{ hash: Hex; receipt: EthReceipt } | null> {
    for (const hash of hashes) {
      const receipt = await this.#chain.receipt(hash, signal);
      if (receipt === null) continue;
      if (receipt.isSuccess) return { hash, receipt };
      throw unavailable(`the blob transaction ${hash} failed`);
    }
    return null;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const timer = setTimeout(resolve, ms);
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    signal.addEventListener('abort', stop, { once: true });
  });
}
