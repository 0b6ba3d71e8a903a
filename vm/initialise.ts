/**
 * The state in which a program starts: what lies in memory, and the registers.
 *
 * Memory from 0: transaction id (32), base asset id (32), one balance entry of 40 bytes for each
 * possible input, size of the transaction (8), its bytes with malleable fields zeroed.
 *
 * @source fuel-vm 0.66.4, initialization
 */
import { hexToBytes } from '../primitives/bytes.ts';
import type { Address, ContractId } from '../primitives/types.ts';
import { FIELD_OFFSETS, type TxOffsets } from '../tx/offsets.ts';
import type { ChargeableTx, Input } from '../tx/types.ts';
import { BALANCE_ENTRY_BYTES, BALANCES_OFFSET, type RuntimeBalances } from './balances.ts';
import type { VmContext } from './context.ts';
import { CGAS, GGAS, IS, type Machine, PC, SP, SSP } from './machine.ts';

/** Slots of parameters without a limit. Unit: bytes. */
const OLD_SLOT_BYTES = 32n;

/** Address of the transaction's bytes in VM memory. */
export function txAddressOf(params: { readonly txParams: { readonly maxInputs: number } }): number {
  return BALANCES_OFFSET + params.txParams.maxInputs * BALANCE_ENTRY_BYTES + 8;
}

/** Lays out memory and registers; `entry` is the address of the first instruction. */
export function initialise(
  m: Machine,
  balances: RuntimeBalances,
  txBytes: Uint8Array,
  entry: number,
  gas: bigint,
): void {
  const { txAddress, params, txId } = m.ctx;
  const end = txAddress + txBytes.length;
  m.growStack(end);
  m.mem.set(hexToBytes(txId), 0);
  m.mem.set(hexToBytes(params.baseAssetId), 32);
  // A started machine's memory is zero: entries that are not written need no clearing.
  balances.write(m.mem, m.view);
  m.view.setUint32(txAddress - 4, txBytes.length);
  m.mem.set(txBytes, txAddress);
  m.setNum(SSP, end);
  m.setNum(SP, end);
  m.setReg(GGAS, gas);
  m.setReg(CGAS, gas);
  m.setNum(PC, entry);
  m.setNum(IS, entry);
}

function ownerOf(input: Input): Address | null {
  if (input.type === 'contract') return null;
  return input.type === 'coin' ? input.owner : input.recipient;
}

/**
 * Address in VM memory of "the owner" of the transaction: of the input that the owner policy names,
 * else of the first input when all inputs that have an owner agree. null: there is none.
 */
export function ownerAddressOf(ctx: VmContext): number | null {
  const { tx, txOffsets, txAddress } = ctx;
  const index = tx.policies.owner === undefined ? sharedOwner(tx) : Number(tx.policies.owner);
  const input = index === null ? undefined : tx.inputs[index];
  if (index === null || input === undefined || input.type === 'contract') return null;
  const { coinInput, messageInput } = FIELD_OFFSETS;
  const field = input.type === 'coin' ? coinInput.owner : messageInput.recipient;
  return txAddress + txOffsets.inputsOffsets[index]! + field;
}

function sharedOwner(tx: ChargeableTx): number | null {
  let first: number | null = null;
  for (const [i, input] of tx.inputs.entries()) {
    const owner = ownerOf(input);
    if (owner === null) continue;
    if (first === null) first = i;
    else if (owner !== ownerOf(tx.inputs[first]!)) return null;
  }
  return first;
}

/** What differs between the executions of one transaction. */
type Execution = Pick<
  VmContext,
  'tx' | 'txId' | 'params' | 'gasPrice' | 'rules' | 'storage' | 'balances'
> & {
  readonly txOffsets: TxOffsets;
  /** Input index of a predicate; null: the script. */
  readonly predicateIndex: number | null;
  readonly missingContracts: ContractId[] | null;
};

/** The context of an execution with nothing touched yet. `tx` has malleable fields zeroed. */
export function newContext(execution: Execution): VmContext {
  const { tx, params } = execution;
  const inputContracts = new Set<ContractId>();
  for (const input of tx.inputs) {
    if (input.type === 'contract') inputContracts.add(input.contractId);
  }
  // Named one by one: contexts then all have one shape, and none is copied property by property.
  return {
    tx,
    txId: execution.txId,
    params,
    gasPrice: execution.gasPrice,
    rules: execution.rules,
    storage: execution.storage,
    balances: execution.balances,
    txOffsets: execution.txOffsets,
    predicateIndex: execution.predicateIndex,
    missingContracts: execution.missingContracts,
    txAddress: txAddressOf(params),
    inputContracts,
    hotSlots: new Map(),
    maxSlotBytes: Number(params.scriptParams.maxStorageSlotLength ?? OLD_SLOT_BYTES),
  };
}
