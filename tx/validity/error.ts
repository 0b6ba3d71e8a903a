/** Why a transaction is invalid; names and fields are those of fuel-tx 0.66.4. */
import type { UtxoId } from '../types.ts';

/** Names that this implementation can produce. */
export type ValidityErrorName =
  | 'NoSpendableInput'
  | 'InputWitnessIndexBounds'
  | 'InputPredicateLength'
  | 'InputPredicateDataLength'
  | 'InputPredicateOwner'
  | 'InputInvalidSignature'
  | 'InputContractAssociatedOutputContract'
  | 'InputMessageDataLength'
  | 'DuplicateInputUtxoId'
  | 'DuplicateInputNonce'
  | 'DuplicateInputContractId'
  | 'OutputContractInputIndex'
  | 'TransactionInputContainsNonBaseAssetId'
  | 'TransactionInputContainsContract'
  | 'TransactionInputContainsMessageData'
  | 'TransactionOutputContainsContract'
  | 'TransactionOutputContainsVariable'
  | 'TransactionChangeChangeUsesNotBaseAsset'
  | 'TransactionCreateOutputContractCreatedDoesntMatch'
  | 'TransactionCreateOutputContractCreatedMultiple'
  | 'TransactionCreateBytecodeLen'
  | 'TransactionCreateBytecodeWitnessIndex'
  | 'TransactionCreateStorageSlotMax'
  | 'TransactionCreateStorageSlotOrder'
  | 'TransactionScriptLength'
  | 'TransactionScriptDataLength'
  | 'TransactionOutputContainsContractCreated'
  | 'TransactionMintIncorrectBlockHeight'
  | 'TransactionMintIncorrectOutputIndex'
  | 'TransactionMintNonBaseAsset'
  | 'TransactionUpgradeNoPrivilegedAddress'
  | 'TransactionUpgradeConsensusParametersChecksumMismatch'
  | 'TransactionUpgradeConsensusParametersDeserialization'
  | 'TransactionUploadRootVerificationFailed'
  | 'TransactionUploadTooManyBytecodeSubsections'
  | 'TransactionSizeLimitExceeded'
  | 'TransactionMaxGasExceeded'
  | 'TransactionWitnessLimitExceeded'
  | 'TransactionPoliciesAreInvalid'
  | 'TransactionMaturity'
  | 'TransactionExpiration'
  | 'TransactionMaxFeeNotSet'
  | 'TransactionInputsMax'
  | 'TransactionOutputsMax'
  | 'TransactionWitnessesMax'
  | 'TransactionOutputChangeAssetIdDuplicated'
  | 'TransactionOutputChangeAssetIdNotFound'
  | 'TransactionOutputCoinAssetIdNotFound'
  | 'InsufficientFeeAmount'
  | 'InsufficientInputAmount'
  | 'BalanceOverflow'
  | 'TransactionOutputDoesntContainContractCreated'
  | 'TransactionBlobIdVerificationFailed'
  | 'TransactionOwnerIndexOutOfBounds'
  | 'TransactionOwnerInputHasNoOwner';

/** Ids are `0x…` text, amounts `bigint`, indexes `number`. */
export type ErrorField = number | bigint | string | UtxoId;

/** `fields` by the reference's names; the single key `0` is an unnamed field. */
export type ValidityError = {
  readonly name: ValidityErrorName;
  readonly fields?: Readonly<Record<string, ErrorField>>;
};

/** An error that names an input, output or witness. */
export function atIndex(name: ValidityErrorName, index: number): ValidityError {
  return { name, fields: { index } };
}

function fieldText(value: ErrorField): string {
  if (typeof value === 'string') return value.startsWith('0x') ? value.slice(2) : value;
  if (typeof value !== 'object') return value.toString();
  return `UtxoId { tx_id: ${value.txId.slice(2)}, output_index: ${value.outputIndex} }`;
}

/** Rust's debug form, e.g. `InsufficientFeeAmount { expected: 1, provided: 0 }`. */
export function debugText(error: {
  readonly name: string;
  readonly fields?: Readonly<Record<string, ErrorField>>;
}): string {
  const fields = Object.entries(error.fields ?? {});
  const [first] = fields;
  if (first === undefined) return error.name;
  if (first[0] === '0') return `${error.name}(${fieldText(first[1])})`;
  const parts = fields.map(([name, value]) => `${name}: ${fieldText(value)}`);
  return `${error.name} { ${parts.join(', ')} }`;
}

/** Debug form as the reference's checks wrap it: `Validity(…)`, in texts of the pool. */
export function checkErrorText(error: ValidityError): string {
  return `Validity(${debugText(error)})`;
}
