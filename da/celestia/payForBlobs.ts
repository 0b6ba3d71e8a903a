/**
 * Blobs paid by a key of ours, through a consensus node and without an account of the bridge: a
 * transaction with MsgPayForBlobs, signed here and broadcast by CometBFT's RPC.
 *
 * One transaction is under way at a time, so the account's number in line is asked for each time;
 * should somebody else use the key, the node says which number it expects, and that one is taken.
 *
 * @source celestia-app v9 `celestia.blob.v1`, Cosmos SDK SIGN_MODE_DIRECT
 */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { bytesToHex, concatBytes, hexToBytes } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import { sha256 } from '../../primitives/hash.ts';
import type { B256 } from '../../primitives/types.ts';
import { type Rpc, RpcRefusal } from '../rpc.ts';
import { celestiaAddress } from './bech32.ts';
import { CELESTIA_LAYER, type CelestiaPayer, celestiaGas } from './layer.ts';
import { numberField, packedField, readFields, sizedField } from './protobuf.ts';

const ACCOUNT_PATH = '/cosmos.auth.v1beta1.Query/Account';
const KEY_TYPE = '/cosmos.crypto.secp256k1.PubKey';
const MESSAGE_TYPE = '/celestia.blob.v1.MsgPayForBlobs';
const SIGN_MODE_DIRECT = 1;
const SEQUENCE_MISMATCH_CODE = 32;
const TRIES = 3;
const POLL_MS = 250;
const GAS_PRICE_DEFAULT = 0.004;

export type PayerOptions = {
  /** 29 bytes. */
  readonly namespace: Uint8Array;
  readonly secret: B256;
  /** utia per gas. */
  readonly gasPrice: number | null;
  readonly pollMs?: number;
};

type Account = { readonly number: bigint; sequence: bigint };
type Broadcast = { readonly code: number; readonly log: string; readonly hash: string };
type Found = { readonly height: string; readonly tx_result: { code: number; log: string } };

class Payer implements CelestiaPayer {
  readonly #rpc: Rpc;
  readonly #options: PayerOptions;
  readonly #secret: Uint8Array;
  readonly #publicKey: Uint8Array;
  readonly #address: string;
  /** The last payment; one runs at a time. */
  #tail: Promise<unknown> = Promise.resolve();

  constructor(rpc: Rpc, options: PayerOptions) {
    this.#rpc = rpc;
    this.#options = options;
    this.#secret = hexToBytes(options.secret);
    this.#publicKey = secp256k1.getPublicKey(this.#secret, true);
    this.#address = celestiaAddress(this.#publicKey);
  }

  async pay(...args: Parameters<CelestiaPayer['pay']>): Promise<bigint> {
    const task = this.#tail.then(() => this.#pay(...args));
    this.#tail = task.catch(() => {});
    return await task;
  }

  async #pay(
    ...[blobs, commitments, record, signal]: Parameters<CelestiaPayer['pay']>
  ): Promise<bigint> {
    const chain = await this.#chainId(signal);
    const account = await this.#account(signal);
    for (let tries = 0; ; tries++) {
      const tx = this.#signed(blobs, commitments, { chain, account });
      const hash = bytesToHex(sha256(tx)).slice(2).toUpperCase();
      await record({ txHash: hash, sequence: String(account.sequence) });
      const sent = await this.#broadcast(blobTx(tx, this.#options.namespace, blobs), signal);
      if (sent.code === 0) return await this.#included(sent.hash, signal);
      const expected = /expected (\d+)/.exec(sent.log)?.[1];
      const isRetry = sent.code === SEQUENCE_MISMATCH_CODE && expected !== undefined;
      if (!isRetry || tries + 1 >= TRIES) throw refusal(sent.code, sent.log);
      account.sequence = BigInt(expected);
    }
  }

  async #call<T>(method: string, params: unknown, signal: AbortSignal): Promise<T> {
    try {
      return await this.#rpc<T>(method, params, signal);
    } catch (error) {
      if (!(error instanceof RpcRefusal)) throw error;
      throw refusal(-1, error.message);
    }
  }

  async #chainId(signal: AbortSignal): Promise<string> {
    const status = await this.#call<{ node_info: { network: string } }>('status', {}, signal);
    return status.node_info.network;
  }

  /** Number and place in line of our account. */
  async #account(signal: AbortSignal): Promise<Account> {
    const data = bytesToHex(sizedField(1, this.#address)).slice(2);
    const { response } = await this.#call<{ response: { value: string | null } }>(
      'abci_query',
      { path: ACCOUNT_PATH, data },
      signal,
    );
    const bytes = new Uint8Array(Buffer.from(response.value ?? '', 'base64'));
    const any = fieldOf(bytes, 1);
    const base = any instanceof Uint8Array ? fieldOf(any, 2) : undefined;
    if (!(base instanceof Uint8Array)) {
      throw new CodedError(
        'DA_REFUSED',
        `the account ${this.#address} is not known on Celestia: send it some utia`,
        { layer: CELESTIA_LAYER },
      );
    }
    const number = fieldOf(base, 3);
    const sequence = fieldOf(base, 4);
    return {
      number: typeof number === 'bigint' ? number : 0n,
      sequence: typeof sequence === 'bigint' ? sequence : 0n,
    };
  }

  #signed(
    blobs: readonly Uint8Array[],
    commitments: readonly Uint8Array[],
    at: { chain: string; account: Account },
  ): Uint8Array {
    const gas = celestiaGas(blobs.map(({ length }) => length));
    const fee = Math.ceil(gas * (this.#options.gasPrice ?? GAS_PRICE_DEFAULT));
    const sizes = blobs.map(({ length }) => length);
    const message = concatBytes(
      sizedField(1, this.#address),
      ...blobs.map(() => sizedField(2, this.#options.namespace)),
      packedField(3, sizes),
      ...commitments.map((commitment) => sizedField(4, commitment)),
      packedField(
        8,
        sizes.map(() => 0),
      ),
    );
    const body = sizedField(1, concatBytes(sizedField(1, MESSAGE_TYPE), sizedField(2, message)));
    const key = concatBytes(sizedField(1, KEY_TYPE), sizedField(2, sizedField(1, this.#publicKey)));
    const mode = sizedField(2, sizedField(1, numberField(1, SIGN_MODE_DIRECT)));
    const signer = concatBytes(sizedField(1, key), mode, numberField(3, at.account.sequence));
    const coin = concatBytes(sizedField(1, 'utia'), sizedField(2, String(fee)));
    const paid = concatBytes(sizedField(1, coin), numberField(2, gas));
    const auth = concatBytes(sizedField(1, signer), sizedField(2, paid));
    const document = concatBytes(
      sizedField(1, body),
      sizedField(2, auth),
      sizedField(3, at.chain),
      numberField(4, at.account.number),
    );
    const digest = sha256(document);
    const signature = secp256k1.sign(digest, this.#secret, { prehash: false, lowS: true });
    return concatBytes(sizedField(1, body), sizedField(2, auth), sizedField(3, signature));
  }

  async #broadcast(tx: Uint8Array, signal: AbortSignal): Promise<Broadcast> {
    const params = { tx: Buffer.from(tx).toString('base64') };
    return await this.#call<Broadcast>('broadcast_tx_sync', params, signal);
  }

  async #included(hash: string, signal: AbortSignal): Promise<bigint> {
    const params = { hash: Buffer.from(hash, 'hex').toString('base64'), prove: false };
    for (;;) {
      await pause(this.#options.pollMs ?? POLL_MS, signal);
      let found: Found;
      try {
        found = await this.#rpc<Found>('tx', params, signal);
      } catch (error) {
        // Not in a block yet.
        if (error instanceof RpcRefusal) continue;
        throw error;
      }
      if (found.tx_result.code === 0) return BigInt(found.height);
      throw refusal(found.tx_result.code, found.tx_result.log);
    }
  }
}

/** The last field of that number; undefined: there is none. */
function fieldOf(bytes: Uint8Array, field: number): bigint | Uint8Array | undefined {
  return readFields(bytes)?.findLast((each) => each.field === field)?.value;
}

/** A transaction with its blobs, as it is broadcast. */
function blobTx(tx: Uint8Array, namespace: Uint8Array, blobs: readonly Uint8Array[]): Uint8Array {
  const id = namespace.subarray(1);
  const carried = blobs.map((blob) =>
    sizedField(2, concatBytes(sizedField(1, id), sizedField(2, blob))),
  );
  return concatBytes(sizedField(1, tx), ...carried, sizedField(3, 'BLOB'));
}

function refusal(code: number, log: string): CodedError {
  const isFinal = /insufficient funds|too large|invalid/i.test(log);
  return new CodedError(
    isFinal ? 'DA_REFUSED' : 'DA_UNAVAILABLE',
    `Celestia did not take the payment (code ${code}): ${log}`,
    { layer: CELESTIA_LAYER, code },
  );
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        reject(signal.reason);
      },
      { once: true },
    );
  });
}

/** @param rpc of a consensus node */
export function celestiaPayer(rpc: Rpc, options: PayerOptions): CelestiaPayer {
  return new Payer(rpc, options);
}
