/** What is asked of an Ethereum node and of a beacon node. */
import { bytesToHex, concatBytes, hexToBytes, utf8, writeU64 } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import { sha256 } from '../../primitives/hash.ts';
import type { Hex } from '../../primitives/types.ts';
import { type Rpc, RpcRefusal } from '../rpc.ts';

export const ETHEREUM_LAYER = 'ethereum';
const BLOB_TX_TYPE = '0x3';

export type EthBlock = {
  readonly number: bigint;
  readonly timestamp: bigint;
  readonly baseFeePerGas: bigint;
  /** Blob transactions to our address, in order. */
  readonly txs: readonly { readonly hash: Hex; readonly blobHashes: readonly Hex[] }[];
};

export type EthReceipt = { readonly blockNumber: bigint; readonly isSuccess: boolean };

/** Where blobs of a chain are sent: nobody has the key of it. */
export function inboxAddress(chainId: bigint): Hex {
  const id = new Uint8Array(8);
  writeU64(id, 0, chainId);
  return bytesToHex(sha256(concatBytes(utf8('fuelrail/da/'), id)).subarray(12));
}

type RpcTx = { type: string; to: string | null; hash: Hex; blobVersionedHashes?: Hex[] };
type RpcBlock = { number: Hex; timestamp: Hex; baseFeePerGas?: Hex; transactions: RpcTx[] };

export function unavailable(what: string, cause?: unknown): CodedError {
  return new CodedError('DA_UNAVAILABLE', `Ethereum: ${what}`, { layer: ETHEREUM_LAYER }, cause);
}

export class EthChain {
  readonly #rpc: Rpc;
  readonly #inbox: Hex;
  readonly #beaconUrl: string;
  readonly #confirmations: number | null;
  /** Begin and length of the slots of the beacon chain; null: it counts blocks. */
  #slots: { genesis: bigint; seconds: bigint } | null | undefined = undefined;

  constructor(rpc: Rpc, options: { inbox: Hex; beaconUrl: string; confirmations: number | null }) {
    this.#rpc = rpc;
    this.#inbox = options.inbox;
    this.#beaconUrl = options.beaconUrl.replace(/\/$/, '');
    this.#confirmations = options.confirmations;
  }

  /** @throws CodedError DA_UNAVAILABLE also for a call that the node refuses */
  async ask<T>(method: string, params: unknown, signal: AbortSignal): Promise<T> {
    try {
      return await this.#rpc<T>(method, params, signal);
    } catch (error) {
      if (error instanceof RpcRefusal) throw unavailable(`${method}: ${error.message}`, error);
      throw error;
    }
  }

  /** As `ask`, but a refusal is the caller's to judge. @throws RpcRefusal */
  async send(raw: Hex, signal: AbortSignal): Promise<Hex> {
    return await this.#rpc<Hex>('eth_sendRawTransaction', [raw], signal);
  }

  async latest(signal: AbortSignal): Promise<bigint> {
    return BigInt(await this.ask<Hex>('eth_blockNumber', [], signal));
  }

  /** Newest block that stays: by confirmations, or what the node calls finalized. */
  async final(signal: AbortSignal): Promise<bigint> {
    if (this.#confirmations !== null) {
      const final = (await this.latest(signal)) - BigInt(this.#confirmations);
      return final > 0n ? final : 0n;
    }
    const params = ['finalized', false];
    const block = await this.ask<RpcBlock | null>('eth_getBlockByNumber', params, signal);
    return block === null ? 0n : BigInt(block.number);
  }

  async block(number: bigint | 'latest', signal: AbortSignal): Promise<EthBlock | null> {
    const tag = number === 'latest' ? number : `0x${number.toString(16)}`;
    const block = await this.ask<RpcBlock | null>('eth_getBlockByNumber', [tag, true], signal);
    if (block === null) return null;
    const ours = block.transactions.filter(
      ({ type, to }) => type === BLOB_TX_TYPE && to?.toLowerCase() === this.#inbox,
    );
    return {
      number: BigInt(block.number),
      timestamp: BigInt(block.timestamp),
      baseFeePerGas: BigInt(block.baseFeePerGas ?? '0x0'),
      txs: ours.map(({ hash, blobVersionedHashes }) => ({
        hash,
        blobHashes: blobVersionedHashes ?? [],
      })),
    };
  }

  async receipt(hash: Hex, signal: AbortSignal): Promise<EthReceipt | null> {
    const params = [hash];
    const receipt = await this.ask<{ blockNumber: Hex; status: Hex } | null>(
      'eth_getTransactionReceipt',
      params,
      signal,
    );
    if (receipt === null) return null;
    return { blockNumber: BigInt(receipt.blockNumber), isSuccess: receipt.status === '0x1' };
  }

  /** All blobs of a block, or those that the beacon node still has of the given hashes. */
  async blobs(
    block: EthBlock,
    blobHashes: readonly Hex[],
    signal: AbortSignal,
  ): Promise<Uint8Array[]> {
    const id = await this.#slotOf(block, signal);
    const query = blobHashes.map((hash) => `versioned_hashes=${hash}`).join('&');
    const answer = await this.#beacon<{ data?: string[] }>(
      `/eth/v1/beacon/blobs/${id}?${query}`,
      signal,
    );
    return (answer?.data ?? []).map((hex) => hexToBytes(hex));
  }

  async #slotOf(block: EthBlock, signal: AbortSignal): Promise<bigint> {
    if (this.#slots === undefined) this.#slots = await this.#readSlots(signal);
    if (this.#slots === null) return block.number;
    return (block.timestamp - this.#slots.genesis) / this.#slots.seconds;
  }

  /** Development nodes know blocks only. */
  async #readSlots(signal: AbortSignal): Promise<{ genesis: bigint; seconds: bigint } | null> {
    const spec = await this.#beacon<{ data: Record<string, string> }>(
      '/eth/v1/config/spec',
      signal,
    );
    const seconds = spec?.data['SECONDS_PER_SLOT'];
    if (seconds === undefined) return null;
    const genesis = await this.#beacon<{ data: { genesis_time: string } }>(
      '/eth/v1/beacon/genesis',
      signal,
    );
    if (genesis === null) return null;
    return { genesis: BigInt(genesis.data.genesis_time), seconds: BigInt(seconds) };
  }

  /** null: 404. @throws CodedError DA_UNAVAILABLE */
  async #beacon<T>(path: string, signal: AbortSignal): Promise<T | null> {
    let status: number;
    let text: string;
    try {
      const answer = await fetch(`${this.#beaconUrl}${path}`, { signal });
      status = answer.status;
      text = await answer.text();
    } catch (error) {
      signal.throwIfAborted();
      throw unavailable('the beacon node does not answer; check --da-beacon-url', error);
    }
    if (status === 404 || status === 405) return null;
    try {
      if (status === 200) return JSON.parse(text) as T;
    } catch {
      // Answered below.
    }
    throw unavailable(`the beacon node answers ${status} to ${path.split('?')[0]}`);
  }
}
