/** What the measurements run: contract calls on compiled Sway, and mixes of them with transfers. */
import { readFileSync } from 'node:fs';
import { concatBytes, hexToBytes, utf8, writeU64 } from '../primitives/bytes.ts';
import { sha256Hex } from '../primitives/hash.ts';
import type { ContractId } from '../primitives/types.ts';
import { ZERO_B256 } from '../primitives/types.ts';
import {
  type Coin,
  coinInput,
  coinOf,
  type FundedChain,
  fundedChain,
  type GenesisContract,
  keyOf,
  type Signed,
  scriptOf,
  signed,
  transferOf,
} from '../test/support/funded.ts';
import { testDataUrl } from '../test/vectors/host.ts';
import { txOffsets } from '../tx/offsets.ts';
import type { ConsensusParameters } from '../tx/params.ts';
import type { ContractInput, Input, Output, ScriptTx } from '../tx/types.ts';
import { txAddressOf } from '../vm/initialise.ts';

/** Gas for one call; the counter needs about a tenth of the smaller one. */
const CALL_GAS = 100_000n;
const COMPUTE_GAS = 1_000_000n;
/** Turns of the loop in the computing contract, two instructions each. */
const COMPUTE_TURNS = 200_000;
const ONE = 1n;
/** Receives what the transfers send. */
const SINK_KEY = 1_000_000;

let counterCode: Uint8Array | null = null;

/** Number `n` of the counter contracts (test/data/sway/counter), compiled by the Sway compiler. */
export function counterContract(n: number): GenesisContract {
  counterCode ??= new Uint8Array(readFileSync(testDataUrl('sway/counter/counter.bin')));
  const slots = readFileSync(testDataUrl('sway/counter/counter-storage_slots.json'), 'utf8');
  return {
    id: sha256Hex(utf8(`fuelrail counter ${n}`)),
    code: counterCode,
    slots: JSON.parse(slots) as GenesisContract['slots'],
  };
}

/** Number `n` of the contracts that only compute: MOVI turns · SUBI · JNZI back · RET zero. */
function computeContract(n: number): GenesisContract {
  const code = codeOf([0x7240_0000 | COMPUTE_TURNS, 0x5941_0001, 0x7340_0001, 0x2400_0000]);
  return { id: sha256Hex(utf8(`fuelrail computing contract ${n}`)), code, slots: [] };
}

function codeOf(words: readonly number[]): Uint8Array {
  const code = new Uint8Array(4 * words.length);
  const view = new DataView(code.buffer);
  words.forEach((word, i) => {
    view.setUint32(4 * i, word >>> 0);
  });
  return code;
}

function u64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  writeU64(bytes, 0, value);
  return bytes;
}

/** MOVI r16 data · MOVI r17 32 (the base asset's id) · CALL r16 zero r17 cgas · RET one. */
function callScript(dataAddress: number): Uint8Array {
  return codeOf([
    0x7200_0000 | (16 << 18) | dataAddress,
    0x7200_0000 | (17 << 18) | 32,
    0x2d00_0000 | (16 << 18) | (17 << 6) | 10,
    0x2400_0000 | (1 << 18),
  ]);
}

function contractInput(contractId: ContractId): ContractInput {
  return {
    type: 'contract',
    utxoId: { txId: ZERO_B256, outputIndex: 0 },
    balanceRoot: ZERO_B256,
    stateRoot: ZERO_B256,
    txPointer: { blockHeight: 0, txIndex: 0 },
    contractId,
  };
}

/** Calls the method `name` of a Sway contract with encoded `args`. */
export function callOf(
  coin: Coin,
  contractId: ContractId,
  name: string,
  args: Uint8Array,
  params: ConsensusParameters,
  scriptGasLimit: bigint = CALL_GAS,
): Signed<ScriptTx> {
  const assetId = params.baseAssetId;
  const inputs: Input[] = [contractInput(contractId), coinInput(coin, assetId)];
  const outputs: Output[] = [
    { type: 'contract', inputIndex: 0, balanceRoot: ZERO_B256, stateRoot: ZERO_B256 },
    { type: 'change', to: coin.key.address, amount: 0n, assetId },
  ];
  const parts = { inputs, outputs, scriptGasLimit };
  const sized = scriptOf(coin, params, { ...parts, script: callScript(0) });
  const at = txAddressOf(params) + (txOffsets(sized).scriptDataOffset ?? 0);
  const encodedName = concatBytes(u64(BigInt(name.length)), utf8(name));
  const nameAt = at + 48;
  const scriptData = concatBytes(
    hexToBytes(contractId),
    u64(BigInt(nameAt)),
    u64(BigInt(nameAt + encodedName.length)),
    encodedName,
    args,
  );
  const tx = scriptOf(coin, params, { ...parts, script: callScript(at), scriptData });
  return signed(tx, coin.key, params.chainId);
}

export type Workload =
  | 'transfers'
  | 'private contracts'
  | 'private computing'
  | 'one hot contract'
  | 'mixed';
export const WORKLOADS: readonly Workload[] = [
  'transfers',
  'private contracts',
  'private computing',
  'one hot contract',
  'mixed',
];

export type Made = { readonly chain: FundedChain; readonly txs: readonly Signed<ScriptTx>[] };

/**
 * `count` independent transactions of a kind and the chain that they run on. Private: a contract
 * for each call. Computing: 400,000 instructions each, no storage. Mixed: of ten, six transfers, three private calls, one call of the hot contract.
 */
export function workload(kind: Workload, count: number, params: ConsensusParameters): Made {
  const coins: Coin[] = [];
  const contracts: Map<number, GenesisContract> = new Map();
  const txs: Signed<ScriptTx>[] = [];
  const by = u64(ONE);
  for (let i = 0; i < count; i++) {
    const coin = coinOf(i);
    coins.push(coin);
    const number = contractNumber(kind, i);
    if (number === null) {
      txs.push(transferOf(coin, keyOf(SINK_KEY).address, 1_000n, params));
      continue;
    }
    const isCompute = kind === 'private computing';
    const make = isCompute ? computeContract : counterContract;
    const contract = contracts.get(number) ?? make(number);
    contracts.set(number, contract);
    const gas = isCompute ? COMPUTE_GAS : CALL_GAS;
    txs.push(callOf(coin, contract.id, 'increment', by, params, gas));
  }
  return { chain: fundedChain(coins, [...contracts.values()], params), txs };
}

/** Which contract transaction `i` calls; 0 is the hot one; null: none. */
function contractNumber(kind: Workload, i: number): number | null {
  switch (kind) {
    case 'transfers':
      return null;
    case 'private contracts':
    case 'private computing':
      return i + 1;
    case 'one hot contract':
      return 0;
    case 'mixed':
      return i % 10 < 6 ? null : i % 10 < 9 ? i + 1 : 0;
  }
}
