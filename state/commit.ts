/**
 * One block, one atomic batch: the changes of the executor, the block and its transactions, and
 * every index over them. What the executor promises is asserted again here, before anything is
 * written.
 */

import type {
  Changes,
  CoinRecord,
  ExecutedTx,
  MessageRecord,
  SealedBlock,
} from '../executor/ports.ts';
import { bytesToHex, hexToBytes } from '../primitives/bytes.ts';
import { assert } from '../primitives/errors.ts';
import { BinaryMerkle } from '../primitives/merkle/binary.ts';
import type { Address, AssetId, B256, UtxoKey } from '../primitives/types.ts';
import type { BlockHeader } from '../tx/block.ts';
import { assetIdOf } from '../tx/contractId.ts';
import type { Input, Output } from '../tx/types.ts';
import { COLUMNS, type Column, keyOf, META, SCHEMA_VERSION } from './columns.ts';
import { deltaOf } from './deltas.ts';
import type { RowBatch } from './engine/port.ts';
import type { BlockRow } from './storedForms.ts';
import type { OwnerSum, StateReader, Written } from './view.ts';

const PEAKS_KEY = 0;

type Commit<B = Pick<SealedBlock, 'header' | 'changes'>> = {
  readonly batch: RowBatch;
  readonly reader: StateReader;
  readonly block: B;
  /** What each owner's sums change by: owner, then asset. */
  readonly sums: Map<Address, Map<AssetId, bigint>>;
  readonly newSums: OwnerSum[];
};

function put<K extends readonly unknown[], V>(
  { batch }: Commit,
  column: Column<K, V>,
  key: K,
  value: V,
): void {
  batch.put(keyOf(column, key), column.value.encode(value));
}

function del<K extends readonly unknown[], V>(
  { batch }: Commit,
  column: Column<K, V>,
  ...key: K
): void {
  batch.del(keyOf(column, key));
}

/** Asserts what a block must be to follow the newest one; null: the first block of the store. */
export function assertFollows(
  block: SealedBlock,
  reader: StateReader,
  latest: number | null,
): void {
  const { header, transactions } = block;
  assert(header.transactionsCount === transactions.length, 'the header counts the transactions');
  if (latest === null) return;
  assert(header.height === latest + 1, 'blocks are committed one after the other');
  const before = reader.blockRow(latest);
  assert(before !== null, 'the latest block is stored');
  assert(header.prevRoot === before.blocksRoot, 'the block builds on the chain that is stored');
  assert(header.time >= before.header.time, 'time does not run backwards');
  assert(transactions.at(-1)?.tx.type === 'mint', 'the mint is the last transaction');
  const ids = new Set<string>();
  for (const { id } of transactions) {
    assert(!ids.has(id) && !reader.transactionExists(id), 'a transaction is committed once');
    ids.add(id);
  }
}

/** What is kept beyond what the chain needs. */
export type CommitOptions = {
  /** What each block changed, for the state tree. */
  readonly keepDeltas: boolean;
};

/** Nothing beyond what the chain needs. */
export const PLAIN_COMMITS: CommitOptions = { keepDeltas: false };

/** Puts everything of `block` into `batch`. @returns what is new beside the block's changes */
export function writeBlock(
  batch: RowBatch,
  reader: StateReader,
  block: SealedBlock,
  options: CommitOptions,
): Written {
  const commit: Commit<SealedBlock> = { batch, reader, block, sums: new Map(), newSums: [] };
  writeCoins(commit);
  writeMessages(commit);
  writeSums(commit);
  writeContracts(commit);
  writeVersions(commit);
  writeTransactions(commit);
  writeAssets(commit);
  writeRelayedFailures(commit);
  if (options.keepDeltas) put(commit, COLUMNS.deltas, [block.header.height], deltaOf(block));
  return { block: writeHeader(commit), sums: commit.newSums };
}

/**
 * Puts changes that no block made into `batch`, as development controls do. Coins and messages that
 * are to be replaced are removed by a write before this one.
 */
export function writeEdits(
  batch: RowBatch,
  reader: StateReader,
  header: BlockHeader,
  changes: Changes,
): void {
  const commit: Commit = {
    batch,
    reader,
    block: { header, changes },
    sums: new Map(),
    newSums: [],
  };
  writeCoins(commit);
  writeMessages(commit);
  writeSums(commit);
  writeContracts(commit);
  writeVersions(commit);
}

function addToSum({ sums }: Commit, owner: Address, assetId: AssetId, amount: bigint): void {
  let ofOwner = sums.get(owner);
  if (ofOwner === undefined) {
    ofOwner = new Map();
    sums.set(owner, ofOwner);
  }
  ofOwner.set(assetId, (ofOwner.get(assetId) ?? 0n) + amount);
}

function writeCoins(commit: Commit): void {
  for (const [key, coin] of commit.block.changes.coins) {
    const before = commit.reader.coin(key);
    // Made and spent within the block: nothing is stored, nothing has to go.
    if (coin === null) {
      if (before !== null) removeCoin(commit, key, before);
      continue;
    }
    assert(before === null, 'a new coin does not replace one');
    const { owner, amount, assetId, txPointer } = coin;
    put(commit, COLUMNS.coins, [key], { owner, amount, assetId, ...txPointer });
    put(commit, COLUMNS.coinsByOwner, [owner, key], null);
    put(commit, COLUMNS.coinsByAmount, [owner, assetId, amount, key], null);
    addToSum(commit, owner, assetId, amount);
  }
}

function removeCoin(commit: Commit, key: UtxoKey, coin: CoinRecord): void {
  const { owner, amount, assetId } = coin;
  del(commit, COLUMNS.coins, key);
  del(commit, COLUMNS.coinsByOwner, owner, key);
  del(commit, COLUMNS.coinsByAmount, owner, assetId, amount, key);
  addToSum(commit, owner, assetId, -amount);
}

function baseAssetOf({ reader, block }: Commit): AssetId {
  const version = block.header.consensusParametersVersion;
  const params =
    block.changes.consensusParameters.get(version) ?? reader.consensusParameters(version);
  assert(params !== null, 'the parameters of a block are known');
  return params.baseAssetId;
}

/** Messages with data are for contracts: they are not part of an owner's balance. */
function addMessageToSum(commit: Commit, message: MessageRecord, sign: bigint): void {
  if (message.data.length > 0) return;
  addToSum(commit, message.recipient, baseAssetOf(commit), sign * message.amount);
}

function writeMessages(commit: Commit): void {
  const { reader, block } = commit;
  const { messagesAdded, messagesSpent } = block.changes;
  for (const [nonce, message] of messagesAdded) {
    if (messagesSpent.has(nonce)) continue;
    assert(reader.message(nonce) === null, 'a new message does not replace one');
    const { sender, recipient, amount, daHeight, data } = message;
    put(commit, COLUMNS.messages, [nonce], { sender, recipient, amount, daHeight, data });
    put(commit, COLUMNS.messagesByRecipient, [recipient, nonce], null);
    addMessageToSum(commit, message, 1n);
  }
  for (const nonce of messagesSpent) {
    put(commit, COLUMNS.messagesSpent, [nonce], null);
    const before = reader.message(nonce);
    if (before === null) continue;
    del(commit, COLUMNS.messages, nonce);
    del(commit, COLUMNS.messagesByRecipient, before.recipient, nonce);
    addMessageToSum(commit, before, -1n);
  }
}

function writeSums(commit: Commit): void {
  for (const [owner, ofOwner] of commit.sums) {
    for (const [assetId, change] of ofOwner) {
      if (change === 0n) continue;
      const sum = commit.reader.sumOf(owner, assetId) + change;
      assert(sum >= 0n, 'a sum of coins is not negative');
      commit.newSums.push({ owner, assetId, sum });
      if (sum === 0n) del(commit, COLUMNS.balances, owner, assetId);
      else put(commit, COLUMNS.balances, [owner, assetId], sum);
    }
  }
}

function writeContracts(commit: Commit): void {
  const { changes } = commit.block;
  for (const [id, code] of changes.contractCode) {
    assert(commit.reader.contractCode(id) === null, 'the code of a contract never changes');
    put(commit, COLUMNS.contractCode, [id], code);
  }
  for (const [id, salt] of changes.contractSalt) put(commit, COLUMNS.contractSalt, [id], salt);
  for (const [id, { utxoId, txPointer }] of changes.contractUtxos) {
    put(commit, COLUMNS.contractUtxo, [id], { ...utxoId, ...txPointer });
  }
  for (const [id, slots] of changes.slots) {
    for (const [key, value] of slots) {
      if (value === null) del(commit, COLUMNS.slots, id, key);
      else put(commit, COLUMNS.slots, [id, key], value);
    }
  }
  for (const [id, balances] of changes.balances) {
    for (const [assetId, amount] of balances) {
      if (amount === null) del(commit, COLUMNS.contractBalances, id, assetId);
      else put(commit, COLUMNS.contractBalances, [id, assetId], amount);
    }
  }
}

function writeVersions(commit: Commit): void {
  const { changes } = commit.block;
  for (const [id, payload] of changes.blobs) put(commit, COLUMNS.blobs, [id], payload);
  for (const [root, upload] of changes.uploadedBytecodes) {
    put(commit, COLUMNS.uploads, [root], upload);
  }
  for (const [version, params] of changes.consensusParameters) {
    assert(commit.reader.consensusParameters(version) === null, 'a version is written once');
    put(commit, COLUMNS.consensusParameters, [version], params);
  }
  for (const [version, root] of changes.stateTransitionBytecodes) {
    put(commit, COLUMNS.stateTransitions, [version], root);
  }
}

function writeTransactions(commit: Commit<SealedBlock>): void {
  const blockHeight = commit.block.header.height;
  commit.block.transactions.forEach((tx, txIndex) => {
    put(commit, COLUMNS.txPointers, [tx.id], { blockHeight, txIndex });
    put(commit, COLUMNS.transactions, [blockHeight, txIndex], tx);
    for (const owner of ownersOf(tx)) {
      put(commit, COLUMNS.txsByOwner, [owner, blockHeight, txIndex], tx.id);
    }
  });
}

/** Who finds a transaction in his history: owners of coins that go in or come out. */
function ownersOf({ tx }: ExecutedTx): Set<Address> {
  const owners = new Set<Address>();
  if (tx.type === 'mint') return owners;
  for (const input of tx.inputs as readonly Input[]) {
    if (input.type === 'coin') owners.add(input.owner);
  }
  for (const output of tx.outputs as readonly Output[]) {
    if ('to' in output) owners.add(output.to);
  }
  return owners;
}

type Supply = { contractId: B256; subId: B256; totalSupply: bigint };

function writeAssets(commit: Commit<SealedBlock>): void {
  const supplies = new Map<AssetId, Supply>();
  for (const { success, receipts } of commit.block.transactions) {
    if (!success) continue;
    for (const receipt of receipts) {
      if (receipt.type !== 'mint' && receipt.type !== 'burn') continue;
      const { contractId, subId, val } = receipt;
      const assetId = assetIdOf(contractId, subId);
      const known = supplies.get(assetId) ?? commit.reader.row(COLUMNS.assets, assetId);
      const before = known?.totalSupply ?? 0n;
      const totalSupply = receipt.type === 'mint' ? before + val : before - val;
      // A contract of the genesis may burn what was never minted on this chain.
      if (totalSupply < 0n) continue;
      supplies.set(assetId, { contractId, subId, totalSupply });
    }
  }
  for (const [assetId, supply] of supplies) put(commit, COLUMNS.assets, [assetId], supply);
}

function writeRelayedFailures(commit: Commit<SealedBlock>): void {
  const blockHeight = commit.block.header.height;
  for (const { id, reason } of commit.block.relayedFailures) {
    put(commit, COLUMNS.relayedFailures, [id], { blockHeight, failure: reason });
  }
}

function writeHeader(commit: Commit<SealedBlock>): BlockRow {
  const { header, consensus, transactions } = commit.block;
  const stored = commit.reader.row(COLUMNS.peaks, PEAKS_KEY);
  const range = new BinaryMerkle(stored ?? { leafCount: 0, peaks: [] });
  range.append(hexToBytes(header.id));
  put(commit, COLUMNS.peaks, [PEAKS_KEY], range.export());
  const blocksRoot = bytesToHex(range.root());
  const transactionIds = transactions.map(({ id }) => id);
  const row: BlockRow = { header, consensus, blocksRoot, transactionIds };
  put(commit, COLUMNS.blocks, [header.height], row);
  put(commit, COLUMNS.blockHeights, [header.id], header.height);
  put(commit, COLUMNS.meta, [META.latestHeight], header.height);
  if (stored !== null) return row;
  put(commit, COLUMNS.meta, [META.firstHeight], header.height);
  put(commit, COLUMNS.meta, [META.schema], SCHEMA_VERSION);
  return row;
}
