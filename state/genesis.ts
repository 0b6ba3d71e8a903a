/**
 * The first block. Its id does not depend on the state; the commitments to configuration and state
 * are in its consensus part.
 *
 * @source fuel-core 0.48.2 (behaviour)
 */

import type { Changes, MessageRecord, SealedBlock } from '../executor/ports.ts';
import { emptyChanges } from '../executor/ports.ts';
import { bytesToHex } from '../primitives/bytes.ts';
import { sha256, sha256Hex } from '../primitives/hash.ts';
import { BinaryMerkle } from '../primitives/merkle/binary.ts';
import type { B256 } from '../primitives/types.ts';
import { ZERO_B256 } from '../primitives/types.ts';
import type { BlockHeader, GenesisConsensus } from '../tx/block.ts';
import { computeHeader, transactionsRoot } from '../tx/header.ts';
import { chainConfigHash } from './chainConfig.ts';
import { ByteParts, b256, u16, u32, u64, utxo } from './fields.ts';
import { snapshotInvalid } from './jsonFields.ts';
import type { Snapshot } from './snapshot.ts';
import {
  type CoinConfig,
  type ContractConfig,
  counting,
  type ImportListener,
  type StateConfig,
} from './stateConfig.ts';

/** Unix second 0 with TAI's first ten leap seconds. */
const GENESIS_TIME = 4_611_686_018_427_387_914n;
const STATE = 'the state';

function genesisHeader({ chainConfig, stateConfig }: Snapshot): BlockHeader {
  const { lastBlock } = stateConfig;
  const firstTransition = chainConfig.genesisStateTransitionVersion ?? 0;
  return computeHeader({
    daHeight: lastBlock?.daBlockHeight ?? 0n,
    consensusParametersVersion: (lastBlock?.consensusParametersVersion ?? -1) + 1,
    stateTransitionBytecodeVersion:
      lastBlock === null ? firstTransition : lastBlock.stateTransitionVersion + 1,
    transactionsCount: 0,
    messageReceiptCount: 0,
    transactionsRoot: transactionsRoot([]),
    messageOutboxRoot: bytesToHex(new BinaryMerkle().root()),
    eventInboxRoot: ZERO_B256,
    height: (lastBlock?.blockHeight ?? -1) + 1,
    prevRoot: lastBlock?.blocksRoot ?? ZERO_B256,
    time: GENESIS_TIME,
  });
}

function coinHash(coin: CoinConfig): Uint8Array {
  return sha256(
    new ByteParts()
      .field(b256, coin.owner)
      .field(u64, coin.amount)
      .field(b256, coin.assetId)
      .field(u32, coin.txPointer.blockHeight)
      .field(u16, coin.txPointer.txIndex)
      .field(utxo, coin.key)
      .done(),
  );
}

function messageHash(message: MessageRecord): Uint8Array {
  return sha256(
    new ByteParts()
      .field(b256, message.sender)
      .field(b256, message.recipient)
      .field(b256, message.nonce)
      .field(u64, message.amount)
      .raw(message.data)
      .field(u64, message.daHeight)
      .done(),
  );
}

function ascending<T>(items: Iterable<T>, keyOf: (item: T) => string): T[] {
  return [...items].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** Hash over all slots of a contract; zero without any. */
function slotsHash(contract: ContractConfig): B256 {
  const slots = new Map(contract.slots.map(({ key, value }) => [key, value]));
  if (slots.size === 0) return ZERO_B256;
  const parts = new ByteParts();
  for (const [key, value] of ascending(slots, ([key]) => key)) {
    parts.field(b256, key).raw(Uint8Array.of(1)).field(u64, BigInt(value.length)).raw(value);
  }
  return sha256Hex(parts.done());
}

/** Hash over all balances of a contract; zero without any. */
function balancesHash(contract: ContractConfig): B256 {
  const balances = new Map(contract.balances.map(({ assetId, amount }) => [assetId, amount]));
  if (balances.size === 0) return ZERO_B256;
  const parts = new ByteParts();
  for (const [assetId, amount] of ascending(balances, ([assetId]) => assetId)) {
    parts.field(b256, assetId).raw(Uint8Array.of(1)).field(u64, amount);
  }
  return sha256Hex(parts.done());
}

function contractHash(contract: ContractConfig): Uint8Array {
  return sha256(
    new ByteParts()
      .field(b256, contract.contractId)
      .field(b256, contract.utxoId.txId)
      .field(u16, contract.utxoId.outputIndex)
      .field(b256, slotsHash(contract))
      .field(b256, balancesHash(contract))
      .done(),
  );
}

function rootOver(hashes: Iterable<Uint8Array>): B256 {
  const tree = new BinaryMerkle();
  for (const hash of hashes) tree.append(hash);
  return bytesToHex(tree.root());
}

function genesisConsensus(
  { chainConfig, stateConfig }: Snapshot,
  tell: ImportListener,
): GenesisConsensus {
  const coins = ascending(stateConfig.coins, ({ key }) => key);
  const messages = ascending(stateConfig.messages, ({ nonce }) => nonce);
  const contracts = ascending(stateConfig.contracts, ({ contractId }) => contractId);
  const total = coins.length + messages.length + contracts.length;
  const counted = counting('hashed', total, tell);
  return {
    type: 'genesis',
    chainConfigHash: chainConfigHash(chainConfig),
    coinsRoot: rootOver(coins.map(counted(coinHash))),
    contractsRoot: rootOver(contracts.map(counted(contractHash))),
    messagesRoot: rootOver(messages.map(counted(messageHash))),
    // Snapshots in JSON do not carry the ids of processed transactions.
    transactionsRoot: rootOver([]),
  };
}

function refuse(path: string, what: string): never {
  throw snapshotInvalid(STATE, path, what);
}

function addCoins(changes: Changes, state: StateConfig, header: BlockHeader): void {
  state.coins.forEach(({ key, ...coin }, index) => {
    if (coin.txPointer.blockHeight > header.height) {
      const path = `coins[${index}].tx_pointer_block_height`;
      refuse(path, `must not be above the genesis height ${header.height}`);
    }
    if (changes.coins.has(key)) {
      refuse(`coins[${index}]`, 'repeats tx_id and output_index of an earlier coin');
    }
    changes.coins.set(key, coin);
  });
}

function addMessages(changes: Changes, state: StateConfig, header: BlockHeader): void {
  state.messages.forEach((message, index) => {
    if (message.daHeight > header.daHeight) {
      refuse(
        `messages[${index}].da_height`,
        `must not be above the genesis DA height ${header.daHeight}`,
      );
    }
    if (changes.messagesAdded.has(message.nonce)) {
      refuse(`messages[${index}].nonce`, 'repeats that of an earlier message');
    }
    changes.messagesAdded.set(message.nonce, message);
  });
}

function addContracts(changes: Changes, state: StateConfig, header: BlockHeader): void {
  state.contracts.forEach((contract, index) => {
    const { contractId: id, code, utxoId, txPointer, slots, balances } = contract;
    if (txPointer.blockHeight > header.height) {
      const path = `contracts[${index}].tx_pointer_block_height`;
      refuse(path, `must not be above the genesis height ${header.height}`);
    }
    if (changes.contractCode.has(id)) {
      refuse(`contracts[${index}].contract_id`, 'repeats that of an earlier contract');
    }
    changes.contractCode.set(id, code);
    changes.contractUtxos.set(id, { utxoId, txPointer });
    changes.slots.set(id, new Map(slots.map(({ key, value }) => [key, value])));
    changes.balances.set(id, new Map(balances.map(({ assetId, amount }) => [assetId, amount])));
  });
}

function genesisChanges({ chainConfig, stateConfig }: Snapshot, header: BlockHeader): Changes {
  const changes = emptyChanges();
  addCoins(changes, stateConfig, header);
  addMessages(changes, stateConfig, header);
  addContracts(changes, stateConfig, header);
  stateConfig.blobs.forEach(({ blobId, payload }, index) => {
    if (changes.blobs.has(blobId)) refuse(`blobs[${index}].blob_id`, 'repeats an earlier blob');
    changes.blobs.set(blobId, payload);
  });
  const bytecode = chainConfig.stateTransitionBytecode;
  const bytecodeRoot = sha256Hex(bytecode);
  const { consensusParametersVersion, stateTransitionBytecodeVersion } = header;
  changes.consensusParameters.set(consensusParametersVersion, chainConfig.consensusParameters);
  changes.stateTransitionBytecodes.set(stateTransitionBytecodeVersion, bytecodeRoot);
  changes.uploadedBytecodes.set(bytecodeRoot, { type: 'completed', bytecode });
  return changes;
}

/**
 * The genesis block of a snapshot, with everything it brings into the state.
 * @param tell hears how far it is
 * @throws CodedError SNAPSHOT_INVALID on duplicates and on heights beyond the block's own
 */
export function genesisBlock(snapshot: Snapshot, tell: ImportListener = () => {}): SealedBlock {
  const header = genesisHeader(snapshot);
  return {
    header,
    consensus: genesisConsensus(snapshot, tell),
    transactions: [],
    skipped: [],
    changes: genesisChanges(snapshot, header),
    messageIds: [],
    relayedFailures: [],
    schedule: {
      mode: 'serial',
      whySerial: null,
      lanes: [],
      workerCount: 0,
      setCount: 0,
      workMs: 0,
      criticalPathMs: 0,
      wallMs: 0,
    },
  };
}
