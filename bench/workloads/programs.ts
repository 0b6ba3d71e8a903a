/** The programs of the workloads: a script that calls contracts, a predicate, contracts at genesis. */
import { readFileSync } from 'node:fs';
import { bytesToHex, concatBytes, hexToBytes, utf8, writeU64 } from '../../primitives/bytes.ts';
import { sha256, sha256Hex } from '../../primitives/hash.ts';
import type { AssetId, B256, ContractId } from '../../primitives/types.ts';
import type { GenesisContract } from '../../test/support/funded.ts';
import { testDataUrl } from '../../test/vectors/host.ts';
import { dependentCost, gasCost } from '../../tx/fees.ts';
import type { ConsensusParameters } from '../../tx/params.ts';
import { assemble } from '../../vm/asm.ts';
import * as op from '../../vm/gen/op.ts';
import { txAddressOf } from '../../vm/initialise.ts';

const ZERO = 0;
const ONE = 1;
const SP = 5;
const FP = 6;
const CGAS = 10;
/** GTF: address of the script data; of the data of predicate input `index`. */
const GTF_SCRIPT_DATA = 0x00a;
const GTF_PREDICATE_DATA = 0x20c;
/** Bytes that one turn of work hashes. */
const HASHED_BYTES = 32;
/** Amount, asset, target with two parameters. */
const CALL_BYTES = 8 + 32 + 48;
/** Gas of one call; the dearest (a swap) needs about a fifth of it. */
const CALL_GAS = 200_000n;

/** One call of a script. */
export type Call = {
  readonly contractId: ContractId;
  /** Of a Sway contract: the method's name; null: `args` are two words. */
  readonly method: string | null;
  readonly args: Uint8Array;
  readonly coins: bigint;
  readonly assetId: AssetId;
};

export function u64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  writeU64(bytes, 0, value);
  return bytes;
}

/**
 * Hashes 32 bytes of its stack over and over: as many turns as the first word of the data says.
 * Hashing costs about the same whatever engine runs the program. 16: data, 17: turns, 18: bytes.
 */
function workWords(firstIndex: number): number[] {
  const loop = firstIndex + 6;
  return [
    op.lw(17, 16, 0),
    op.cfei(HASHED_BYTES),
    op.subi(18, SP, HASHED_BYTES),
    op.movi(19, HASHED_BYTES),
    op.jnzi(17, loop),
    op.jmpf(ZERO, 3),
    op.s256(18, 18, 19),
    op.subi(17, 17, 1),
    op.jnzi(17, loop),
  ];
}

const scripts: Map<number, Uint8Array> = new Map();

/** Does the work, then the calls, one after the other. Code is the same for all of one `callCount`. */
export function callScript(callCount: number): Uint8Array {
  const known = scripts.get(callCount);
  if (known !== undefined) return known;
  const words = [op.gtf(16, ZERO, GTF_SCRIPT_DATA)];
  words.push(...workWords(words.length));
  for (let i = 0; i < callCount; i += 1) {
    const at = 8 + i * CALL_BYTES;
    words.push(op.lw(17, 16, at / 8), op.addi(18, 16, at + 8), op.addi(20, 16, at + 40));
    words.push(op.call(20, 17, 18, CGAS));
  }
  words.push(op.ret(ONE));
  const script = assemble(words);
  scripts.set(callCount, script);
  return script;
}

/**
 * The data of {@link callScript}.
 * @param scriptDataOffset of the data in the canonical bytes
 */
export function callData(
  work: number,
  calls: readonly Call[],
  scriptDataOffset: number,
  params: ConsensusParameters,
): Uint8Array {
  const start = txAddressOf(params) + scriptDataOffset;
  let textAt = start + 8 + calls.length * CALL_BYTES;
  const heads: Uint8Array[] = [u64(BigInt(work))];
  const texts: Uint8Array[] = [];
  for (const { contractId, method, args, coins, assetId } of calls) {
    heads.push(u64(coins), hexToBytes(assetId), hexToBytes(contractId));
    if (method === null) {
      heads.push(args);
      continue;
    }
    const name = concatBytes(u64(BigInt(method.length)), utf8(method));
    heads.push(u64(BigInt(textAt)), u64(BigInt(textAt + name.length)));
    texts.push(name, args);
    textAt += name.length + args.length;
  }
  return concatBytes(...heads, ...texts);
}

/** Gas limit of {@link callScript}: enough for every workload. */
export function callGas(work: number, callCount: number, params: ConsensusParameters): bigint {
  const hash = gasCost(params, 's256') ?? 0n;
  const turn = dependentCost(hash, BigInt(HASHED_BYTES)) + 20n;
  return 20_000n + BigInt(work) * turn + BigInt(callCount) * CALL_GAS;
}

/** Does the work that its data asks for, then agrees. */
export const WORK_PREDICATE: Uint8Array = assemble([
  op.gtf(16, ZERO, GTF_PREDICATE_DATA),
  ...workWords(1),
  op.ret(ONE),
]);

/** Number `n` of the contracts that mint one coin to themselves and count in one slot. */
export function minterContract(n: number): GenesisContract {
  const code = assemble([
    op.cfei(64),
    op.subi(18, SP, 64),
    op.srw(19, 20, 18, 0),
    op.addi(19, 19, 1),
    op.sww(18, 20, 19),
    op.addi(21, 18, 32),
    op.mint(ONE, 21),
    op.log(19, FP, ZERO, ZERO),
    op.ret(19),
  ]);
  return { id: sha256Hex(utf8(`fuelrail minting contract ${n}`)), code, slots: [] };
}

type SwayName = 'token' | 'amm' | 'orderbook' | 'oracle_feed' | 'counter';

const compiled: Map<SwayName, Pick<GenesisContract, 'code' | 'slots'>> = new Map();

/** Number `n` of the contracts of a compiled Sway program (test/data/sway). */
export function swayContract(name: SwayName, n: number): GenesisContract {
  let program = compiled.get(name);
  if (program === undefined) {
    const slots = readFileSync(testDataUrl(`sway/${name}/${name}-storage_slots.json`), 'utf8');
    program = {
      code: new Uint8Array(readFileSync(testDataUrl(`sway/${name}/${name}.bin`))),
      slots: JSON.parse(slots) as GenesisContract['slots'],
    };
    compiled.set(name, program);
  }
  return { id: sha256Hex(utf8(`fuelrail ${name} contract ${n}`)), ...program };
}

/** Slot of a storage field of Sway. */
export function fieldSlot(name: string): B256 {
  return sha256Hex(utf8(`\0storage.${name}`));
}

/** Slot of the entry `key` (encoded) of a storage map of Sway, as forc 0.68 lays it out. */
export function mapSlot(name: string, key: Uint8Array): B256 {
  const field = sha256(utf8(`\0storage.${name}`));
  return sha256Hex(concatBytes(Uint8Array.of(1), key, field));
}

/** A slot that holds one u64. */
export function u64Slot(key: B256, value: bigint): { key: string; value: string } {
  return { key, value: bytesToHex(concatBytes(u64(value), new Uint8Array(24))) };
}

/** The two assets that the compiled AMM trades. */
export const AMM_ASSETS: readonly [AssetId, AssetId] = [
  '0xf8f8b6283d7fa5b672b530cbb84fcccb4ff8dc40f8176ef4544ddb1f1952ad07',
  `0x${'22'.repeat(32)}`,
];
