import assert from 'node:assert/strict';
import { test } from 'node:test';
import { estimatePredicates } from '../../../predicates/estimate.ts';
import { predicateInputs, verifyPredicates } from '../../../predicates/verify.ts';
import { predicateOwner } from '../../../tx/contractId.ts';
import { txId } from '../../../tx/id.ts';
import type { CoinInput, ScriptTx } from '../../../tx/types.ts';
import { coin, op, PARAMS, script, words } from '../vm/support.ts';

const RET = 0x24;
const NOOP = 0x47000000;
const LOG = 0x33;
const noBlobs = { blob: (): null => null };

function lockedBy(predicate: Uint8Array, predicateGasUsed: bigint): ScriptTx {
  const input: CoinInput = {
    ...(coin(10n) as CoinInput),
    owner: predicateOwner(predicate),
    predicate,
    predicateGasUsed,
  };
  return script(new Uint8Array(0), { inputs: [coin(1n), input] });
}

function verdict(tx: ScriptTx): unknown {
  const result = verifyPredicates(tx, txId(tx, 0n), PARAMS, noBlobs, '0.66');
  return result.ok ? result.gasUsed : result.error;
}

/** Once as a bare return, which needs no VM, and once behind another instruction. */
const YES = [words(op(RET, 1)), words(NOOP, op(RET, 1))];
const NO = [words(op(RET, 0)), words(NOOP, op(RET, 0))];

test('estimated gas is what verification wants, exactly', () => {
  for (const code of YES) {
    const tx = estimatePredicates(
      lockedBy(code, 0n),
      undefined,
      PARAMS,
      noBlobs,
      '0.66',
    ) as ScriptTx;
    const gas = (tx.inputs[1] as CoinInput).predicateGasUsed;
    assert.ok(gas > 0n);
    assert.equal(verdict(tx), gas);
    assert.deepEqual(verdict(lockedBy(code, gas + 1n)), { name: 'GasMismatch', index: 1 });
    assert.deepEqual(verdict(lockedBy(code, gas - 1n)), { name: 'OutOfGas', index: 1 });
  }
});

test('a predicate that returns anything but 1 fails, but can be estimated', () => {
  for (const code of NO) {
    const tx = estimatePredicates(
      lockedBy(code, 0n),
      undefined,
      PARAMS,
      noBlobs,
      '0.66',
    ) as ScriptTx;
    assert.deepEqual(verdict(tx), { name: 'Panic', index: 1, reason: 'PredicateReturnedNonOne' });
  }
});

test('code of another owner is refused before it runs', () => {
  const tx = lockedBy(YES[0]!, 0n);
  (tx.inputs[1] as CoinInput).predicate = YES[1]!;
  assert.deepEqual(verdict(tx), { name: 'InvalidOwner', index: 1 });
});

test('instructions of contracts are not allowed', () => {
  const instruction = op(LOG, 0, 0, 0, 0);
  const error = verdict(lockedBy(words(instruction), 1000n));
  const reason = 'ContractInstructionNotAllowed';
  assert.deepEqual(error, { name: 'PanicInstruction', index: 1, reason, instruction });
});

test('more gas than a transaction may use is refused as a whole', () => {
  const tx = lockedBy(YES[0]!, PARAMS.txParams.maxGasPerTx);
  assert.equal((verdict(tx) as { name: string }).name, 'TransactionExceedsTotalGasAllowance');
});

test('only inputs with a program count', () => {
  assert.deepEqual(
    predicateInputs(lockedBy(YES[0]!, 0n)).map((p) => p.index),
    [1],
  );
});
