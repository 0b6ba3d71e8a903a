/**
 * Transactions that run no program: Create, Blob, Upgrade, Upload. They change storage, then their
 * change outputs are settled with zero gas used.
 *
 * @source fuel-vm 0.66.4, executors
 */
import { concatBytes, hexToBytes } from '../primitives/bytes.ts';
import { assert } from '../primitives/errors.ts';
import { contractId, initialStateRoot } from '../tx/contractId.ts';
import { decodeParamsPostcard } from '../tx/paramsPostcard.ts';
import type { BlobTx, ChargeableTx, CreateTx, UpgradeTx, UploadTx } from '../tx/types.ts';
import type { UploadedBytecode, VmStorage } from './ports.ts';

/** Storage effects of a transaction without program. @returns null, or why it is refused. */
export function applyWithoutProgram(
  tx: Exclude<ChargeableTx, { type: 'script' }>,
  storage: VmStorage,
): string | null {
  switch (tx.type) {
    case 'create':
      return deployContract(tx, storage);
    case 'blob':
      return storeBlob(tx, storage);
    case 'upgrade':
      return upgrade(tx, storage);
    case 'upload':
      return uploadSubsection(tx, storage);
  }
}

function witness(tx: ChargeableTx, index: number): Uint8Array {
  const bytes = tx.witnesses[index];
  assert(bytes !== undefined, 'validity rules guarantee the witness');
  return bytes;
}

function deployContract(tx: CreateTx, storage: VmStorage): string | null {
  const code = witness(tx, tx.bytecodeWitnessIndex);
  const id = contractId(code, tx.salt, initialStateRoot(tx.storageSlots));
  if (storage.contractCode(id) !== null) return 'ContractIdAlreadyDeployed';
  const slots = tx.storageSlots.map(({ key, value }) => ({ key, value: hexToBytes(value) }));
  storage.createContract(id, code, slots);
  return null;
}

function storeBlob(tx: BlobTx, storage: VmStorage): string | null {
  if (storage.blob(tx.blobId) !== null) return 'BlobIdAlreadyUploaded';
  storage.createBlob(tx.blobId, witness(tx, tx.witnessIndex));
  return null;
}

function upgrade(tx: UpgradeTx, storage: VmStorage): string | null {
  if (tx.purpose.type === 'consensusParameters') {
    const params = decodeParamsPostcard(witness(tx, tx.purpose.witnessIndex));
    const next = Math.min(storage.consensusParametersVersion + 1, 0xffff_ffff);
    return storage.addConsensusParameters(next, params) ? null : 'OverridingConsensusParameters';
  }
  const { root } = tx.purpose;
  if (storage.uploadedBytecode(root)?.type !== 'completed') {
    return 'UnknownStateTransactionBytecodeRoot';
  }
  const next = Math.min(storage.stateTransitionVersion + 1, 0xffff_ffff);
  return storage.addStateTransitionBytecode(next, root)
    ? null
    : 'OverridingStateTransactionBytecode';
}

const NOTHING_YET: UploadedBytecode = {
  type: 'uncompleted',
  bytecode: new Uint8Array(0),
  uploadedSubsections: 0,
};

function uploadSubsection(tx: UploadTx, storage: VmStorage): string | null {
  const known = storage.uploadedBytecode(tx.root) ?? NOTHING_YET;
  if (known.type === 'completed') return 'BytecodeAlreadyUploaded';
  if (tx.subsectionIndex !== known.uploadedSubsections) return 'ThePartIsNotSequentiallyConnected';
  const bytecode = concatBytes(known.bytecode, witness(tx, tx.witnessIndex));
  const uploadedSubsections = known.uploadedSubsections + 1;
  if (uploadedSubsections > 0xffff) return 'ArithmeticOverflow';
  if (uploadedSubsections > tx.subsectionsNumber) {
    return 'NextSubsectionIndexIsHigherThanTotalNumberOfParts';
  }
  storage.setUploadedBytecode(
    tx.root,
    uploadedSubsections === tx.subsectionsNumber
      ? { type: 'completed', bytecode }
      : { type: 'uncompleted', bytecode, uploadedSubsections },
  );
  return null;
}
