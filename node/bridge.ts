/**
 * The bridge for people: deposits, the state of withdrawals, claims. Used by the command line;
 * needs an Ethereum endpoint, and a key there to send anything.
 */
import { hexToBytes } from '../primitives/bytes.ts';
import { CodedError } from '../primitives/errors.ts';
import type { Address, B256, BlockId, ContractId, Nonce } from '../primitives/types.ts';
import {
  connectRpc,
  decodeInboxLog,
  findCommit,
  type L1Address,
  openChainState,
  openGateway,
  openPortal,
  type PortalCall,
  relayArguments,
  withdrawalId,
} from '../settlement/index.ts';
import { messageId } from '../tx/id.ts';
import type { MessageProof } from '../tx/messageProof.ts';
import { keyMissing, type L1Receipt, type L1Wallet, openL1Wallet } from './l1Wallet.ts';

export type BridgeOptions = {
  readonly url: string;
  readonly portal: L1Address;
  /** 32 bytes; null: nothing can be sent. */
  readonly secret: B256 | null;
};

export type OutMessage = {
  readonly sender: Address;
  readonly recipient: Address;
  readonly nonce: Nonce;
  readonly amount: bigint;
  readonly data: Uint8Array;
};

/** Where a deposit stands on Ethereum, of which this chain takes in what is final. */
export type DepositState =
  /** Sent, and in no block yet. */
  | { readonly type: 'pending' }
  | {
      readonly type: 'included';
      readonly nonce: Nonce;
      /** Of Ethereum. */
      readonly block: bigint;
      /** About when that block is final; seconds since 1970. */
      readonly finalAtS: number;
    }
  | { readonly type: 'final'; readonly nonce: Nonce; readonly block: bigint };

/** Where a withdrawal stands; heights are of this chain, times in seconds since 1970. */
export type WithdrawalState =
  | {
      readonly type: 'waiting';
      readonly dueHeight: number;
      /** From then on until it can be claimed. Unit: seconds. */
      readonly challengeS: number;
    }
  | {
      readonly type: 'committed';
      readonly rootHeight: number;
      /** null: unknown. */
      readonly finalAtS: number | null;
    }
  | { readonly type: 'claimable'; readonly rootHeight: number }
  | { readonly type: 'claimed' };

/** What this chain knows, for finding the commit behind a withdrawal. */
export type ChainFacts = {
  readonly latestHeight: number;
  blockIdAt(height: number): Promise<BlockId | null>;
};

export type Bridge = {
  /** Own address on Ethereum. @throws CodedError L1_KEY_MISSING */
  sender(): L1Address;
  /** Resolves when it is in a block there. @returns nonce of the message on this chain */
  deposit(recipient: Address, amount: bigint): Promise<{ hash: B256; nonce: Nonce }>;
  /** Gives the gateway leave first, if it has none. @param amount units of the token there */
  depositToken(
    gateway: L1Address,
    token: L1Address,
    recipient: Address,
    amount: bigint,
  ): Promise<{ hash: B256; nonce: Nonce }>;
  tokenDecimals(gateway: L1Address, token: L1Address): Promise<number>;
  /**
   * @returns null: Ethereum does not know the transaction
   * @throws CodedError L1_REVERTED, L1_BAD_ANSWER (it is no deposit to this portal)
   */
  depositState(hash: B256): Promise<DepositState | null>;
  state(message: OutMessage, height: number, facts: ChainFacts): Promise<WithdrawalState>;
  claim(proof: MessageProof): Promise<{ hash: B256 }>;
};

/** What Fuel's gateway and a token on Ethereum say of themselves. */
export type GatewayFacts = {
  /** The contract of this chain that may order a payment. */
  issuer(): Promise<ContractId>;
  /** What can be paid out at all, in units of the asset on this chain. */
  deposited(token: L1Address): Promise<bigint>;
  /** Of the token on Ethereum. */
  decimals(token: L1Address): Promise<number>;
};

/** For reading only. @throws CodedError L1_NO_CONTRACT by each question */
export async function openGatewayFacts(url: string, gateway: L1Address): Promise<GatewayFacts> {
  return openGateway(await connectRpc(url), gateway);
}

/** What Ethereum usually takes to call a block final: two epochs of 32 slots, 12 seconds each. */
const FINALITY_S = 2 * 32 * 12;

/** The message that a deposit became. */
function nonceIn(receipt: L1Receipt, portal: L1Address): Nonce {
  for (const { address, topics, data } of receipt.logs) {
    if (address.toLowerCase() !== portal) continue;
    const place = { blockNumber: 0n, blockHash: topics[0]!, logIndex: 0, address: portal };
    const event = decodeInboxLog({ ...place, topics, data: hexToBytes(data) });
    if (event?.type === 'message') return event.message.nonce;
  }
  throw new CodedError('L1_BAD_ANSWER', 'the deposit left no message: check --portal');
}

type RpcReceipt = L1Receipt & { readonly status: string; readonly blockNumber: string };
type RpcBlock = { readonly number: string; readonly timestamp: string } | null;

async function depositState(
  rpc: Awaited<ReturnType<typeof connectRpc>>,
  portal: L1Address,
  hash: B256,
): Promise<DepositState | null> {
  const receipt = (await rpc('eth_getTransactionReceipt', [hash])) as RpcReceipt | null;
  if (receipt === null) {
    const isSent = (await rpc('eth_getTransactionByHash', [hash])) !== null;
    return isSent ? { type: 'pending' } : null;
  }
  if (BigInt(receipt.status) !== 1n) {
    throw new CodedError('L1_REVERTED', `${hash} was refused on Ethereum: nothing was deposited`);
  }
  const nonce = nonceIn(receipt, portal);
  const block = BigInt(receipt.blockNumber);
  const at = (tag: string): Promise<RpcBlock> =>
    rpc('eth_getBlockByNumber', [tag, false]) as Promise<RpcBlock>;
  const [finalized, own] = await Promise.all([at('finalized'), at(receipt.blockNumber)]);
  if (finalized !== null && BigInt(finalized.number) >= block) {
    return { type: 'final', nonce, block };
  }
  return { type: 'included', nonce, block, finalAtS: Number(own?.timestamp ?? 0) + FINALITY_S };
}

export async function openBridge(options: BridgeOptions): Promise<Bridge> {
  const rpc = await connectRpc(options.url);
  const portal = await openPortal(rpc, options.portal);
  const wallet = await openL1Wallet(options, rpc);
  const own = (): L1Wallet => wallet ?? keyMissing();
  const deposited = async (
    what: string,
    call: PortalCall,
  ): Promise<{ hash: B256; nonce: Nonce }> => {
    const { hash, receipt } = await own().send(what, call);
    return { hash, nonce: nonceIn(receipt, options.portal) };
  };
  return {
    sender: () => own().address,
    deposit: (recipient, amount) => deposited('the deposit', portal.deposit(recipient, amount)),
    async depositToken(gatewayAddress, token, recipient, amount) {
      const gateway = await openGateway(rpc, gatewayAddress);
      if ((await gateway.allowance(token, own().address)) < amount) {
        await own().send('leave for the gateway', gateway.approve(token, amount));
      }
      return deposited('the deposit', gateway.deposit(recipient, token, amount));
    },
    depositState: (hash) => depositState(rpc, options.portal, hash),
    tokenDecimals: async (gateway, token) => (await openGateway(rpc, gateway)).decimals(token),
    async state(message, height, facts) {
      const { sender, recipient, nonce, amount, data } = message;
      const id = messageId(sender, recipient, nonce, amount, data);
      if (await portal.isRelayed(id)) return { type: 'claimed' };
      const address = await portal.chainState();
      const chainState = await openChainState(rpc, address, address);
      const found = await findCommit(chainState, height, facts.latestHeight, facts.blockIdAt);
      const { timeToFinalizeS } = await chainState.terms();
      if (found.type === 'waiting') return { ...found, challengeS: timeToFinalizeS };
      const { rootHeight } = found;
      if (found.type === 'final') return { type: 'claimable', rootHeight };
      const committedAtS = await chainState.commitTimeS(found.commit);
      const finalAtS = committedAtS === null ? null : committedAtS + timeToFinalizeS;
      return { type: 'committed', rootHeight, finalAtS };
    },
    async claim(proof) {
      const what = `the claim of message ${withdrawalId(proof)}`;
      const { hash } = await own().send(what, portal.relay(relayArguments(proof)));
      return { hash };
    },
  };
}
