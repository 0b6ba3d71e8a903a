/** Rules of each transaction kind. @source fuel-specs tx-format; fuel-tx 0.66.4 */

import { hexToBytes } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import { sha256Hex } from '../../primitives/hash.ts';
import { verifyBinaryProof } from '../../primitives/merkle/binary.ts';
import type { AssetId, BlockHeight } from '../../primitives/types.ts';
import { blobIdOf, contractId, initialStateRoot } from '../contractId.ts';
import type { ConsensusParameters } from '../params.ts';
import { decodeParamsPostcard } from '../paramsPostcard.ts';
import type {
  BlobTx,
  ChargeableTx,
  CreateTx,
  MintTx,
  ScriptTx,
  StorageSlot,
  UpgradeTx,
  UploadTx,
} from '../types.ts';
import type { ValidityError } from './error.ts';
import { atIndex } from './error.ts';
import { inputAsset, isDataMessage } from './inputs.ts';

function checkScript(tx: ScriptTx, params: ConsensusParameters): ValidityError | null {
  if (BigInt(tx.script.length) > params.scriptParams.maxScriptLength) {
    return { name: 'TransactionScriptLength' };
  }
  if (BigInt(tx.scriptData.length) > params.scriptParams.maxScriptDataLength) {
    return { name: 'TransactionScriptDataLength' };
  }
  const created = tx.outputs.findIndex((output) => output.type === 'contractCreated');
  return created < 0 ? null : atIndex('TransactionOutputContainsContractCreated', created);
}

/** Kinds that run no script take base-asset coins and plain messages only. */
function checkPlainInputs(tx: ChargeableTx, baseAssetId: AssetId): ValidityError | null {
  for (let i = 0; i < tx.inputs.length; i++) {
    const input = tx.inputs[i]!;
    if (input.type === 'contract') return atIndex('TransactionInputContainsContract', i);
    if (inputAsset(input, baseAssetId) !== baseAssetId) {
      return atIndex('TransactionInputContainsNonBaseAssetId', i);
    }
    if (isDataMessage(input)) return atIndex('TransactionInputContainsMessageData', i);
  }
  return null;
}

type Created = { readonly contractId: string; readonly stateRoot: string };

/** Outputs of kinds that run no script; `created`: what a Create may bring into being. */
function checkPlainOutputs(
  tx: ChargeableTx,
  baseAssetId: AssetId,
  created: Created | null,
): ValidityError | null {
  let seen = false;
  for (let i = 0; i < tx.outputs.length; i++) {
    const output = tx.outputs[i]!;
    if (output.type === 'contract') return atIndex('TransactionOutputContainsContract', i);
    if (output.type === 'variable') return atIndex('TransactionOutputContainsVariable', i);
    if (output.type === 'change' && output.assetId !== baseAssetId) {
      return atIndex('TransactionChangeChangeUsesNotBaseAsset', i);
    }
    if (output.type !== 'contractCreated') continue;
    if (created === null) return atIndex('TransactionOutputContainsContractCreated', i);
    if (output.contractId !== created.contractId || output.stateRoot !== created.stateRoot) {
      return atIndex('TransactionCreateOutputContractCreatedDoesntMatch', i);
    }
    if (seen) return atIndex('TransactionCreateOutputContractCreatedMultiple', i);
    seen = true;
  }
  if (created !== null && !seen) return { name: 'TransactionOutputDoesntContainContractCreated' };
  return null;
}

function isAscending(slots: readonly StorageSlot[]): boolean {
  for (let i = 1; i < slots.length; i++) {
    if (slots[i - 1]!.key >= slots[i]!.key) return false;
  }
  return true;
}

function checkCreate(tx: CreateTx, params: ConsensusParameters): ValidityError | null {
  const code = tx.witnesses[tx.bytecodeWitnessIndex];
  if (code === undefined) return { name: 'TransactionCreateBytecodeWitnessIndex' };
  if (BigInt(code.length) > params.contractParams.contractMaxSize) {
    return { name: 'TransactionCreateBytecodeLen' };
  }
  if (BigInt(tx.storageSlots.length) > params.contractParams.maxStorageSlots) {
    return { name: 'TransactionCreateStorageSlotMax' };
  }
  if (!isAscending(tx.storageSlots)) return { name: 'TransactionCreateStorageSlotOrder' };
  const inputError = checkPlainInputs(tx, params.baseAssetId);
  if (inputError !== null) return inputError;
  const stateRoot = initialStateRoot(tx.storageSlots);
  const created = { contractId: contractId(code, tx.salt, stateRoot), stateRoot };
  return checkPlainOutputs(tx, params.baseAssetId, created);
}

function checkPurpose(tx: UpgradeTx): ValidityError | null {
  if (tx.purpose.type === 'stateTransition') return null;
  const witness = tx.witnesses[tx.purpose.witnessIndex];
  if (witness === undefined) return atIndex('InputWitnessIndexBounds', tx.purpose.witnessIndex);
  if (sha256Hex(witness) !== tx.purpose.checksum) {
    return { name: 'TransactionUpgradeConsensusParametersChecksumMismatch' };
  }
  try {
    decodeParamsPostcard(witness);
    return null;
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return { name: 'TransactionUpgradeConsensusParametersDeserialization' };
  }
}

function checkUpgrade(tx: UpgradeTx, params: ConsensusParameters): ValidityError | null {
  const isPrivileged = tx.inputs.some((input) => {
    if (input.type === 'contract') return false;
    const owner = input.type === 'coin' ? input.owner : input.recipient;
    return owner === params.privilegedAddress;
  });
  if (!isPrivileged) return { name: 'TransactionUpgradeNoPrivilegedAddress' };
  return checkPurpose(tx);
}

function checkUpload(tx: UploadTx, params: ConsensusParameters): ValidityError | null {
  if (tx.subsectionsNumber > params.txParams.maxBytecodeSubsections) {
    return { name: 'TransactionUploadTooManyBytecodeSubsections' };
  }
  const witness = tx.witnesses[tx.witnessIndex];
  if (witness === undefined) return atIndex('InputWitnessIndexBounds', tx.witnessIndex);
  const holds = verifyBinaryProof(
    hexToBytes(tx.root),
    witness,
    tx.proofSet.map(hexToBytes),
    tx.subsectionIndex,
    tx.subsectionsNumber,
  );
  return holds ? null : { name: 'TransactionUploadRootVerificationFailed' };
}

function checkBlob(tx: BlobTx): ValidityError | null {
  const witness = tx.witnesses[tx.witnessIndex];
  if (witness === undefined) return atIndex('InputWitnessIndexBounds', tx.witnessIndex);
  if (blobIdOf(witness) === tx.blobId) return null;
  return { name: 'TransactionBlobIdVerificationFailed' };
}

/** The first rule of its own kind that `tx` breaks. */
export function checkKind(tx: ChargeableTx, params: ConsensusParameters): ValidityError | null {
  if (tx.type === 'script') return checkScript(tx, params);
  if (tx.type === 'create') return checkCreate(tx, params);
  let own: ValidityError | null;
  if (tx.type === 'upgrade') own = checkUpgrade(tx, params);
  else own = tx.type === 'upload' ? checkUpload(tx, params) : checkBlob(tx);
  return (
    own ??
    checkPlainInputs(tx, params.baseAssetId) ??
    checkPlainOutputs(tx, params.baseAssetId, null)
  );
}

/**
 * What is derived from a transaction before any rule is checked: a Create needs its code, an
 * Upgrade its parameters. The full check fails on these first.
 */
export function checkDerived(tx: ChargeableTx): ValidityError | null {
  if (tx.type === 'upgrade') return checkPurpose(tx);
  if (tx.type === 'create' && tx.witnesses[tx.bytecodeWitnessIndex] === undefined) {
    return { name: 'TransactionCreateBytecodeWitnessIndex' };
  }
  return null;
}

/** Rules of a Mint in the block of `height`. Its size is fixed, only a tiny limit can refuse it. */
export function checkMint(
  tx: MintTx,
  sizeBytes: number,
  height: BlockHeight,
  params: ConsensusParameters,
): ValidityError | null {
  if (BigInt(sizeBytes) > params.txParams.maxSizeBytes) {
    return { name: 'TransactionSizeLimitExceeded' };
  }
  if (tx.txPointer.blockHeight !== height) return { name: 'TransactionMintIncorrectBlockHeight' };
  if (tx.outputContract.inputIndex !== 0) return { name: 'TransactionMintIncorrectOutputIndex' };
  if (tx.mintAssetId !== params.baseAssetId) return { name: 'TransactionMintNonBaseAsset' };
  return null;
}
