/**
 * The rules of geth's blob pool as an RPC endpoint, with a chain that mines what it is told to:
 * replacements need twice all three fees, numbers have no gaps, an account with ordinary
 * transactions is reserved.
 *
 * @source geth 1.15 behaviour
 */
import { fromRlp, keccak256, toRlp } from 'viem';
import { type BlobFees, isReplacement } from '../../da/ethereum/fees.ts';
import { type Rpc, RpcRefusal } from '../../da/rpc.ts';
import type { Hex } from '../../primitives/types.ts';

type Pooled = { readonly hash: Hex; readonly nonce: number; readonly fees: BlobFees };

function fieldsOf(raw: Hex): Pooled {
  const [body] = fromRlp(`0x${raw.slice(4)}`, 'hex') as Hex[][];
  const number = (at: number): bigint => BigInt(body![at] === '0x' ? '0x0' : body![at]!);
  return {
    hash: keccak256(`0x03${toRlp(body!).slice(2)}`),
    nonce: Number(number(1)),
    fees: {
      maxPriorityFeePerGas: number(2),
      maxFeePerGas: number(3),
      maxFeePerBlobGas: number(9),
    },
  };
}

export class GethPool {
  nonce = 4;
  height = 10n;
  blobBaseFee = 1n;
  isReserved = false;
  /** In the pool, the last that was taken. */
  pooled: Pooled | null = null;
  readonly seen: Pooled[] = [];
  readonly mined: Map<Hex, bigint> = new Map();
  readonly refusals: string[] = [];

  /** Puts a transaction into a block. */
  mine(hash: Hex | null): void {
    this.height += 1n;
    if (hash !== null) this.mined.set(hash, this.height);
    this.nonce += 1;
    this.pooled = null;
  }

  #take(raw: Hex): Hex {
    const tx = fieldsOf(raw);
    const refuse = (why: string): never => {
      this.refusals.push(why);
      throw new RpcRefusal(why);
    };
    if (this.isReserved) refuse('address already reserved');
    if (tx.nonce < this.nonce) refuse('nonce too low');
    if (tx.nonce > this.nonce) refuse(`nonce too high: gapped nonce ${this.nonce}`);
    if (this.pooled?.hash === tx.hash) refuse('already known');
    if (this.pooled !== null && !isReplacement(this.pooled.fees, tx.fees)) {
      refuse('replacement transaction underpriced: queued + 100% replacement penalty');
    }
    this.pooled = tx;
    this.seen.push(tx);
    return tx.hash;
  }

  readonly rpc: Rpc = async <T>(method: string, params: unknown): Promise<T> => {
    const [first] = params as [Hex];
    const hex = (value: bigint | number): Hex => `0x${value.toString(16)}`;
    const answers: Record<string, () => unknown> = {
      eth_chainId: () => '0x1',
      eth_blockNumber: () => hex(this.height),
      eth_getTransactionCount: () => hex(this.nonce),
      eth_maxPriorityFeePerGas: () => '0x5',
      eth_blobBaseFee: () => hex(this.blobBaseFee),
      eth_sendRawTransaction: () => this.#take(first),
      eth_getTransactionReceipt: () => {
        const height = this.mined.get(first);
        return height === undefined ? null : { blockNumber: hex(height), status: '0x1' };
      },
      eth_getBlockByNumber: () => ({
        number: hex(this.height),
        timestamp: '0x1',
        baseFeePerGas: '0x64',
        transactions: [],
      }),
    };
    const answer = answers[method];
    if (answer === undefined) throw new RpcRefusal(`the method ${method} does not exist`);
    return answer() as T;
  };
}
