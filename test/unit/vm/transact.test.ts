import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hexToBytes } from '../../../primitives/bytes.ts';
import { ZERO_B256 } from '../../../primitives/types.ts';
import { PANIC } from '../../../vm/panic.ts';
import { HostStorage } from '../../vectors/host.ts';
import { change, coin, execute, id, op, script, words } from './support.ts';

const RET = 0x24;
const GTF = 0x61;
const CALL = 0x2d;
/** r17 = address of the script data. */
const DATA_TO_17 = (GTF << 24) | (17 << 18) | (0 << 12) | 0x00a;
const observe = { end: (): void => {} };

test('scripts that end at once give the same with and without a VM', () => {
  for (const code of [
    new Uint8Array(0),
    words(op(RET, 1)),
    words(op(RET, 0)),
    words(op(RET, 40), 7),
  ]) {
    for (const scriptGasLimit of [100_000n, 0n]) {
      const tx = script(code, { scriptGasLimit });
      assert.deepEqual(execute(tx), execute(tx, { observe }));
    }
  }
});

test('a return of a system register needs the VM: its value is right', () => {
  const result = execute(script(words(op(RET, 9))));
  assert.deepEqual(result.programState, { type: 'return', value: 99_987n });
  assert.equal(result.reverted, false);
  assert.equal(result.gasUsed, 13n);
});

test('a declared contract that does not exist refuses the transaction', () => {
  const contract = {
    type: 'contract' as const,
    utxoId: { txId: ZERO_B256, outputIndex: 0 },
    balanceRoot: ZERO_B256,
    stateRoot: ZERO_B256,
    txPointer: { blockHeight: 0, txIndex: 0 },
    contractId: id(7),
  };
  const tx = script(words(op(RET, 1)), { inputs: [contract, coin(1n)], outputs: [change()] });
  const result = execute(tx);
  assert.equal(result.refused, 'InputContractDoesNotExist');
  assert.equal(result.receipts.length, 0);
});

function callOf(target: number): Parameters<typeof execute>[0] {
  const scriptData = new Uint8Array(80);
  scriptData.set(hexToBytes(id(target)));
  const code = words(DATA_TO_17, op(CALL, 17, 0, 17, 10), op(RET, 1));
  return script(code, { scriptData });
}

test('an undeclared contract stops the script, and the receipt names it', () => {
  const storage = new HostStorage(1);
  storage.codes.set(id(8), words(op(RET, 1)));
  const result = execute(callOf(8), { storage });
  assert.equal(result.reverted, true);
  const panic = result.receipts.at(-2);
  assert.equal(panic?.type === 'panic' && panic.reason, PANIC.ContractNotInInputs);
  assert.equal(panic?.type === 'panic' && panic.contractId, id(8));
  assert.deepEqual(result.missingContracts, []);
});

test('a dry run goes on after an undeclared contract and lists it', () => {
  const storage = new HostStorage(1);
  storage.codes.set(id(8), words(op(RET, 1)));
  const result = execute(callOf(8), { storage, onMissingContract: 'collect' });
  assert.deepEqual(result.missingContracts, [id(8)]);
  assert.deepEqual(result.programState, { type: 'return', value: 1n });
  assert.equal(result.reverted, true);
  const types = result.receipts.map((r) => r.type);
  assert.deepEqual(types, ['call', 'return', 'return', 'scriptResult', 'panic']);
  const last = result.receipts.at(-1);
  assert.equal(last?.type === 'panic' && last.contractId, id(8));
});

test('a contract that does not exist is a panic of its own, also in a dry run', () => {
  const result = execute(callOf(8), { onMissingContract: 'collect' });
  const panic = result.receipts.at(-2);
  assert.equal(panic?.type === 'panic' && panic.reason, PANIC.ContractNotFound);
});
