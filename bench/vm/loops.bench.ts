/**
 * Interpreter speed on the loops that the reference was measured with. `reference` is the best
 * speed of fuel-vm 0.66.4 seen on two cores of an AMD EPYC under load, in the same unit: trust the
 * ratio only when both run on one machine. VM start is inside the time. Time is CPU time of this process.
 */
import { hexToBytes } from '../../primitives/bytes.ts';
import { ZERO_B256 } from '../../primitives/types.ts';
import { hostStorageOf } from '../../test/vectors/host.ts';
import { standardParams } from '../../tx/paramsStandard.ts';
import type { ContractInput, ScriptTx } from '../../tx/types.ts';
import { transact } from '../../vm/transact.ts';
import { type Report, setting } from '../report.ts';

type Loop = {
  readonly name: string;
  readonly instructions: number;
  /** Million instructions per second. */
  readonly reference: number;
  readonly script: string;
  /** Script data; absent: none. */
  readonly data?: string;
  readonly contract?: string;
};

const TARGET = '11'.repeat(32);
const ASSET = '22'.repeat(32);
const GAS_LIMIT = 90_000_000n;
const SEED_BYTES = 256;
const SEED_STEP = 7;
const SEED_START = 3;

/** Bytes that differ from each other. */
const NOISE: string = Array.from({ length: SEED_BYTES }, (_, i) =>
  ((SEED_START + i * SEED_STEP) % 256).toString(16).padStart(2, '0'),
).join('');
/** Contract id, two arguments, asset id: what the call loops read. */
const CALL_DATA = `${TARGET}${'00'.repeat(48)}${ASSET}`;

const LOOPS: readonly Loop[] = [
  {
    name: 'alu: addi xor add andi sub slli subi jnzi',
    instructions: 1_600_003,
    reference: 39.99,
    script:
      '72430d407250000150550007215955001051458051514fff205d540057617003594100017340000224040000',
  },
  {
    name: 'memory: lw addi sw lb sb lw sw mcpi(64) subi jnzi',
    instructions: 2_000_007,
    reference: 25.83,
    script:
      '72430d406144000a72480400264800001a4c7000604d11005d513000505140005f4d40095c553028' +
      '5e4d50295d5930145f4d6015604d1040594100017340000624040000',
    data: NOISE,
  },
  {
    name: 'sway: jal, pshl, popl, stack frame, loads, stores, compare',
    instructions: 2_400_004,
    reference: 32.07,
    script:
      '724186a072500007724800009970c00910492540514923ff59410001734000032404000095000f00' +
      '1a605000910000405f6140005f6120015d6580005d6980015565900310659680506d8020606d8020' +
      '5d6980041569968076680000470000001a5590009200004097000f009901c000',
  },
  {
    name: 'wide: wqml wqop wqop wqmm wdml wqdv subi jnzi',
    instructions: 400_013,
    reference: 13.09,
    script:
      '7240c3506144000a72480400264800001a4c7000604d110072780002487800005051302050553040' +
      '50593060505d3080a5594570a3596520a35d6564ad5d6515a45d4570a75d6560594100017340000c' +
      '24040000',
    data: NOISE,
  },
  {
    name: 'k256: hash of 32 bytes, subi, jnzi',
    instructions: 300_008,
    reference: 5.31,
    script:
      '724186a06144000a72480400264800001a4c7000604d110072500020414d3500594100017340000724040000',
    data: NOISE,
  },
  {
    name: 's256: hash of 32 bytes, subi, jnzi',
    instructions: 300_008,
    reference: 18.97,
    script:
      '724186a06144000a72480400264800001a4c7000604d110072500020424d3500594100017340000724040000',
    data: NOISE,
  },
  {
    name: 'calls: call of a contract of 2 instructions',
    instructions: 100_004,
    reference: 3.11,
    script: '72404e206144000a504910302d44048a594100017340000324040000',
    data: CALL_DATA,
    contract: '50a2800124a00000',
  },
  {
    name: 'storage: call of a contract that adds one to a slot',
    instructions: 90_004,
    reference: 4.84,
    script: '724027106144000a504910302d44048a594100017340000324040000',
    data: CALL_DATA,
    contract: '61a4000a50a6905038aaba4050aaa0013aa6ba8024a80000',
  },
];

function contractInput(): ContractInput {
  return {
    type: 'contract',
    utxoId: { txId: ZERO_B256, outputIndex: 0 },
    balanceRoot: ZERO_B256,
    stateRoot: ZERO_B256,
    txPointer: { blockHeight: 0, txIndex: 0 },
    contractId: `0x${TARGET}`,
  };
}

function scriptTx(loop: Loop): ScriptTx {
  const declares = loop.contract !== undefined;
  return {
    type: 'script',
    scriptGasLimit: GAS_LIMIT,
    receiptsRoot: ZERO_B256,
    script: hexToBytes(loop.script),
    scriptData: hexToBytes(loop.data ?? ''),
    policies: { maxFee: 0n },
    inputs: declares ? [contractInput()] : [],
    outputs: declares
      ? [{ type: 'contract', inputIndex: 0, balanceRoot: ZERO_B256, stateRoot: ZERO_B256 }]
      : [],
    witnesses: [],
  };
}

/** One execution. @returns million instructions per second of CPU time */
function measure(loop: Loop): number {
  const contracts =
    loop.contract === undefined
      ? []
      : [{ id: TARGET, code: loop.contract, slots: [], balances: [] }];
  const { storage } = hostStorageOf({ contracts });
  const before = process.cpuUsage();
  const result = transact({
    tx: scriptTx(loop),
    txId: ZERO_B256,
    params: standardParams(),
    gasPrice: 0n,
    storage,
    rules: '0.66',
    balances: { nonRetryable: new Map(), retryableBase: 0n, maxFee: 0n },
  });
  const { user, system } = process.cpuUsage(before);
  if (result.reverted) throw new Error(`${loop.name} did not end with RET`);
  return loop.instructions / (user + system);
}

/** `BENCH_RUNS`: executions of each loop. */
export async function run(report: Report): Promise<void> {
  const runs = setting('BENCH_RUNS', 12);
  for (const loop of LOOPS) {
    const speeds: number[] = [];
    for (let i = 0; i < runs; i++) speeds.push(measure(loop));
    const ratio = Math.max(...speeds) / loop.reference;
    report.add(`interpreter ${loop.name}`, 'M instr/s', speeds, {
      reference: loop.reference,
      ratio: Number(ratio.toPrecision(3)),
    });
  }
}
