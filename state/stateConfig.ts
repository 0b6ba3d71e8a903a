/** The state that a chain starts from. @source fuel-core-chain-config 0.48.2 */

import type { CoinRecord, ContractUtxo, MessageRecord } from '../executor/ports.ts';
import { hexToBytes } from '../primitives/bytes.ts';
import { CodedError } from '../primitives/errors.ts';
import { addressOfSecret } from '../primitives/secp256k1.ts';
import type {
  Address,
  AssetId,
  B256,
  BlobId,
  BlockHeight,
  ContractId,
  SlotKey,
  UtxoKey,
} from '../primitives/types.ts';
import { utxoKeyOf } from '../tx/accessKeys.ts';
import type { LosslessJson } from '../tx/json.ts';
import type { TxPointer } from '../tx/types.ts';
import {
  bytesOf,
  idOf,
  isPresent,
  type Located,
  listOf,
  member,
  snapshotInvalid,
  u16Of,
  u32Of,
  u64Of,
} from './jsonFields.ts';

export type CoinConfig = CoinRecord & { readonly key: UtxoKey };

export type ContractConfig = ContractUtxo & {
  readonly contractId: ContractId;
  readonly code: Uint8Array;
  readonly slots: readonly { readonly key: SlotKey; readonly value: Uint8Array }[];
  readonly balances: readonly { readonly assetId: AssetId; readonly amount: bigint }[];
};

/** The end of the chain that this one continues. */
export type LastBlock = {
  readonly blockHeight: BlockHeight;
  readonly daBlockHeight: bigint;
  readonly consensusParametersVersion: number;
  readonly stateTransitionVersion: number;
  /** Root over the ids of all its blocks. */
  readonly blocksRoot: B256;
};

/**
 * Hears how far a large state is: entries are coins, messages, contracts and blobs. Called while
 * everything else stands still, for every thousandth of them.
 */
export type ImportListener = (stage: 'read' | 'hashed', done: number, total: number) => void;

/** Entries between two calls of an {@link ImportListener}. */
export const IMPORT_TELL_EVERY = 1_000;

/** Calls `tell` for entries that `work` has done. */
export function counting(
  stage: 'read' | 'hashed',
  total: number,
  tell: ImportListener,
): <A, B>(work: (entry: A) => B) => (entry: A) => B {
  let done = 0;
  return (work) => (entry) => {
    const made = work(entry);
    done += 1;
    if (done % IMPORT_TELL_EVERY === 0) tell(stage, done, total);
    return made;
  };
}

export type StateConfig = {
  readonly coins: readonly CoinConfig[];
  readonly messages: readonly MessageRecord[];
  readonly contracts: readonly ContractConfig[];
  readonly blobs: readonly { readonly blobId: BlobId; readonly payload: Uint8Array }[];
  readonly lastBlock: LastBlock | null;
};

function parsePointer(at: Located): TxPointer {
  return {
    blockHeight: u32Of(member(at, 'tx_pointer_block_height')),
    txIndex: u16Of(member(at, 'tx_pointer_tx_idx')),
  };
}

/** An address, or a secret whose address it is: development chains carry their keys along. */
function parseOwner(at: Located): Address {
  const secret = member(at, 'owner_secret');
  if (!isPresent(secret)) return idOf(member(at, 'owner'));
  try {
    return addressOfSecret(hexToBytes(idOf(secret)));
  } catch (error) {
    if (!(error instanceof CodedError) || error.code === 'SNAPSHOT_INVALID') throw error;
    throw snapshotInvalid(secret.file, secret.path, `is not a secret key: ${error.message}`);
  }
}

function parseCoin(at: Located): CoinConfig {
  return {
    key: utxoKeyOf(idOf(member(at, 'tx_id')), u16Of(member(at, 'output_index'))),
    owner: parseOwner(at),
    amount: u64Of(member(at, 'amount')),
    assetId: idOf(member(at, 'asset_id')),
    txPointer: parsePointer(at),
  };
}

function parseMessage(at: Located): MessageRecord {
  return {
    sender: idOf(member(at, 'sender')),
    recipient: idOf(member(at, 'recipient')),
    nonce: idOf(member(at, 'nonce')),
    amount: u64Of(member(at, 'amount')),
    data: bytesOf(member(at, 'data')),
    daHeight: u64Of(member(at, 'da_height')),
  };
}

function parseContract(at: Located): ContractConfig {
  return {
    contractId: idOf(member(at, 'contract_id')),
    code: bytesOf(member(at, 'code')),
    utxoId: {
      txId: idOf(member(at, 'tx_id')),
      outputIndex: u16Of(member(at, 'output_index')),
    },
    txPointer: parsePointer(at),
    slots: listOf(member(at, 'states'), (slot) => ({
      key: idOf(member(slot, 'key')),
      value: bytesOf(member(slot, 'value')),
    })),
    balances: listOf(member(at, 'balances'), (balance) => ({
      assetId: idOf(member(balance, 'asset_id')),
      amount: u64Of(member(balance, 'amount')),
    })),
  };
}

function parseLastBlock(at: Located): LastBlock {
  return {
    blockHeight: u32Of(member(at, 'block_height')),
    daBlockHeight: u64Of(member(at, 'da_block_height')),
    consensusParametersVersion: u32Of(member(at, 'consensus_parameters_version')),
    stateTransitionVersion: u32Of(member(at, 'state_transition_version')),
    blocksRoot: idOf(member(at, 'blocks_root')),
  };
}

const lengthOf = ({ value }: Located): number => (Array.isArray(value) ? value.length : 0);

/**
 * Reads the JSON form; members that are not known are ignored.
 * @throws CodedError SNAPSHOT_INVALID
 */
export function parseStateConfig(
  file: string,
  json: LosslessJson,
  tell: ImportListener = () => {},
): StateConfig {
  const root: Located = { file, path: '', value: json };
  const lists = ['coins', 'messages', 'contracts', 'blobs'].map((name) => member(root, name));
  const [coins, messages, contracts, blobs] = lists as [Located, Located, Located, Located];
  const lastBlock = member(root, 'last_block');
  const total = lists.reduce((sum, list) => sum + lengthOf(list), 0);
  const counted = counting('read', total, tell);
  return {
    coins: listOf(coins, counted(parseCoin)),
    messages: listOf(messages, counted(parseMessage)),
    contracts: listOf(contracts, counted(parseContract)),
    blobs: isPresent(blobs)
      ? listOf(
          blobs,
          counted((blob: Located) => ({
            blobId: idOf(member(blob, 'blob_id')),
            payload: bytesOf(member(blob, 'payload')),
          })),
        )
      : [],
    lastBlock: isPresent(lastBlock) ? parseLastBlock(lastBlock) : null,
  };
}
