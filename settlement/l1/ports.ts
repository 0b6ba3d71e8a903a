/** What following Ethereum needs from an endpoint. Implemented by `reader.ts`; faked in tests. */
import type { B256 } from '../../primitives/types.ts';

/** 20 bytes, lower case. */
export type L1Address = `0x${string}`;

export type L1Log = {
  readonly address: L1Address;
  readonly topics: readonly B256[];
  readonly data: Uint8Array;
  readonly blockNumber: bigint;
  readonly blockHash: B256;
  /** Position among all logs of the block. */
  readonly logIndex: number;
};

export type L1Block = { readonly number: bigint; readonly hash: B256 };

/**
 * Every method throws CodedError L1_UNAVAILABLE (no answer: try again later) or L1_REFUSED (an
 * answer that says no, such as "too many results").
 */
export interface L1Reader {
  chainId(): Promise<bigint>;
  /** The endpoint is itself still catching up. */
  syncing(): Promise<boolean>;
  /** The newest block that Ethereum will not take back. */
  finalized(): Promise<L1Block>;
  /** null: the endpoint does not have that block. */
  block(number: bigint): Promise<L1Block | null>;
  /** Logs of these contracts in blocks `from`…`to`, both included. */
  logs(from: bigint, to: bigint, contracts: readonly L1Address[]): Promise<readonly L1Log[]>;
}

/** Lines for whoever runs the node; the node's log fits. */
export interface SettlementLog {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}
