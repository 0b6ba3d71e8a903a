/** What several families need: ids in memory, declared contracts, balances of contracts. */
import type { AssetId, B256, ContractId } from '../../primitives/types.ts';
import { idText } from '../ids.ts';
import type { Machine } from '../machine.ts';
import { PANIC } from '../panic.ts';
import type { Step } from '../row.ts';
import { chargeNewBytes } from './charge.ts';

const U64_MAX = 0xffff_ffff_ffff_ffffn;
/** A balance entry: asset id and amount. Unit: bytes. */
const BALANCE_ENTRY_BYTES = 40;

/** 32 bytes at an address whose range is readable. */
export function idAt(m: Machine, address: number): B256 {
  return idText(m.view, address);
}

/**
 * The strict access list: only contracts among the inputs may be touched. In a dry run the missing
 * ones are collected instead.
 */
export function checkDeclared(m: Machine, contract: ContractId): Step {
  if (m.ctx.inputContracts.has(contract)) return 0;
  if (m.ctx.missingContracts !== null) {
    m.ctx.missingContracts.push(contract);
    return 0;
  }
  m.panicContract = contract;
  return PANIC.ContractNotInInputs;
}

/** Credits a contract and charges for a new entry. Zero amounts leave no trace. */
export function credit(m: Machine, contract: ContractId, asset: AssetId, amount: bigint): Step {
  if (amount === 0n) return 0;
  const old = m.ctx.storage.balance(contract, asset);
  const sum = (old ?? 0n) + amount;
  if (sum > U64_MAX) return PANIC.BalanceOverflow;
  m.ctx.storage.setBalance(contract, asset, sum);
  return old === null ? chargeNewBytes(m, BALANCE_ENTRY_BYTES) : 0;
}

/** Makes a balance entry of zero, unless there is one already, and charges for it. */
export function creditNothing(m: Machine, contract: ContractId, asset: AssetId): Step {
  const old = m.ctx.storage.balance(contract, asset);
  m.ctx.storage.setBalance(contract, asset, old ?? 0n);
  return old === null ? chargeNewBytes(m, BALANCE_ENTRY_BYTES) : 0;
}

/** Debits a contract, or the free balance of the transaction outside contracts. */
export function debit(m: Machine, from: ContractId | null, asset: AssetId, amount: bigint): Step {
  if (amount === 0n) return 0;
  if (from === null) {
    return m.ctx.balances.subtract(m.view, asset, amount) ? 0 : PANIC.NotEnoughBalance;
  }
  const old = m.ctx.storage.balance(from, asset) ?? 0n;
  if (old < amount) return PANIC.NotEnoughBalance;
  m.ctx.storage.setBalance(from, asset, old - amount);
  return 0;
}

/** Length rounded up to whole words. */
export function padded(length: number): number {
  return Math.ceil(length / 8) * 8;
}

/**
 * Fills an owned, writable range from stored bytes at an offset, with zeros behind their end.
 * Checks ownership of the range.
 */
export function copyStored(
  m: Machine,
  to: number,
  length: number,
  stored: Uint8Array,
  offset: bigint,
): void {
  const from = offset < BigInt(stored.length) ? Number(offset) : stored.length;
  const part = stored.subarray(from, from + length);
  m.mem.set(part, to);
  m.mem.fill(0, to + part.length, to + length);
}
