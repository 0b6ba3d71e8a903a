/** Slots and balances of the newest committed state, for a thread beside the one that commits. */
import type { CommittedReads } from '../executor/ports.ts';
import { COLUMNS, type Column, keyOf } from './columns.ts';
import { openDiskRows } from './engine/disk.ts';
import type { EngineRows } from './engine/port.ts';

function rowIn<K extends readonly unknown[], V>(
  rows: EngineRows,
  column: Column<K, V>,
  key: K,
): V | null {
  const bytes = rows.get(keyOf(column, key));
  return bytes === undefined ? null : column.value.decode(bytes);
}

/**
 * Nothing is cached: a read sees what is committed when it is made.
 * @param path of a store that another thread of this process has open
 * @throws CodedError STATE_LOCKED, STATE_CORRUPT, STATE_UNAVAILABLE
 */
export async function openCommittedReads(path: string): Promise<CommittedReads> {
  const rows = await openDiskRows(path);
  return {
    slot: (id, key) => rowIn(rows, COLUMNS.slots, [id, key]),
    balance: (id, key) => rowIn(rows, COLUMNS.contractBalances, [id, key]),
  };
}
