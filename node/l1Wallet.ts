/** A key on Ethereum that people send with: no journal, one thing after the other. */
import { CodedError } from '../primitives/errors.ts';
import type { B256 } from '../primitives/types.ts';
import {
  type connectRpc,
  type L1Address,
  type PortalCall,
  refusalName,
} from '../settlement/index.ts';

/** What of a receipt is looked at. */
export type L1Receipt = {
  readonly logs: readonly {
    readonly address: string;
    readonly topics: readonly B256[];
    readonly data: `0x${string}`;
  }[];
};

export type L1Wallet = {
  readonly address: L1Address;
  /** First asked, so that a refusal costs nothing. @throws CodedError L1_REFUSED with its name */
  post(what: string, call: PortalCall): Promise<B256>;
  /** Waits for its block. @throws CodedError L1_REVERTED */
  included(what: string, hash: B256): Promise<L1Receipt>;
  /** Both. */
  send(what: string, call: PortalCall): Promise<{ hash: B256; receipt: L1Receipt }>;
};

/** Gas beyond the estimate, in sixteenths of it: the time goes on until the block is made. */
const GAS_MARGIN_SIXTEENTHS = 20n;

/** @throws CodedError L1_KEY_MISSING */
export function keyMissing(): never {
  throw new CodedError(
    'L1_KEY_MISSING',
    'set FUELRAIL_L1_KEY to the 32-byte secret of your account on Ethereum',
  );
}

/** null without a secret. */
export async function openL1Wallet(
  { secret, url }: { readonly secret: B256 | null; readonly url: string },
  rpc: Awaited<ReturnType<typeof connectRpc>>,
): Promise<L1Wallet | null> {
  if (secret === null) return null;
  const { createPublicClient, createWalletClient, http } = await import('viem');
  const { privateKeyToAccount } = await import('viem/accounts');
  const account = privateKeyToAccount(secret);
  const transport = http(url);
  const reader = createPublicClient({ transport });
  const wallet = createWalletClient({ account, transport });
  const post: L1Wallet['post'] = async (what, { to, data, value }) => {
    try {
      const call = { from: account.address, to, data, value: `0x${value.toString(16)}` };
      const estimate = BigInt((await rpc('eth_estimateGas', [call])) as string);
      const gas = (estimate * GAS_MARGIN_SIXTEENTHS) / 16n;
      return await wallet.sendTransaction({ account, chain: null, to, data, value, gas });
    } catch (error) {
      throw await namedRefusal(what, error);
    }
  };
  const included: L1Wallet['included'] = async (what, hash) => {
    const receipt = await reader.waitForTransactionReceipt({ hash });
    if (receipt.status === 'success') return receipt;
    throw new CodedError('L1_REVERTED', `${what} was refused on Ethereum (${hash})`);
  };
  return {
    address: account.address.toLowerCase() as L1Address,
    post,
    included,
    async send(what, call) {
      const hash = await post(what, call);
      return { hash, receipt: await included(what, hash) };
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
