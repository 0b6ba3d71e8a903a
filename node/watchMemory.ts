/**
 * What a watcher keeps on disk: batches that were in order, and the trees behind them, so that it
 * goes on where it stopped. Nothing of it is believed unseen: nodes are hashed as they are read, a
 * row carries its checksum, and what belongs to another chain or contract is thrown away. Whatever
 * does not fit is audited again.
 *
 * Rows: 1 | hash → number of the batch that made the node, kind, two parts; 2 | number → batch and
 * state behind it; 3 | number → nodes that left the trees with it; 4 → what all of it belongs to.
 */
import {
  concatBytes,
  equalBytes,
  hexToBytes,
  readU32,
  utf8,
  writeU32,
} from '../primitives/bytes.ts';
import { CodedError } from '../primitives/errors.ts';
import { sha256 } from '../primitives/hash.ts';
import { SparseMerkle, type SparseNodes, type SparseParts } from '../primitives/merkle/sparse.ts';
import type { B256 } from '../primitives/types.ts';
import type { KnownState, StoredBatch, WatchMemory } from '../settlement/index.ts';
import type { Engine, RowBatch } from '../state/engine/port.ts';
import { treeNodeOf, treeNodeRow } from '../state/treeNodes.ts';
import { UtxoState } from '../tx/stateSteps.ts';
import type { Log } from './log.ts';

/** Batches back to which a state can be gone back to; before it everything is audited again. */
export const STATES_KEPT: number = 64;
/** Nodes that may gather in memory before the lower ones are forgotten. */
const NODES_IN_MEMORY_MAX = 400_000;
/** Above this depth nodes stay in memory. */
const DEPTH_KEPT = 12;

const NODE = 1;
const BATCH = 2;
const LEFT = 3;
const OWNER_KEY: Uint8Array = Uint8Array.of(4);
const HASH_BYTES = 32;
/** The genesis counts as the batch before the first one. */
const GENESIS = 0;
const SCAN_ROWS = 1_000;

type BatchRow = {
  readonly root: B256;
  readonly last: number;
  readonly coins: B256;
  readonly messages: B256;
  readonly rest: B256;
  /** Decimal text. */
  readonly held: string;
  readonly out: string;
};

function keyAt(kind: number, number: number): Uint8Array {
  const key = new Uint8Array(5);
  key[0] = kind;
  writeU32(key, 1, number);
  return key;
}

const nodeKey = (hash: Uint8Array): Uint8Array => concatBytes(Uint8Array.of(NODE), hash);

function encodeRow(row: BatchRow): Uint8Array {
  const text = utf8(JSON.stringify(row));
  return concatBytes(sha256(text), text);
}

/** null: damaged. */
function decodeRow(bytes: Uint8Array | undefined): BatchRow | null {
  if (bytes === undefined || bytes.length < HASH_BYTES) return null;
  const text = bytes.subarray(HASH_BYTES);
  if (!equalBytes(sha256(text), bytes.subarray(0, HASH_BYTES))) return null;
  return JSON.parse(new TextDecoder().decode(text)) as BatchRow;
}

class DiskMemory implements WatchMemory {
  readonly #engine: Engine;
  readonly #nodes: SparseNodes;
  #count: number;
  #inMemory = 0;
  readonly #statesKept: number;

  constructor(engine: Engine, count: number, statesKept: number) {
    this.#statesKept = statesKept;
    this.#engine = engine;
    this.#count = count;
    this.#nodes = { load: (hash) => this.#load(hash) };
  }

  async begin({ height, utxos, parts }: KnownState): Promise<KnownState> {
    await this.#engine.write((batch) => this.#save(batch, utxos, GENESIS));
    return { height, utxos: this.#open(parts.coins, parts.messages, utxos.held), parts };
  }

  async reset(): Promise<void> {
    for (const kind of [NODE, BATCH, LEFT]) await clear(this.#engine, kind);
    this.#count = 0;
    this.#inMemory = 0;
  }

  count(): number {
    return this.#count;
  }

  batchAt(number: number): Pick<StoredBatch, 'root' | 'last'> | null {
    return decodeRow(this.#engine.get(keyAt(BATCH, number)));
  }

  stateAt(number: number): KnownState | null {
    const row = decodeRow(this.#engine.get(keyAt(BATCH, number)));
    if (row === null || number < this.#count - this.#statesKept) return null;
    const { last: height, coins, messages, rest } = row;
    const [held, out] = [BigInt(row.held), BigInt(row.out)];
    const utxos = this.#open(coins, messages, held);
    return { height, utxos, parts: { coins, messages, rest, held, out } };
  }

  async keep(
    number: number,
    stored: StoredBatch,
    state: KnownState,
    left: readonly Uint8Array[],
  ): Promise<void> {
    const { utxos, parts } = state;
    const { coins, messages, rest } = parts;
    const { root, last } = stored;
    const [held, out] = [String(parts.held), String(parts.out)];
    const gone = this.#gone(number - this.#statesKept);
    await this.#engine.write((batch) => {
      // Batches that were taken back are not in order any more.
      for (let old = number + 1; old < this.#count; old++) {
        batch.del(keyAt(BATCH, old));
        batch.del(keyAt(LEFT, old));
      }
      for (const key of gone) batch.del(key);
      batch.put(keyAt(LEFT, number), concatBytes(...left));
      this.#save(batch, utxos, number + 1);
      const row = { root, last, coins, messages, rest, held, out };
      batch.put(keyAt(BATCH, number), encodeRow(row));
    });
    this.#count = number + 1;
    if (this.#inMemory < NODES_IN_MEMORY_MAX) return;
    this.#inMemory = 0;
    for (const tree of [utxos.coins, utxos.messages]) tree.unload(DEPTH_KEPT);
  }

  #open(coins: B256, messages: B256, held: bigint): UtxoState {
    const open = (root: B256): SparseMerkle =>
      new SparseMerkle({ root: hexToBytes(root), nodes: this.#nodes });
    return new UtxoState(held, { coins: open(coins), messages: open(messages) });
  }

  #save(batch: RowBatch, { coins, messages }: UtxoState, number: number): void {
    for (const tree of [coins, messages]) {
      tree.save((hash, parts) => {
        this.#inMemory += 1;
        batch.put(nodeKey(hash), treeNodeRow(number, parts));
      });
    }
  }

  /** Rows of nodes that left long ago and were not made again since. */
  #gone(number: number): Uint8Array[] {
    const left = number < 0 ? undefined : this.#engine.get(keyAt(LEFT, number));
    if (left === undefined) return [];
    const keys = [keyAt(LEFT, number)];
    for (let at = 0; at < left.length; at += HASH_BYTES) {
      const key = nodeKey(left.subarray(at, at + HASH_BYTES));
      const row = this.#engine.get(key);
      // Those of the genesis stay: it is where everything can start again.
      const made = row === undefined ? GENESIS : readU32(row, 0);
      if (made !== GENESIS && made <= number) keys.push(key);
    }
    return keys;
  }

  #load(hash: Uint8Array): SparseParts {
    const row = this.#engine.get(nodeKey(hash));
    const parts = row === undefined ? null : treeNodeOf(row, hash);
    if (parts !== null) {
      this.#inMemory += 1;
      return parts;
    }
    throw new CodedError(
      'WATCH_MEMORY_CORRUPT',
      'what the watcher has kept cannot be read any more: everything is audited again',
    );
  }
}

/** What all rows belong to. */
export type WatchedChain = {
  readonly ethereumChainId: bigint;
  readonly settlement: string;
  readonly genesisState: B256;
};

/**
 * @param engine of its own; the caller closes it
 * @param statesKept see {@link STATES_KEPT}
 */
export async function openWatchMemory(
  engine: Engine,
  { ethereumChainId, settlement, genesisState }: WatchedChain,
  log: Pick<Log, 'info' | 'warn'>,
  statesKept: number = STATES_KEPT,
): Promise<WatchMemory> {
  const owner = sha256(utf8(`${ethereumChainId} ${settlement} ${genesisState}`));
  const found = engine.get(OWNER_KEY);
  let count = 0;
  if (found !== undefined && equalBytes(found, owner)) {
    while (decodeRow(engine.get(keyAt(BATCH, count))) !== null) count += 1;
    if (count > 0) log.info(`${count} batches were found in order before`);
    return new DiskMemory(engine, count, statesKept);
  }
  if (found !== undefined) {
    log.warn('What the watcher has kept is of another chain or contract: starting anew');
  }
  const memory = new DiskMemory(engine, 0, statesKept);
  await memory.reset();
  await engine.write((batch) => batch.put(OWNER_KEY, owner));
  return memory;
}

/** All rows of a kind go. */
async function clear(engine: Engine, kind: number): Promise<void> {
  for (;;) {
    const rows = await engine.scan({ prefix: Uint8Array.of(kind), limit: SCAN_ROWS });
    if (rows.length === 0) return;
    await engine.write((batch) => {
      for (const { key } of rows) batch.del(key);
    });
  }
}
