/** What the pool needs from the world. */
import type {
  Address,
  AssetId,
  B256,
  BlobId,
  BlockHeight,
  ContractId,
  Nonce,
  TxId,
  UtxoKey,
} from '../primitives/types.ts';
import type { ConsensusParameters } from '../tx/params.ts';
import type { ChargeableTx } from '../tx/types.ts';

/** The fields of an unspent coin that an input repeats. */
export type PoolCoin = {
  readonly owner: Address;
  readonly amount: bigint;
  readonly assetId: AssetId;
};

/** The fields of an unspent message that an input repeats. */
export type PoolMessage = {
  readonly sender: Address;
  readonly recipient: Address;
  readonly nonce: Nonce;
  readonly amount: bigint;
  readonly data: Uint8Array;
};

/** Committed state at the latest height. The state's own view has this shape. */
export interface PoolView {
  coin(key: UtxoKey): PoolCoin | null;
  /** Present and unspent. */
  message(nonce: Nonce): PoolMessage | null;
  /** Anything but null: the contract exists. */
  contractUtxo(contractId: ContractId): object | null;
  /** Anything but null: the id is taken. */
  blob(blobId: BlobId): Uint8Array | null;
  /** A transaction of this id is in a committed block. */
  transactionExists(txId: TxId): boolean;
}

/** Where the chain stands. */
export interface ChainInfo {
  /** Height of the latest block. */
  height(): BlockHeight;
  /** Parameters in force for the next block. */
  params(): ConsensusParameters;
  /** Price of the next block. */
  nextGasPrice(): bigint;
  /** What is wrong with the uploaded bytecode of this root; null: it may be used. */
  bytecodeFault(root: B256): 'NotEnabled' | 'NotFound' | 'NotValid' | null;
}

/** Verdict over the signatures and predicates of a transaction. */
export type InputsVerdict =
  | { readonly ok: true }
  /** `debug`: the reference's debug text, e.g. `InputInvalidSignature { index: 0 }`. */
  | { readonly ok: false; readonly kind: 'validity' | 'predicate'; readonly debug: string };

/** Checks signatures, then predicates; runs in worker threads or on the main thread. */
export type CheckInputs = (job: {
  readonly id: TxId;
  readonly tx: ChargeableTx;
  readonly raw: Uint8Array;
  readonly params: ConsensusParameters;
}) => Promise<InputsVerdict>;

/** Time, so that tests can turn it. */
export interface PoolClock {
  /** Unix time in ms. */
  nowMs(): number;
  /** Runs `task` once after `delayMs`. @returns cancel */
  schedule(delayMs: number, task: () => void): () => void;
}

/** Who hears what happens in the pool. Called synchronously; must not throw. */
export interface PoolListener {
  /** Entered the pool. */
  submitted(txId: TxId, atMs: number): void;
  /** Left the pool, or never entered it, for good. */
  squeezedOut(txId: TxId, reason: string): void;
  /** There is something that a block could include. */
  executable(): void;
}
