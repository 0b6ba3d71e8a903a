/**
 * Reasons why the VM stops a program. The bytes are part of receipts.
 *
 * @source fuel-asm 0.66.4, PanicReason
 */

/** Byte of each reason, by its name. */
export const PANIC = {
  UnknownPanicReason: 0,
  Revert: 1,
  OutOfGas: 2,
  TransactionValidity: 3,
  MemoryOverflow: 4,
  ArithmeticOverflow: 5,
  ContractNotFound: 6,
  MemoryOwnership: 7,
  NotEnoughBalance: 8,
  ExpectedInternalContext: 9,
  AssetIdNotFound: 10,
  InputNotFound: 11,
  OutputNotFound: 12,
  WitnessNotFound: 13,
  TransactionMaturity: 14,
  InvalidMetadataIdentifier: 15,
  MalformedCallStructure: 16,
  ReservedRegisterNotWritable: 17,
  InvalidFlags: 18,
  InvalidImmediateValue: 19,
  ExpectedCoinInput: 20,
  EcalError: 21,
  MemoryWriteOverlap: 22,
  ContractNotInInputs: 23,
  InternalBalanceOverflow: 24,
  ContractMaxSize: 25,
  ExpectedUnallocatedStack: 26,
  MaxStaticContractsReached: 27,
  TransferAmountCannotBeZero: 28,
  ExpectedOutputVariable: 29,
  ExpectedParentInternalContext: 30,
  PredicateReturnedNonOne: 31,
  ContractIdAlreadyDeployed: 32,
  ContractMismatch: 33,
  MessageDataTooLong: 34,
  ArithmeticError: 35,
  ContractInstructionNotAllowed: 36,
  TransferZeroCoins: 37,
  InvalidInstruction: 38,
  MemoryNotExecutable: 39,
  PolicyIsNotSet: 40,
  PolicyNotFound: 41,
  TooManyReceipts: 42,
  BalanceOverflow: 43,
  InvalidBlockHeight: 44,
  TooManySlots: 45,
  ExpectedNestedCaller: 46,
  MemoryGrowthOverlap: 47,
  UninitalizedMemoryAccess: 48,
  OverridingConsensusParameters: 49,
  UnknownStateTransactionBytecodeRoot: 50,
  OverridingStateTransactionBytecode: 51,
  BytecodeAlreadyUploaded: 52,
  ThePartIsNotSequentiallyConnected: 53,
  BlobNotFound: 54,
  BlobIdAlreadyUploaded: 55,
  GasCostNotDefined: 56,
  UnsupportedCurveId: 57,
  UnsupportedOperationType: 58,
  InvalidEllipticCurvePoint: 59,
  InputContractDoesNotExist: 60,
  StorageSlotsNotFound: 61,
  ProofInUploadNotFound: 62,
  InvalidUpgradePurposeType: 63,
  CanNotGetGasPriceInPredicate: 64,
  OwnerIsUnknown: 65,
  StorageOutOfBounds: 66,
} as const;

export type PanicReasonName = keyof typeof PANIC;

const NAMES: readonly string[] = Object.keys(PANIC);

/** Name of a reason byte; bytes without a reason are `UnknownPanicReason`. */
export function panicName(byte: number): PanicReasonName {
  return (NAMES[byte] ?? 'UnknownPanicReason') as PanicReasonName;
}
