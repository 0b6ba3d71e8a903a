/**
 * Consensus parameters: every version of the reference flattened into one shape, the variant
 * numbers kept so that the JSON and postcard forms can be written back.
 *
 * @source fuel-tx 0.66.4, `ConsensusParameters` V1/V2, `GasCosts` V1…V7
 */
import type { Address, AssetId, Gas } from '../primitives/types.ts';

/** Gas that grows with size: light = base + units / per; heavy = base + units · per. */
export type DependentCost =
  | { readonly type: 'light'; readonly base: bigint; readonly unitsPerGas: bigint }
  | { readonly type: 'heavy'; readonly base: bigint; readonly gasPerUnit: bigint };

export type GasCostValue = bigint | DependentCost;

/**
 * The gas table of one version. Keys are the reference's JSON names in lower case with
 * underscores (`add`, `ret_contract`, `storage_read_cold`, `new_storage_per_byte` …). A key that
 * the version does not define is absent: an instruction that needs it panics GasCostNotDefined.
 */
export type GasCosts = {
  readonly version: 1 | 2 | 3 | 4 | 5 | 6 | 7;
  readonly costs: ReadonlyMap<string, GasCostValue>;
};

export type ConsensusParameters = {
  readonly version: 1 | 2;
  readonly txParams: {
    readonly maxInputs: number;
    readonly maxOutputs: number;
    readonly maxWitnesses: number;
    readonly maxGasPerTx: Gas;
    readonly maxSizeBytes: bigint;
    readonly maxBytecodeSubsections: number;
  };
  readonly predicateParams: {
    readonly maxPredicateLength: bigint;
    readonly maxPredicateDataLength: bigint;
    readonly maxMessageDataLength: bigint;
    readonly maxGasPerPredicate: Gas;
  };
  readonly scriptParams: {
    readonly version: 1 | 2;
    readonly maxScriptLength: bigint;
    readonly maxScriptDataLength: bigint;
    /** Only in version 2. */
    readonly maxStorageSlotLength: bigint | null;
  };
  readonly contractParams: { readonly contractMaxSize: bigint; readonly maxStorageSlots: bigint };
  readonly feeParams: { readonly gasPriceFactor: bigint; readonly gasPerByte: Gas };
  readonly chainId: bigint;
  readonly gasCosts: GasCosts;
  readonly baseAssetId: AssetId;
  readonly blockGasLimit: Gas;
  /** Only in version 2; version 1 answers u64::MAX. */
  readonly blockTransactionSizeLimit: bigint;
  readonly privilegedAddress: Address;
};
