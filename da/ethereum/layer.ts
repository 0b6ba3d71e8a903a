/**
 * Blobs of Ethereum (EIP-4844): transactions to an address that belongs to nobody carry them, a
 * beacon node gives them back. Everybody may send to that address: what is not signed by the chain
 * is foreign. Readers look at blocks that stay; who posts looks at his own transactions.
 *
 * Files in reading order: `fields.ts` (bytes in a blob), `kzg.ts`, `chain.ts` (what is asked of
 * nodes), `fees.ts`, `sender.ts`, this one.
 */
import { bytesToHex } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import type { Hex } from '../../primitives/types.ts';
import { checkSizes } from '../limits.ts';
import type {
  DaAttempt,
  DaFee,
  DaFinality,
  DaHealth,
  DaIntent,
  DaPage,
  DaPointer,
  DaPosition,
  DaProof,
  DataAvailability,
} from '../ports.ts';
import { ETHEREUM_LAYER, type EthBlock, type EthChain } from './chain.ts';
import { ETH_BLOB_BYTES, ETH_BLOB_DATA_BYTES_MAX, fromEthBlob, toEthBlob } from './fields.ts';
import { type Kzg, versionedHash } from './kzg.ts';
import { type BlobSender, readMemo } from './sender.ts';

/** Blobs in one transaction: what pools take since EIP-7594. */
export const ETH_BLOB_COUNT_MAX = 6;
/** Blocks that are read for one page. */
const BLOCKS_PER_PAGE = 64;
/** One unit of blob gas per byte of the blob. */
const GAS_PER_BLOB = BigInt(ETH_BLOB_BYTES);
const TRANSFER_GAS = 21_000n;

export type EthereumDeps = {
  readonly chain: EthChain;
  readonly kzg: Kzg;
  /** null: reads only. */
  readonly sender: BlobSender | null;
};

class EthereumDa implements DataAvailability {
  readonly name: string = ETHEREUM_LAYER;
  readonly isOpen: boolean = true;
  readonly blobBytesMax: number = ETH_BLOB_DATA_BYTES_MAX;
  readonly blobCountMax: number = ETH_BLOB_COUNT_MAX;
  readonly #deps: EthereumDeps;
  /** The last submission; one runs at a time, because numbers in line have no gaps. */
  #tail: Promise<unknown> = Promise.resolve();

  constructor(deps: EthereumDeps) {
    this.#deps = deps;
  }

  async submit(
    blobs: readonly Uint8Array[],
    attempt: DaAttempt,
    signal: AbortSignal,
  ): Promise<DaPointer[]> {
    checkSizes(this, blobs);
    signal.throwIfAborted();
    const copies = blobs.map(toEthBlob);
    const task = this.#tail.then(() => this.#submit(copies, attempt, signal));
    this.#tail = task.catch(() => {});
    return await task;
  }

  async #submit(
    blobs: readonly Uint8Array[],
    attempt: DaAttempt,
    signal: AbortSignal,
  ): Promise<DaPointer[]> {
    const { chain, kzg, sender } = this.#deps;
    if (sender === null) {
      throw new CodedError(
        'DA_REFUSED',
        'there is no key that pays for blobs: set FUELRAIL_DA_KEY',
      );
    }
    if (attempt.earlier !== null) {
      const found = await this.find(attempt.earlier, signal);
      if (found !== null) return found;
    }
    const commitments = await Promise.all(blobs.map((blob) => kzg.commitment(blob)));
    const intent: DaIntent = {
      layer: ETHEREUM_LAYER,
      fromHeight: await chain.latest(signal),
      commitments: commitments.map(versionedHash),
      memo: {},
    };
    const { hash } = await sender.send(blobs, commitments, { attempt, intent, signal });
    const pointers = await this.#ofTransaction(hash, signal);
    if (pointers !== null) return pointers;
    throw new CodedError('DA_UNAVAILABLE', `the blob transaction ${hash} was taken out again`, {
      layer: ETHEREUM_LAYER,
    });
  }

  async find(intent: DaIntent, signal: AbortSignal): Promise<DaPointer[] | null> {
    signal.throwIfAborted();
    const memo = readMemo(intent.memo);
    for (const hash of memo?.hashes ?? []) {
      const pointers = await this.#ofTransaction(hash, signal);
      if (pointers !== null) return pointers;
    }
    return null;
  }

  async #ofTransaction(hash: Hex, signal: AbortSignal): Promise<DaPointer[] | null> {
    const receipt = await this.#deps.chain.receipt(hash, signal);
    if (receipt === null || !receipt.isSuccess) return null;
    const block = await this.#deps.chain.block(receipt.blockNumber, signal);
    const pointers = block === null ? [] : pointersOf(block);
    const ours = pointers.filter(({ txHash }) => txHash === hash);
    return ours.length === 0 ? null : ours;
  }

  async get(pointer: DaPointer, signal: AbortSignal): Promise<Uint8Array> {
    return fromEthBlob((await this.#blob(pointer, signal)).blob);
  }

  async #blob(
    pointer: DaPointer,
    signal: AbortSignal,
  ): Promise<{ blob: Uint8Array; commitment: Uint8Array }> {
    const { chain, kzg } = this.#deps;
    const isOurs = pointer.layer === ETHEREUM_LAYER;
    const block = isOurs ? await chain.block(pointer.height, signal) : null;
    const isThere =
      block !== null && pointersOf(block).some((each) => each.commitment === pointer.commitment);
    if (!isThere) throw notFound(pointer, 'no such block, or it does not carry it');
    const blobs = await chain.blobs(block, [pointer.commitment], signal);
    for (const blob of blobs) {
      if (blob.length !== ETH_BLOB_BYTES) continue;
      const commitment = await kzg.commitment(blob).catch(() => null);
      if (commitment !== null && versionedHash(commitment) === pointer.commitment) {
        return { blob, commitment };
      }
    }
    if (blobs.length === 0) throw notFound(pointer, 'the beacon node has pruned it, or is behind');
    throw new CodedError(
      'DA_CORRUPT',
      `the beacon node gave other bytes than ${pointer.commitment} stands for; ask another one`,
      { layer: ETHEREUM_LAYER, height: pointer.height },
    );
  }

  async list(from: DaPosition, limit: number, signal: AbortSignal): Promise<DaPage> {
    const tip = await this.#deps.chain.final(signal);
    const pointers: DaPointer[] = [];
    let height = from.height;
    for (let read = 0; height <= tip && read < BLOCKS_PER_PAGE; height++, read++) {
      const block = await this.#deps.chain.block(height, signal);
      for (const pointer of block === null ? [] : pointersOf(block)) {
        if (pointer.height === from.height && pointer.index < from.index) continue;
        if (pointers.length >= limit) {
          const next = { height: pointer.height, index: pointer.index };
          return { pointers, next, atTip: false, tipHeight: tip + 1n };
        }
        pointers.push(pointer);
      }
    }
    return { pointers, next: { height, index: 0 }, atTip: height > tip, tipHeight: tip + 1n };
  }

  async finality(pointer: DaPointer, signal: AbortSignal): Promise<DaFinality> {
    const { chain } = this.#deps;
    const receipt =
      pointer.txHash === undefined ? null : await chain.receipt(pointer.txHash as Hex, signal);
    if (receipt === null || receipt.blockNumber !== pointer.height) return 'lost';
    return receipt.blockNumber <= (await chain.final(signal)) ? 'final' : 'included';
  }

  async proof(pointer: DaPointer, signal: AbortSignal): Promise<DaProof> {
    const { commitment } = await this.#blob(pointer, signal);
    const kzgCommitment = bytesToHex(commitment);
    return { kind: 'kzg', versionedHash: versionedHash(commitment), kzgCommitment };
  }

  /** That the block carries the versioned hash is what the Ethereum node says. */
  async verify(pointer: DaPointer, blob: Uint8Array, proof: DaProof): Promise<boolean> {
    if (proof.kind !== 'kzg' || blob.length > ETH_BLOB_DATA_BYTES_MAX) return false;
    const commitment = await this.#deps.kzg.commitment(toEthBlob(blob));
    return (
      bytesToHex(commitment) === proof.kzgCommitment &&
      versionedHash(commitment) === proof.versionedHash &&
      proof.versionedHash === pointer.commitment
    );
  }

  async health(signal: AbortSignal): Promise<DaHealth> {
    try {
      await this.#deps.chain.latest(signal);
      return { ok: true };
    } catch (error) {
      if (error instanceof CodedError) return { ok: false, reason: error.message };
      throw error;
    }
  }

  async estimate(sizes: readonly number[], signal: AbortSignal): Promise<DaFee> {
    const { chain } = this.#deps;
    const blobPrice = BigInt(await chain.ask<Hex>('eth_blobBaseFee', [], signal));
    const gasPrice = BigInt(await chain.ask<Hex>('eth_gasPrice', [], signal));
    const txCount = BigInt(Math.ceil(sizes.length / this.blobCountMax));
    const amount =
      BigInt(sizes.length) * GAS_PER_BLOB * blobPrice + txCount * TRANSFER_GAS * gasPrice;
    return { amount, unit: 'wei' };
  }

  async close(): Promise<void> {
    await this.#tail;
  }
}

/** The blobs of a block that were sent to our address. */
function pointersOf(block: EthBlock): DaPointer[] {
  return block.txs
    .flatMap(({ hash, blobHashes }) =>
      blobHashes.map((commitment) => ({ txHash: hash, commitment })),
    )
    .map((blob, index) => ({ layer: ETHEREUM_LAYER, height: block.number, index, ...blob }));
}

function notFound(pointer: DaPointer, why: string): CodedError {
  return new CodedError(
    'DA_NOT_FOUND',
    `Ethereum does not give blob ${pointer.commitment} of block ${pointer.height}: ${why}`,
    { layer: pointer.layer, height: pointer.height },
  );
}

/** The layer over an Ethereum node and its beacon node. */
export function ethereumDa(deps: EthereumDeps): DataAvailability {
  return new EthereumDa(deps);
}
