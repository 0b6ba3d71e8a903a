/**
 * What a fork asks the chain that it was made of, as texts: names of rows in the cache, and the only
 * thing that crosses to the thread that fetches.
 *
 * `chain`, `coin:UTXO`, `coins:OWNER`, `balance:OWNER:ASSET`, `balances:OWNER`, `message:NONCE`,
 * `messageStatus:NONCE`, `messages:OWNER`, `contract:ID`, `salt:ID`, `slot:ID:KEY`, `contractBalance:ID:ASSET`,
 * `contractBalances:ID`, `blob:ID`. Answers are JSON; null: there is no such thing.
 */

/** Entries of a list that are fetched at most; a list that is longer is cut, and that is said. */
export const FORK_LIST_MAX = 5_000;
/** Of one request for a list. */
export const FORK_PAGE = 100;

export type RemoteCoin = {
  readonly utxoId: `0x${string}`;
  readonly owner: `0x${string}`;
  readonly amount: string;
  readonly assetId: `0x${string}`;
  readonly blockCreated: string;
  readonly txCreatedIdx: string;
};
export type RemoteMessage = {
  readonly nonce: `0x${string}`;
  readonly sender: `0x${string}`;
  readonly recipient: `0x${string}`;
  readonly amount: string;
  readonly data: `0x${string}`;
  readonly daHeight: string;
};
export type RemoteAmount = { readonly assetId: `0x${string}`; readonly amount: string };
export type RemoteContract = { readonly bytecode: `0x${string}` };

/** Of the chain at the height of the fork. Parameters as the API names them, scalars as texts. */
export type RemoteChain = {
  readonly name: string;
  readonly height: number;
  /**
   * How storage of contracts is read: as it was at that height, as it is over there now, or only
   * what a transaction reads when it is tried there.
   */
  readonly storage: 'history' | 'newest' | 'runs';
  readonly daHeight: string;
  readonly consensusParametersVersion: string;
  readonly stateTransitionBytecodeVersion: string;
  readonly params: RemoteParams;
};
type Scalars = Readonly<Record<string, string>>;
export type RemoteParams = {
  readonly txParams: Scalars;
  readonly predicateParams: Scalars;
  readonly scriptParams: Scalars;
  readonly contractParams: Scalars;
  readonly feeParams: Scalars;
  readonly gasCosts: Readonly<
    Record<string, string | null | { base: string; unitsPerGas?: string; gasPerUnit?: string }>
  >;
  readonly baseAssetId: `0x${string}`;
  readonly blockGasLimit: string;
  readonly blockTransactionSizeLimit?: string;
  readonly chainId: string;
  readonly privilegedAddress: `0x${string}`;
};
