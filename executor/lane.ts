/**
 * A lane: transactions that run one after the other on a worker. Pure code: everything it knows
 * comes with the job or from `ask`.
 *
 * What a worker keeps between jobs, and why it is never stale:
 * - slots and balances as they were before the block: tagged with the block's number, dropped when
 *   a job of another block comes. They come with the job, or from the database: of a contract of which
 *   the worker was told what the newest block, which may not be written yet, left behind, and never
 *   from a later block, for that one is not written before this one has run;
 * - slots and balances written in this block: its own, and those of others that the main thread
 *   sends along before the lane starts (nobody else runs the contract meanwhile);
 * - code and blobs, bounded, across blocks: they are named by their content, and their existence
 *   is asked for once in every block.
 */
import { assert } from '../primitives/errors.ts';
import type {
  AssetId,
  B256,
  BlobId,
  BlockHeight,
  BlockId,
  ContractId,
  Nonce,
  SlotKey,
  Tai64,
  TxId,
  UtxoKey,
} from '../primitives/types.ts';
import { utxoKeyOf } from '../tx/accessKeys.ts';
import { decodeTx, encodeReceiptsWithData } from '../tx/codec/index.ts';
import type { ConsensusParameters } from '../tx/params.ts';
import type { UploadedBytecode } from '../vm/ports.ts';
import { BoundedBytes } from './boundedBytes.ts';
import type { AskMain } from './laneLine.ts';
import type { ContentAnswer, LaneJob, LaneResult, LaneTxResult } from './laneMessages.ts';
import { BlockOverlay } from './overlay.ts';
import {
  type BlockEnv,
  type CoinRecord,
  type CommittedReads,
  type ContractUtxo,
  emptyChanges,
  type MessageRecord,
  type StateView,
  type TxToExecute,
} from './ports.ts';
import { runTx } from './runTx.ts';

/** Code and blobs that a worker keeps across blocks. Unit: bytes. */
export const LANE_CACHE_BYTES_MAX: number = 64 * 1024 * 1024;

type Rows<V> = Map<ContractId, Map<B256, V | null>>;

function rowOf<V>(table: Rows<V>, id: ContractId): Map<B256, V | null> {
  let row = table.get(id);
  if (row === undefined) {
    row = new Map();
    table.set(id, row);
  }
  return row;
}

/** One worker's lanes. Not shared between threads. */
export class LaneWorker {
  readonly #ask: AskMain;
  readonly #committed: CommittedReads | null;
  readonly #content: BoundedBytes = new BoundedBytes(LANE_CACHE_BYTES_MAX);
  #block: BlockMemory | null = null;

  /** @param committed the database under the chain's state; null: everything is asked for */
  constructor(ask: AskMain, committed: CommittedReads | null = null) {
    this.#ask = ask;
    this.#committed = committed;
  }

  run(job: LaneJob): LaneResult {
    if (this.#block?.number !== job.blockNumber) {
      assert(job.env !== null, 'the first job of a block brings its environment');
      const sources = { ask: this.#ask, committed: this.#committed, content: this.#content };
      this.#block = new BlockMemory(job.blockNumber, job.env, sources);
    }
    return this.#block.run(job);
  }
}

type Sources = {
  readonly ask: AskMain;
  readonly committed: CommittedReads | null;
  readonly content: BoundedBytes;
};

/** What is known of the block under execution. */
class BlockMemory {
  readonly number: number;
  readonly #env: BlockEnv;
  readonly #ask: AskMain;
  readonly #committed: CommittedReads | null;
  readonly #content: BoundedBytes;
  /** Contracts of which everything that is not known here stands in the database. */
  readonly #inDatabase: Set<ContractId> = new Set();
  readonly #slots: Rows<Uint8Array> = new Map();
  readonly #balances: Rows<bigint> = new Map();
  /** Code and blobs that exist, as the main thread said in this block. */
  readonly #present: Map<string, { readonly bytes: Uint8Array; createdAt: number }> = new Map();
  #roundNumber: number = 0;
  /** Spent on waiting for the main thread. */
  #waitedMs: number = 0;

  constructor(number: number, env: BlockEnv, { ask, committed, content }: Sources) {
    this.number = number;
    this.#env = env;
    this.#committed = committed;
    this.#ask = (request) => {
      const askedMs = performance.now();
      const answer = ask(request);
      this.#waitedMs += performance.now() - askedMs;
      return answer;
    };
    this.#content = content;
  }

  run(job: LaneJob): LaneResult {
    if (job.roundNumber !== this.#roundNumber) {
      // What earlier rounds created is there for everybody now.
      for (const content of this.#present.values()) content.createdAt = -1;
      this.#roundNumber = job.roundNumber;
    }
    for (const [id, code] of job.codes) this.#exists(`code:${id}`, code);
    for (const { contractId, slots, balances } of job.expected) {
      if (job.readsDatabase) this.#inDatabase.add(contractId);
      if (slots !== undefined) this.#learn(this.#slots, contractId, slots);
      if (balances !== undefined) this.#learn(this.#balances, contractId, balances);
    }
    for (const { contractId, slots, balances } of job.writes) {
      if (slots !== undefined) this.#remember(this.#slots, contractId, slots);
      if (balances !== undefined) this.#remember(this.#balances, contractId, balances);
    }
    const txs = job.raws.map((raw, i) => jobAt(job, raw, i));
    const view = new LaneView(job, coinsOf(job, txs), this);
    const overlay = new BlockOverlay(view);
    const results = txs.map((tx, i) => {
      const txIndex = job.txIndices[i]!;
      view.txIndex = txIndex;
      return this.#runOne(tx, txIndex, overlay, job.ahead);
    });
    const { changes } = overlay;
    for (const [id, slots] of changes.slots) this.#remember(this.#slots, id, slots);
    for (const [id, amounts] of changes.balances) this.#remember(this.#balances, id, amounts);
    return { txs: results, changes: job.ahead ? emptyChanges() : changes };
  }

  #runOne(tx: TxToExecute, txIndex: number, overlay: BlockOverlay, ahead: boolean): LaneTxResult {
    const startedMs = performance.now() - this.#waitedMs;
    const { gasPrice } = this.#env;
    const result = runTx(this.#env, overlay, tx, { txIndex, gasPrice });
    const runMs = performance.now() - this.#waitedMs - startedMs;
    if (!result.ok) return { ok: false, reason: result.reason, runMs };
    const { executed, changes, reads, messageIds, sizeBytes } = result.outcome;
    overlay.apply(changes);
    overlay.markExecuted(tx.id);
    const { success, programState, reason, totalGas, totalFee, raw } = executed;
    const receipts = encodeReceiptsWithData(executed.receipts);
    const figures = { success, programState, reason, totalGas, totalFee, raw, receipts };
    const effects = ahead ? { changes, reads } : null;
    return { ok: true, ...figures, messageIds, sizeBytes, runMs, effects };
  }

  /** Told unasked; what the worker no longer has it asks for when it needs it. */
  #exists(name: string, sent: Uint8Array | null): void {
    const bytes = sent ?? this.#content.get(name);
    if (bytes === null) return;
    if (sent !== null) this.#content.set(name, sent);
    this.#present.set(name, { bytes, createdAt: -1 });
  }

  /** Values before the block; what is known already is newer, or the same. */
  #learn<V>(table: Rows<V>, id: ContractId, values: ReadonlyMap<B256, V | null>): void {
    const row = rowOf(table, id);
    for (const [key, value] of values) if (!row.has(key)) row.set(key, value);
  }

  #remember<V>(table: Rows<V>, id: ContractId, values: ReadonlyMap<B256, V | null>): void {
    const row = rowOf(table, id);
    for (const [key, value] of values) row.set(key, value);
  }

  slot(id: ContractId, key: SlotKey): Uint8Array | null {
    return this.#read(this.#slots, id, key, 'slot');
  }
  balance(id: ContractId, key: AssetId): bigint | null {
    return this.#read(this.#balances, id, key, 'balance');
  }

  #read<V>(table: Rows<V>, id: ContractId, key: B256, kind: 'slot' | 'balance'): V | null {
    const row = rowOf(table, id);
    const known = row.get(key);
    if (known !== undefined) return known;
    const value = this.#before(kind, id, key) as V | null;
    row.set(key, value);
    return value;
  }

  /** Before the block. */
  #before(kind: 'slot' | 'balance', id: ContractId, key: B256): Uint8Array | bigint | null {
    const committed = this.#committed;
    if (committed !== null && this.#inDatabase.has(id)) {
      try {
        return kind === 'slot' ? committed.slot(id, key) : committed.balance(id, key);
      } catch {
        // A damaged row is the main thread's affair: it stops the node, not this lane.
      }
    }
    return this.#ask({ kind, id, key }) as Uint8Array | bigint | null;
  }

  /** Absence is not remembered: an earlier transaction of the block may still create it. */
  content(kind: 'code' | 'blob', id: B256, txIndex: number): Uint8Array | null {
    const name = `${kind}:${id}`;
    const present = this.#present.get(name);
    if (present !== undefined) return present.createdAt < txIndex ? present.bytes : null;
    const kept = this.#content.get(name);
    const answer = this.#ask({ kind, id, txIndex, have: kept !== null }) as ContentAnswer | null;
    if (answer === null) return null;
    const bytes = answer.bytes ?? kept;
    assert(bytes !== null, 'only what the worker has is confirmed without bytes');
    if (answer.bytes !== null) this.#content.set(name, bytes);
    this.#present.set(name, { bytes, createdAt: answer.createdAt });
    return bytes;
  }
  blockId(height: BlockHeight): BlockId | null {
    return this.#ask({ kind: 'blockId', height }) as BlockId | null;
  }
  blockTime(height: BlockHeight): Tai64 | null {
    return this.#ask({ kind: 'blockTime', height }) as Tai64 | null;
  }
}

function jobAt(job: LaneJob, raw: Uint8Array, i: number): TxToExecute {
  const { tx } = decodeTx(raw);
  // What upgrades and uploads change does not travel.
  assert(tx.type !== 'mint', 'mints do not run in lanes');
  assert(
    tx.type !== 'upgrade' && tx.type !== 'upload',
    'upgrades and uploads run on the main thread',
  );
  return { id: job.ids[i]!, tx, raw, verified: job.verified[i]! };
}

/** The coins of all inputs; null or missing: absent. */
function coinsOf(job: LaneJob, txs: readonly TxToExecute[]): Map<UtxoKey, CoinRecord> {
  const coins = new Map<UtxoKey, CoinRecord>(job.otherCoins);
  let at = 0;
  for (const { tx } of txs) {
    for (const input of tx.inputs) {
      if (input.type !== 'coin') continue;
      const blockHeight = job.coinPointers[at]!;
      const txIndex = job.coinPointers[at + 1]!;
      at += 2;
      if (blockHeight < 0) continue;
      const { owner, amount, assetId, utxoId } = input;
      const txPointer = { blockHeight, txIndex };
      coins.set(utxoKeyOf(utxoId.txId, utxoId.outputIndex), { owner, amount, assetId, txPointer });
    }
  }
  return coins;
}

/** State as one job sees it: what was sent with it, then what the worker knows of the block. */
class LaneView implements StateView {
  readonly #job: LaneJob;
  readonly #coins: ReadonlyMap<UtxoKey, CoinRecord>;
  readonly #block: BlockMemory;
  /** Provisional index of the transaction that runs. */
  txIndex: number = 0;

  constructor(job: LaneJob, coins: ReadonlyMap<UtxoKey, CoinRecord>, block: BlockMemory) {
    this.#job = job;
    this.#coins = coins;
    this.#block = block;
  }

  /** Outputs that are about to be created are not sent: unknown means absent. */
  coin(key: UtxoKey): CoinRecord | null {
    return this.#coins.get(key) ?? null;
  }
  message(nonce: Nonce): MessageRecord | null {
    return this.#job.messages.get(nonce) ?? null;
  }
  contractUtxo(contractId: ContractId): ContractUtxo | null {
    return this.#job.contractUtxos.get(contractId) ?? null;
  }
  contractCode(contractId: ContractId): Uint8Array | null {
    return this.#block.content('code', contractId, this.txIndex);
  }
  slot(contractId: ContractId, key: SlotKey): Uint8Array | null {
    return this.#block.slot(contractId, key);
  }
  balance(contractId: ContractId, assetId: AssetId): bigint | null {
    return this.#block.balance(contractId, assetId);
  }
  blob(blobId: BlobId): Uint8Array | null {
    return this.#block.content('blob', blobId, this.txIndex);
  }
  transactionExists(txId: TxId): boolean {
    return this.#job.known.includes(txId);
  }
  blockId(height: BlockHeight): BlockId | null {
    return this.#block.blockId(height);
  }
  blockTime(height: BlockHeight): Tai64 | null {
    return this.#block.blockTime(height);
  }
  uploadedBytecode(): UploadedBytecode | null {
    return notInLanes();
  }
  consensusParameters(): ConsensusParameters | null {
    return notInLanes();
  }
  stateTransitionBytecodeRoot(): B256 | null {
    return notInLanes();
  }
}

function notInLanes(): null {
  assert(false, 'upgrades and uploads run on the main thread');
  return null;
}
