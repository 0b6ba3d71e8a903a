/** Calls to Fuel's portal and token gateway, and reading them, over JSON-RPC. */
import { CodedError } from '../../primitives/errors.ts';
import type { Address, B256, ContractId } from '../../primitives/types.ts';
import type { L1Hex } from '../lane.ts';
import type { RelayArguments } from '../withdrawal.ts';
import type { L1Address } from './ports.ts';
import type { Rpc } from './rpc.ts';

const ABI = [
  'function depositETH(bytes32 recipient) payable',
  'function incomingMessageSuccessful(bytes32 messageId) view returns (bool)',
  'function fuelChainStateContract() view returns (address)',
  'struct Message { bytes32 sender; bytes32 recipient; bytes32 nonce; uint64 amount; bytes data; }',
  'struct Root { bytes32 prevRoot; uint32 height; uint64 timestamp; bytes32 applicationHash; }',
  'struct Block { bytes32 prevRoot; uint64 timestamp; uint64 daHeight; uint32 outputMessagesCount; uint32 consensusParametersVersion; uint32 stateTransitionBytecodeVersion; uint32 height; bytes32 txRoot; bytes32 outputMessagesRoot; bytes32 eventInboxRoot; uint16 txCount; }',
  'struct Proof { uint256 key; bytes32[] proof; }',
  'function relayMessage(Message message, Root rootBlockHeader, Block blockHeader, Proof blockInHistoryProof, Proof messageInBlockProof) payable',
] as const;

/** Why the portal or the gateway refuses a call: named in the text of the error. */
const REFUSALS = [
  'AlreadyRelayed',
  'AmountPrecisionIncompatibility',
  'AmountTooBig',
  'GlobalDepositLimit',
  'InvalidBlockInHistoryProof',
  'InvalidMessageInBlockProof',
  'MessageBlacklisted',
  'MessageRelayFailed',
  'RateLimitExceeded',
  'UnfinalizedBlock',
  'UnknownBlock',
  'WithdrawalsPaused',
] as const;

/** Name of the error in the data of a refused call; null: none that is known. */
export async function refusalName(data: string): Promise<string | null> {
  const { toFunctionSelector } = await import('viem');
  return REFUSALS.find((name) => data.startsWith(toFunctionSelector(`${name}()`))) ?? null;
}

const TOKEN_ABI = [
  'function approve(address spender, uint256 amount) returns (bool)',
  'function allowance(address owner, address spender) view returns (uint256)',
  'function decimals() view returns (uint8)',
  'function deposit(bytes32 to, address tokenAddress, uint256 amount) payable',
  'function assetIssuerId() view returns (bytes32)',
  'function tokensDeposited(address tokenAddress) view returns (uint256)',
] as const;

/** A transaction to Ethereum that is not signed yet. */
export type PortalCall = {
  readonly to: L1Address;
  readonly data: L1Hex;
  /** Wei. */
  readonly value: bigint;
};

/** One unit of the base asset of this chain, in wei: nine decimals against eighteen. */
export const WEI_PER_UNIT = 1_000_000_000n;

export type Portal = {
  /** @param amount base asset units */
  deposit(recipient: Address, amount: bigint): PortalCall;
  relay(args: RelayArguments): PortalCall;
  /** A message was paid out; it cannot be again. */
  isRelayed(messageId: B256): Promise<boolean>;
  chainState(): Promise<L1Address>;
};

export async function openPortal(rpc: Rpc, address: L1Address): Promise<Portal> {
  const { parseAbi, encodeFunctionData } = await import('viem');
  const abi = parseAbi(ABI);
  const read = async (data: L1Hex): Promise<L1Hex> =>
    (await rpc('eth_call', [{ to: address, data }, 'latest'])) as L1Hex;
  return {
    deposit(recipient, amount) {
      const data = encodeFunctionData({ abi, functionName: 'depositETH', args: [recipient] });
      return { to: address, data, value: amount * WEI_PER_UNIT };
    },
    relay(args) {
      const data = encodeFunctionData({ abi, functionName: 'relayMessage', args });
      return { to: address, data, value: 0n };
    },
    async isRelayed(messageId) {
      const args = [messageId] as const;
      const functionName = 'incomingMessageSuccessful';
      return BigInt(await read(encodeFunctionData({ abi, functionName, args }))) === 1n;
    },
    async chainState() {
      const functionName = 'fuelChainStateContract';
      return `0x${(await read(encodeFunctionData({ abi, functionName }))).slice(-40)}`;
    },
  };
}

export type Gateway = {
  /** Units of the token on Ethereum. */
  deposit(recipient: Address, token: L1Address, amount: bigint): PortalCall;
  approve(token: L1Address, amount: bigint): PortalCall;
  allowance(token: L1Address, owner: L1Address): Promise<bigint>;
  /** @throws CodedError L1_NO_CONTRACT */
  decimals(token: L1Address): Promise<number>;
  /** The contract of this chain that it pays for. @throws CodedError L1_NO_CONTRACT */
  issuer(): Promise<ContractId>;
  /** What it owes to this chain, in units of the asset here. */
  deposited(token: L1Address): Promise<bigint>;
};

export async function openGateway(rpc: Rpc, address: L1Address): Promise<Gateway> {
  const { parseAbi, encodeFunctionData } = await import('viem');
  const abi = parseAbi(TOKEN_ABI);
  const read = async (to: L1Address, data: L1Hex): Promise<bigint> => {
    const answer = (await rpc('eth_call', [{ to, data }, 'latest'])) as string;
    if (answer !== '0x') return BigInt(answer);
    const what = to === address ? 'token gateway' : 'token';
    throw new CodedError(
      'L1_NO_CONTRACT',
      `there is no ${what} at ${to} on this Ethereum; check the address and --ethereum`,
    );
  };
  return {
    deposit(recipient, token, amount) {
      const args = [recipient, token, amount] as const;
      const data = encodeFunctionData({ abi, functionName: 'deposit', args });
      return { to: address, data, value: 0n };
    },
    approve(token, amount) {
      const args = [address, amount] as const;
      return {
        to: token,
        data: encodeFunctionData({ abi, functionName: 'approve', args }),
        value: 0n,
      };
    },
    async allowance(token, owner) {
      const args = [owner, address] as const;
      return read(token, encodeFunctionData({ abi, functionName: 'allowance', args }));
    },
    async decimals(token) {
      return Number(await read(token, encodeFunctionData({ abi, functionName: 'decimals' })));
    },
    async issuer() {
      const id = await read(address, encodeFunctionData({ abi, functionName: 'assetIssuerId' }));
      return `0x${id.toString(16).padStart(64, '0')}`;
    },
    async deposited(token) {
      const args = [token] as const;
      return read(address, encodeFunctionData({ abi, functionName: 'tokensDeposited', args }));
    },
  };
}
