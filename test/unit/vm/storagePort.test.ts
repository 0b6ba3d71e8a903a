import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hexToBytes } from '../../../primitives/bytes.ts';
import { type ContractId, ZERO_B256 } from '../../../primitives/types.ts';
import { assetIdOf } from '../../../tx/contractId.ts';
import type { Input, Output } from '../../../tx/types.ts';
import { HostStorage } from '../../vectors/host.ts';
import { change, coin, execute, id, op, script, words } from './support.ts';

const TARGET: ContractId = id(8);
/** r17 = address of the script data, whose first 32 bytes are the contract id. */
const DATA_TO_17 = ((0x61 << 24) | (17 << 18) | 0x00a) >>> 0;
const CALL = op(0x2d, 17, 0, 17, 10);
const RET_ONE = op(0x24, 1);
const SWW = op(0x3a, 17, 20, 1);
const SRW = op(0x38, 21, 22, 17);
const MINT = op(0x35, 1, 17);
const BURN = op(0x2c, 1, 17);

/** Notes which values the VM reads and writes, as the executor does for the contract roots. */
class Recorder extends HostStorage {
  readonly log: string[] = [];
  override slot(...args: Parameters<HostStorage['slot']>): Uint8Array | null {
    this.log.push('slot');
    return super.slot(...args);
  }
  override setSlot(...args: Parameters<HostStorage['setSlot']>): void {
    this.log.push('setSlot');
    super.setSlot(...args);
  }
  override balance(...args: Parameters<HostStorage['balance']>): bigint | null {
    this.log.push('balance');
    return super.balance(...args);
  }
  override setBalance(...args: Parameters<HostStorage['setBalance']>): void {
    this.log.push('setBalance');
    super.setBalance(...args);
  }
  override clearBalance(...args: Parameters<HostStorage['clearBalance']>): void {
    this.log.push('clearBalance');
    super.clearBalance(...args);
  }
}

function run(...code: readonly number[]): Recorder {
  const storage = new Recorder(1);
  storage.codes.set(TARGET, words(DATA_TO_17, ...code, RET_ONE));
  const scriptData = new Uint8Array(80);
  scriptData.set(hexToBytes(TARGET));
  const contract: Input = {
    type: 'contract',
    utxoId: { txId: ZERO_B256, outputIndex: 0 },
    balanceRoot: ZERO_B256,
    stateRoot: ZERO_B256,
    txPointer: { blockHeight: 0, txIndex: 0 },
    contractId: TARGET,
  };
  const output: Output = {
    type: 'contract',
    inputIndex: 0,
    balanceRoot: ZERO_B256,
    stateRoot: ZERO_B256,
  };
  const tx = script(words(DATA_TO_17, CALL, RET_ONE), {
    scriptData,
    scriptGasLimit: 10_000_000n,
    inputs: [contract, coin(1000n)],
    outputs: [output, change()],
  });
  const result = execute(tx, { storage });
  assert.equal(
    result.reverted,
    false,
    JSON.stringify(result.receipts, (_, v) => String(v)),
  );
  return storage;
}

test('a slot is read from storage once; what was touched stays known', () => {
  assert.deepEqual(run(SWW, SRW, SRW).log, ['slot', 'setSlot']);
  assert.deepEqual(run(SRW, SWW, SRW).log, ['slot', 'setSlot']);
});

test('minting reads and writes the balance; burning all of it removes the entry', () => {
  assert.deepEqual(run(MINT).log, ['balance', 'setBalance']);
  const storage = run(MINT, BURN);
  assert.deepEqual(storage.log, ['balance', 'setBalance', 'balance', 'clearBalance']);
  assert.equal(storage.balances.get(TARGET + assetIdOf(TARGET, TARGET)), undefined);
});

test('minting and burning nothing touches no balance', () => {
  const nothing = [op(0x35, 0, 17), op(0x2c, 0, 17)];
  assert.deepEqual(run(...nothing).log, []);
});

test('a call without coins touches no balance', () => {
  assert.deepEqual(run().log, []);
});
