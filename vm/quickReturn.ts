/**
 * Scripts that end at once, without a VM: the empty one, and one that begins with `RET` of a
 * register that is known at the start. Transfers are such scripts. Results are those of the VM.
 */
import { type B256, ZERO_B256 } from '../primitives/types.ts';
import { gasCost } from '../tx/fees.ts';
import { receiptsRoot } from '../tx/header.ts';
import type { ConsensusParameters } from '../tx/params.ts';
import type { Receipt } from '../tx/receipt.ts';
import type { ScriptTx } from '../tx/types.ts';
import { ReceiptList } from './receipts.ts';
import type { ScriptEnd } from './transact.ts';

const SUCCESS = 0n;
/** Where the program lies inside every script transaction. Unit: bytes. */
const SCRIPT_OFFSET = 96;

/** Roots by what they depend on, for each set of parameters: there are a handful. */
const roots: WeakMap<ConsensusParameters, Map<number, B256>> = new WeakMap();
const ROOTS_MAX = 64;

/** The end of the script, or null when it needs the VM. */
export function quickReturn(
  tx: ScriptTx,
  params: ConsensusParameters,
  txAddress: number,
): ScriptEnd | null {
  const end = quickValue(tx.script, params, tx.scriptGasLimit);
  if (end === null) return null;
  const start = txAddress + SCRIPT_OFFSET;
  const { value, gasUsed } = end;
  const at = BigInt(start);
  const receipt: Receipt = { type: 'return', id: ZERO_B256, val: value, pc: at, is: at };
  const receipts = new ReceiptList(null);
  receipts.push(receipt);
  let known = roots.get(params);
  if (known === undefined) {
    known = new Map();
    roots.set(params, known);
  }
  // The gas follows from the parameters and from whether there is a program at all.
  const key = start * 4 + Number(value) * 2 + (tx.script.length === 0 ? 0 : 1);
  let root = known.get(key);
  if (root === undefined) {
    root = receiptsRoot([receipt, { type: 'scriptResult', result: SUCCESS, gasUsed }]);
    if (known.size < ROOTS_MAX) known.set(key, root);
  }
  const state = { type: 'return', value } as const;
  return { receipts, state, result: SUCCESS, gasUsed, receiptsRoot: root };
}

const RET_OPCODE = 0x24;
/** 18 reserved bits must be zero. */
const RET_RESERVED = 0x3ffff;
const ZERO = 0;
const ONE = 1;
const FIRST_WRITABLE = 16;
const ADDRESS_SPACE = 1 << 26;

/**
 * Value and gas of a program that is a bare `RET` within its gas limit; null when it is not one.
 * An empty program returns 1 for nothing.
 */
export function quickValue(
  program: Uint8Array,
  params: ConsensusParameters,
  gasLimit: bigint,
): { readonly value: bigint; readonly gasUsed: bigint } | null {
  if (program.length === 0) return { value: 1n, gasUsed: 0n };
  if (program.length < 4 || program.length > ADDRESS_SPACE) return null;
  const word = new DataView(program.buffer, program.byteOffset, 4).getUint32(0);
  if (word >>> 24 !== RET_OPCODE || (word & RET_RESERVED) !== 0) return null;
  const register = (word >>> 18) & 0x3f;
  if (register !== ZERO && register !== ONE && register < FIRST_WRITABLE) return null;
  const gasUsed = gasCost(params, 'ret_contract');
  if (typeof gasUsed !== 'bigint' || gasUsed > gasLimit) return null;
  return { value: register === ONE ? 1n : 0n, gasUsed };
}
