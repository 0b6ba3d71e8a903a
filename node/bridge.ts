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
  refusalName,
  relayArguments,
  withdrawalId,
} from '../settlement/index.ts';
import { messageId } from '../tx/id.ts';
import type { MessageProof } from '../tx/messageProof.ts';

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

/** Where a withdrawal stands; heights are of this chain, times in seconds since 1970. */
export type WithdrawalState =
  | { readonly type: 'waiting'; readonly dueHeight: number }
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

type Receipt = {
  status: string;
  logs: readonly {
    address: string;
    topics: readonly B256[];
    data: `0x${string}`;
    logIndex: number;
  }[];
};

/** Gas beyond the estimate, in sixteenths of it: the time goes on until the block is made. */
const GAS_MARGIN_SIXTEENTHS = 20n;

/** Sends one transaction at a time and waits for its block. */
async function openWallet(
  options: BridgeOptions,
  rpc: Awaited<ReturnType<typeof connectRpc>>,
): Promise<{
  address: L1Address;
  send(what: string, call: PortalCall): Promise<{ hash: B256; receipt: Receipt }>;
} | null> {
  const { secret, url } = options;
  if (secret === null) return null;
  const { createPublicClient, createWalletClient, http } = await import('viem');
  const { privateKeyToAccount } = await import('viem/accounts');
  const account = privateKeyToAccount(secret);
  const transport = http(url);
  const reader = createPublicClient({ transport });
  const wallet = createWalletClient({ account, transport });
  return {
    address: account.address.toLowerCase() as L1Address,
    async send(what, { to, data, value }) {
      try {
        // First as a question, so that a refusal costs nothing and has a name.
        const from = account.address;
        const call = { from, to, data, value: `0x${value.toString(16)}` };
        const estimate = BigInt((await rpc('eth_estimateGas', [call])) as string);
        const gas = (estimate * GAS_MARGIN_SIXTEENTHS) / 16n;
        const hash = await wallet.sendTransaction({ account, chain: null, to, data, value, gas });
        const receipt = await reader.waitForTransactionReceipt({ hash });
        if (receipt.status === 'success') return { hash, receipt: receipt as unknown as Receipt };
        throw new CodedError('L1_REVERTED', `${what} was refused on Ethereum (${hash})`);
      } catch (error) {
        throw await namedRefusal(what, error);
      }
    },
  };
}

async function namedRefusal(what: string, error: unknown): Promise<unknown> {
  if (!(error instanceof CodedError) || error.code !== 'L1_REFUSED') return error;
  const name = await refusalName(String(error.context['data'] ?? ''));
  const why = name ?? error.message;
  return new CodedError(
    'L1_REFUSED',
    `Ethereum refuses ${what}: ${why}; nothing was sent`,
    {},
    error,
  );
}

/** The message that a deposit became. */
function nonceIn(receipt: Receipt, portal: L1Address): Nonce {
  for (const { address, topics, data, logIndex } of receipt.logs) {
    if (address.toLowerCase() !== portal) continue;
    const place = { blockNumber: 0n, blockHash: topics[0]!, logIndex, address: portal };
    const event = decodeInboxLog({ ...place, topics, data: hexToBytes(data) });
    if (event?.type === 'message') return event.message.nonce;
  }
  throw new CodedError('L1_BAD_ANSWER', 'the deposit left no message: check --portal');
}

export async function openBridge(options: BridgeOptions): Promise<Bridge> {
  const rpc = await connectRpc(options.url);
  const portal = await openPortal(rpc, options.portal);
  const wallet = await openWallet(options, rpc);
  const own = (): NonNullable<typeof wallet> => {
    if (wallet !== null) return wallet;
    throw new CodedError(
      'L1_KEY_MISSING',
      'set FUELRAIL_L1_KEY to the 32-byte secret of your account on Ethereum',
    );
  };
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
    tokenDecimals: async (gateway, token) => (await openGateway(rpc, gateway)).decimals(token),
    async state(message, height, facts) {
      const { sender, recipient, nonce, amount, data } = message;
      const id = messageId(sender, recipient, nonce, amount, data);
      if (await portal.isRelayed(id)) return { type: 'claimed' };
      const address = await portal.chainState();
      const chainState = await openChainState(rpc, address, address);
      const found = await findCommit(chainState, height, facts.latestHeight, facts.blockIdAt);
      if (found.type === 'waiting') return found;
      const { rootHeight } = found;
      if (found.type === 'final') return { type: 'claimable', rootHeight };
      const committedAtS = await chainState.commitTimeS(found.commit);
      const { timeToFinalizeS } = await chainState.terms();
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
