/** What one execution knows about its transaction and the world; the machine holds the rest. */
import type { AssetId, ContractId, SlotKey, TxId } from '../primitives/types.ts';
import type { TxOffsets } from '../tx/offsets.ts';
import type { ConsensusParameters } from '../tx/params.ts';
import type { ChargeableTx } from '../tx/types.ts';
import type { VmRules, VmStorage } from './ports.ts';

/** Free balances of a script, mirrored in VM memory; see `balances.ts`. */
export interface BalanceTable {
  amount(asset: AssetId): bigint | null;
  subtract(view: DataView, asset: AssetId, amount: bigint): boolean;
}

export type VmContext = {
  /** The transaction with malleable fields zeroed; outputs change while it runs. */
  readonly tx: ChargeableTx;
  readonly txId: TxId;
  /** Address of the transaction's bytes in VM memory. */
  readonly txAddress: number;
  /** Offsets inside these bytes. */
  readonly txOffsets: TxOffsets;
  readonly params: ConsensusParameters;
  readonly gasPrice: bigint;
  readonly rules: VmRules;
  readonly storage: VmStorage;
  readonly balances: BalanceTable;
  /** Input index of the predicate that runs; null: a script. */
  readonly predicateIndex: number | null;
  /** Contracts that the transaction declares. */
  readonly inputContracts: ReadonlySet<ContractId>;
  /** Collects undeclared contracts instead of a panic; null: panic. */
  readonly missingContracts: ContractId[] | null;
  /** Slots touched by this transaction with their values: they are cheaper to read again. */
  readonly hotSlots: Map<ContractId, Map<SlotKey, Uint8Array | null>>;
  /** Longest slot. Unit: bytes. */
  readonly maxSlotBytes: number;
};
