/** Engines against each other on long random programs; no reference program is needed. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, test } from 'node:test';
import { hexToBytes } from '../../../primitives/bytes.ts';
import { ZERO_B256 } from '../../../primitives/types.ts';
import type { ContractInput, Output } from '../../../tx/types.ts';
import { configureEngine, type EngineChoice } from '../../../vm/engine.ts';
import { type Machine, MEM_BYTES } from '../../../vm/machine.ts';
import { type TransactInput, transact } from '../../../vm/transact.ts';
import { longRequest } from '../../diff/long/request.ts';
import { b256, hostStorageOf } from '../../vectors/host.ts';
import type { JsonObject } from '../../vectors/json.ts';
import { change, coin, PARAMS, script } from './support.ts';

const PROGRAMS = 24;
const SEED = 20_26;
const ENGINES: readonly EngineChoice[] = [
  { setting: 'interpreter' },
  { setting: 'jit' },
  { setting: 'auto' },
  { setting: 'random', seed: 1 },
  { setting: 'random', seed: 2 },
  { setting: 'random', seed: 3 },
];

after(() => configureEngine({ setting: 'interpreter' }));

function inputOf(request: JsonObject, gas: bigint): TransactInput {
  const { storage, ids } = hostStorageOf(request);
  const contracts = ids.map(
    (contractId): ContractInput => ({
      type: 'contract',
      utxoId: { txId: ZERO_B256, outputIndex: 0 },
      balanceRoot: ZERO_B256,
      stateRoot: ZERO_B256,
      txPointer: { blockHeight: 0, txIndex: 0 },
      contractId,
    }),
  );
  const outputs = contracts.map(
    (_, inputIndex): Output => ({
      type: 'contract',
      inputIndex,
      balanceRoot: ZERO_B256,
      stateRoot: ZERO_B256,
    }),
  );
  const tx = script(hexToBytes(request['script'] as string), {
    scriptData: hexToBytes(request['data'] as string),
    scriptGasLimit: gas,
    inputs: [...contracts, coin(1_000n)],
    outputs: [...outputs, change()],
  });
  return {
    tx,
    txId: b256('11'.repeat(32)),
    params: PARAMS,
    gasPrice: 0n,
    storage,
    rules: '0.66',
    balances: { nonRetryable: new Map([[ZERO_B256, 1_000n]]), retryableBase: 0n, maxFee: 0n },
  };
}

/** Everything that an engine could get wrong, as text. */
function outcome(request: JsonObject, gas: bigint, isObserved: boolean): [string, bigint] {
  let machine = '';
  const end = (m: Machine): void => {
    const hash = createHash('sha256').update(m.mem.subarray(0, m.stackHigh));
    hash.update(m.mem.subarray(m.lo[7]!, MEM_BYTES)).update(m.lo).update(m.hi);
    machine = `${m.stackHigh} ${hash.digest('hex')}`;
  };
  const observe = isObserved ? { end, step: () => {} } : { end };
  const result = transact({ ...inputOf(request, gas), observe });
  const text = JSON.stringify([result.receipts, result.programState, machine], (_, value) =>
    typeof value === 'bigint' ? `${value}n` : value,
  );
  return [text, result.gasUsed];
}

test(`every engine ends ${PROGRAMS} programs alike, with gas and without (seed ${SEED})`, () => {
  for (let i = 0; i < PROGRAMS; i++) {
    const request = longRequest(SEED, i);
    configureEngine({ setting: 'interpreter' });
    const [expected, used] = outcome(request, 100_000n, true);
    const short = (used * BigInt(i)) / BigInt(PROGRAMS);
    const [expectedShort] = outcome(request, short, true);
    for (const choice of ENGINES) {
      configureEngine(choice);
      const name = `program ${i}, ${choice.setting} ${choice.seed ?? ''}`;
      assert.equal(outcome(request, 100_000n, false)[0], expected, name);
      assert.equal(outcome(request, short, false)[0], expectedShort, `${name}, gas ${short}`);
    }
  }
});
