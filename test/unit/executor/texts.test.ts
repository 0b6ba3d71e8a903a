import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prettyDebug, skipText } from '../../../executor/texts.ts';

test('pretty debug form of nested values', () => {
  assert.equal(prettyDebug('GasOverflow'), 'GasOverflow');
  assert.equal(
    prettyDebug('Validity(InputInvalidSignature { index: 0 })'),
    'Validity(\n    InputInvalidSignature {\n        index: 0,\n    },\n)',
  );
  assert.equal(prettyDebug('A { a: 1, b: "x, { y }" }'), 'A {\n    a: 1,\n    b: "x, { y }",\n}');
});

test('texts of the reference', () => {
  const id = `0x${'ab'.repeat(32)}` as const;
  assert.equal(skipText.transactionIdCollision(id), `Transaction id was already used: ${id}`);
  assert.equal(
    skipText.coinDoesNotExist(`${id}0001`),
    `The specified coin(${id}0001) doesn't exist`,
  );
  assert.equal(
    skipText.vmExecution(id, 'ContractIdAlreadyDeployed'),
    `Transaction(${id}) execution error: "Execution error: ContractIdAlreadyDeployed"`,
  );
  assert.equal(
    skipText.insufficientMaxFee(1n, 2n),
    'InsufficientMaxFee { max_fee_from_policies: 1, max_fee_from_gas_price: 2 }',
  );
});
