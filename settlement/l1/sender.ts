/** Signing and sending with one key, over JSON-RPC. */
import type { B256 } from '../../primitives/types.ts';
import type { L1Fees, L1Hex, L1Receipt, LaneChain, SignedTx } from '../lane.ts';
import type { L1Address, L1Reader } from './ports.ts';
import type { Rpc } from './rpc.ts';

/** Offers this many times the base fee, so that some full blocks in a row do not stop it. */
const BASE_FEE_FACTOR = 2n;

type RawReceipt = { blockNumber: string; blockHash: B256; status: string } | null;

/** @param secret 32 bytes; stays in this closure */
export async function openL1Sender(
  rpc: Rpc,
  reader: Pick<L1Reader, 'finalized' | 'block'>,
  secret: B256,
): Promise<LaneChain> {
  const { keccak256 } = await import('viem');
  const { privateKeyToAccount } = await import('viem/accounts');
  const account = privateKeyToAccount(secret);
  const sender = account.address.toLowerCase() as L1Address;
  const chainId = Number((await rpc('eth_chainId', [])) as string);
  return {
    sender,
    async nonce(at) {
      return Number((await rpc('eth_getTransactionCount', [sender, at])) as string);
    },
    async fees(): Promise<L1Fees> {
      const latest = (await rpc('eth_getBlockByNumber', ['latest', false])) as {
        baseFeePerGas?: string;
      };
      const tip = BigInt((await rpc('eth_maxPriorityFeePerGas', [])) as string);
      return { maxFee: BigInt(latest.baseFeePerGas ?? 0) * BASE_FEE_FACTOR + tip, tip };
    },
    async sign({ to, data, gas, value, nonce, fees }): Promise<SignedTx> {
      const raw = await account.signTransaction({
        type: 'eip1559',
        chainId,
        to,
        data,
        gas,
        value,
        nonce,
        maxFeePerGas: fees.maxFee,
        maxPriorityFeePerGas: fees.tip,
      });
      return { hash: keccak256(raw), raw };
    },
    async send(raw: L1Hex) {
      await rpc('eth_sendRawTransaction', [raw]);
    },
    async receipt(hash): Promise<L1Receipt | null> {
      const found = (await rpc('eth_getTransactionReceipt', [hash])) as RawReceipt;
      if (found === null) return null;
      const block = { number: BigInt(found.blockNumber), hash: found.blockHash };
      // An endpoint may still know receipts of blocks that were taken back.
      const present = await reader.block(block.number);
      if (present?.hash !== block.hash) return null;
      return { block, success: found.status === '0x1' };
    },
    finalized: () => reader.finalized(),
  };
}
