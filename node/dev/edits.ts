/** Edits of the state as changes that no block makes. */
import { type Changes, emptyChanges } from '../../executor/ports.ts';
import { bytesToHex, utf8 } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import { sha256Hex } from '../../primitives/hash.ts';
import type { B256, ContractId, SlotKey } from '../../primitives/types.ts';
import { ZERO_B256 } from '../../primitives/types.ts';
import { U64_MAX } from '../../primitives/u64.ts';
import type { ChainStore } from '../../state/types.ts';
import { contractId, initialStateRoot } from '../../tx/contractId.ts';
import type { TxPointer } from '../../tx/types.ts';
import type { CoinEdit, ContractEdit, MessageEdit } from './types.ts';

/** Of what is put there by hand: the place of the newest block. */
function pointerOf(store: ChainStore): TxPointer {
  return { blockHeight: store.latest.height, txIndex: 0 };
}

function checkAmount(amount: bigint, least: bigint): void {
  if (amount >= least && amount <= U64_MAX) return;
  throw new CodedError('DEV_AMOUNT', `amount is a whole number from ${least} to ${U64_MAX}`);
}

export function coinChanges(store: ChainStore, { utxoId, coin }: CoinEdit): Changes {
  const changes = emptyChanges();
  if (coin !== null) checkAmount(coin.amount, 1n);
  changes.coins.set(utxoId, coin === null ? null : { ...coin, txPointer: pointerOf(store) });
  return changes;
}

/** A transaction id that no transaction has: the hash of a text with a number. */
export function madeUpTxId(what: string, index: number): B256 {
  return sha256Hex(utf8(`fuelrail dev ${what} ${index}`));
}

export function messageChanges(store: ChainStore, { nonce, message }: MessageEdit): Changes {
  const changes = emptyChanges();
  if (message === null) {
    changes.messagesSpent.add(nonce);
    return changes;
  }
  checkAmount(message.amount, 0n);
  changes.messagesAdded.set(nonce, { ...message, nonce, daHeight: store.latest.daHeight });
  return changes;
}

/** @throws CodedError DEV_CONTRACT_EXISTS */
export function contractChanges(
  store: ChainStore,
  { code, contractId: given, slots }: ContractEdit,
): { id: ContractId; changes: Changes } {
  const salt = ZERO_B256;
  const id =
    given ??
    contractId(
      code,
      salt,
      initialStateRoot(slots.map(({ key, value }) => ({ key, value: bytesToHex(value) }))),
    );
  if (store.contractCode(id) !== null) {
    throw new CodedError(
      'DEV_CONTRACT_EXISTS',
      `there is a contract ${id}: its code cannot change, but its slots and balances can; for other code give another contractId`,
      { id },
    );
  }
  const changes = emptyChanges();
  changes.contractCode.set(id, code);
  if (given === null) changes.contractSalt.set(id, salt);
  const utxoId = { txId: sha256Hex(utf8(`fuelrail dev contract ${id}`)), outputIndex: 0 };
  changes.contractUtxos.set(id, { utxoId, txPointer: pointerOf(store) });
  changes.slots.set(id, new Map(slots.map(({ key, value }) => [key, value])));
  return { id, changes };
}

function requireContract(store: ChainStore, id: ContractId): void {
  if (store.contractUtxo(id) !== null) return;
  throw new CodedError(
    'DEV_UNKNOWN_CONTRACT',
    `there is no contract ${id}: deploy it, or put it there with setContract`,
    { id },
  );
}

/** @throws CodedError DEV_UNKNOWN_CONTRACT */
export function slotChanges(
  store: ChainStore,
  id: ContractId,
  key: SlotKey,
  value: Uint8Array | null,
): Changes {
  requireContract(store, id);
  const changes = emptyChanges();
  changes.slots.set(id, new Map([[key, value]]));
  return changes;
}

/** @throws CodedError DEV_UNKNOWN_CONTRACT, DEV_AMOUNT */
export function balanceChanges(
  store: ChainStore,
  id: ContractId,
  assetId: B256,
  amount: bigint,
): Changes {
  requireContract(store, id);
  checkAmount(amount, 0n);
  const changes = emptyChanges();
  changes.balances.set(id, new Map([[assetId, amount === 0n ? null : amount]]));
  return changes;
}
