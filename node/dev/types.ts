/**
 * Development controls: what a node with `--dev` lets a test or a person do to its chain. The same
 * names over HTTP (`routes.ts`), in the SDK (`devClient`) and on the command line (`fuelrail dev`).
 */
import type {
  Address,
  AssetId,
  BlockHeight,
  ContractId,
  Nonce,
  SlotKey,
  UtxoKey,
} from '../../primitives/types.ts';

/** Where the chain and its clock stand. */
export type DevStatus = {
  readonly height: BlockHeight;
  /** Of the newest block. */
  readonly blockUnixSeconds: number;
  /** Of the chain's clock now. */
  readonly clockUnixSeconds: number;
  readonly clock: 'machine' | 'shifted' | 'frozen';
  readonly autoMine: boolean;
  readonly snapshots: readonly number[];
  readonly impersonated: readonly Address[];
  /** null: no fork. */
  readonly fork: ForkStatus | null;
};

/** What is known of the chain that was forked. */
export type ForkStatus = {
  readonly url: string;
  readonly height: BlockHeight;
  /**
   * How storage of contracts is read: as it was at that height, as it is when it is first needed, or
   * only what a transaction reads when it is tried over there.
   */
  readonly storage: 'history' | 'newest' | 'runs';
  /** Questions that the remote node has answered for this process. */
  readonly fetched: number;
  /** Answers that came from the disk cache. */
  readonly cached: number;
  readonly offline: boolean;
};

/** A snapshot directory as texts, by file name; `--snapshot` takes it, here and in fuel-core. */
export type SnapshotFiles = {
  readonly 'metadata.json': string;
  readonly 'chain_config.json': string;
  readonly 'state_config.json': string;
};

/** A coin to put there, or to take away. */
export type CoinEdit = {
  /** 32 bytes transaction id, 2 bytes output index. */
  readonly utxoId: UtxoKey;
  /** null: there is no such coin any more. */
  readonly coin: {
    readonly owner: Address;
    readonly amount: bigint;
    readonly assetId: AssetId;
  } | null;
};

/** A message from the settlement layer to put there, or to take away. */
export type MessageEdit = {
  readonly nonce: Nonce;
  readonly message: {
    readonly sender: Address;
    readonly recipient: Address;
    readonly amount: bigint;
    readonly data: Uint8Array;
  } | null;
};

export type ContractEdit = {
  readonly code: Uint8Array;
  /** null: computed from code, salt zero and the slots. */
  readonly contractId: ContractId | null;
  readonly slots: readonly { readonly key: SlotKey; readonly value: Uint8Array }[];
};

/** All refusals are CodedErrors with codes DEV_…; amounts in units of the asset. */
export type DevControls = {
  status(): DevStatus;
  /** Costs nothing by itself. @returns id, usable again and again @throws DEV_SNAPSHOT_LIMIT */
  snapshot(): Promise<number>;
  /** State, pool, clock, gas price as they were. @throws DEV_UNKNOWN_SNAPSHOT */
  revert(id: number): Promise<DevStatus>;
  /** @throws DEV_UNKNOWN_SNAPSHOT */
  dropSnapshot(id: number): Promise<void>;
  /** The state, without history. @throws DEV_DUMP_FORK */
  dump(): Promise<SnapshotFiles>;
  /** The chain goes on from a dumped state; history and snapshots are gone. @throws SNAPSHOT_INVALID */
  load(files: SnapshotFiles): Promise<DevStatus>;
  /** The next block gets this time. @throws DEV_TIME */
  setTime(unixSeconds: number): Promise<DevStatus>;
  /** @throws DEV_TIME */
  advanceTime(seconds: number): Promise<DevStatus>;
  freezeTime(on: boolean): Promise<DevStatus>;
  /**
   * Makes blocks at once, the first with what the pool has.
   * @param intervalSeconds between their times; null: 1, or 0 with a frozen clock
   * @throws DEV_MINE
   */
  mine(count: number, intervalSeconds: number | null): Promise<DevStatus>;
  /** @param assetId null: the base asset @returns the new coin @throws DEV_AMOUNT */
  fund(owner: Address, amount: bigint, assetId: AssetId | null): Promise<UtxoKey>;
  setCoin(edit: CoinEdit): Promise<void>;
  setMessage(edit: MessageEdit): Promise<void>;
  /** @throws DEV_CONTRACT_EXISTS */
  setContract(edit: ContractEdit): Promise<ContractId>;
  /** @param value null: the slot is empty @throws DEV_UNKNOWN_CONTRACT */
  setContractSlot(contractId: ContractId, key: SlotKey, value: Uint8Array | null): Promise<void>;
  /** @throws DEV_UNKNOWN_CONTRACT */
  setContractBalance(contractId: ContractId, assetId: AssetId, amount: bigint): Promise<void>;
  /** Signatures of this owner are not asked for; also for the address of a predicate. */
  impersonate(owner: Address): Promise<void>;
  /** @param owner null: all */
  stopImpersonating(owner: Address | null): Promise<void>;
  /** Off: blocks come by `mine` only. */
  autoMine(on: boolean): Promise<DevStatus>;
};
