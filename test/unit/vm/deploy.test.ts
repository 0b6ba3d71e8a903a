import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blobIdOf, contractId, initialStateRoot } from '../../../tx/contractId.ts';
import type { BlobTx, CreateTx, UpgradeTx, UploadTx } from '../../../tx/types.ts';
import { applyWithoutProgram } from '../../../vm/deploy.ts';
import { HostStorage } from '../../vectors/host.ts';
import { id, words } from './support.ts';

const code = words(0x24040000);
const common = { policies: {}, inputs: [], outputs: [], witnesses: [code] };

test('a contract is deployed once, with its slots', () => {
  const storage = new HostStorage(1);
  const storageSlots = [{ key: id(1), value: id(2) }];
  const tx: CreateTx = {
    ...common,
    type: 'create',
    bytecodeWitnessIndex: 0,
    salt: id(3),
    storageSlots,
  };
  assert.equal(applyWithoutProgram(tx, storage), null);
  const contract = contractId(code, id(3), initialStateRoot(storageSlots));
  assert.deepEqual(storage.contractCode(contract), code);
  assert.equal(storage.slot(contract, id(1))?.[0], 2);
  assert.equal(applyWithoutProgram(tx, storage), 'ContractIdAlreadyDeployed');
});

test('a blob is stored once', () => {
  const storage = new HostStorage(1);
  const tx: BlobTx = { ...common, type: 'blob', blobId: blobIdOf(code), witnessIndex: 0 };
  assert.equal(applyWithoutProgram(tx, storage), null);
  assert.deepEqual(storage.blob(blobIdOf(code)), code);
  assert.equal(applyWithoutProgram(tx, storage), 'BlobIdAlreadyUploaded');
});

test('subsections come in order, and the last one completes the bytecode', () => {
  const storage = new HostStorage(1);
  const part = (subsectionIndex: number): UploadTx => ({
    ...common,
    type: 'upload',
    root: id(4),
    witnessIndex: 0,
    subsectionIndex,
    subsectionsNumber: 2,
    proofSet: [],
  });
  assert.equal(applyWithoutProgram(part(1), storage), 'ThePartIsNotSequentiallyConnected');
  assert.equal(applyWithoutProgram(part(0), storage), null);
  assert.equal(storage.uploadedBytecode(id(4))?.type, 'uncompleted');
  const upgrade: UpgradeTx = {
    ...common,
    type: 'upgrade',
    purpose: { type: 'stateTransition', root: id(4) },
  };
  assert.equal(applyWithoutProgram(upgrade, storage), 'UnknownStateTransactionBytecodeRoot');
  assert.equal(applyWithoutProgram(part(1), storage), null);
  const whole = storage.uploadedBytecode(id(4));
  assert.equal(whole?.type, 'completed');
  assert.equal(whole?.bytecode.length, 8);
  assert.equal(applyWithoutProgram(part(1), storage), 'BytecodeAlreadyUploaded');
  assert.equal(applyWithoutProgram(upgrade, storage), null);
  assert.equal(applyWithoutProgram(upgrade, storage), 'OverridingStateTransactionBytecode');
});
