/**
 * The state as three sparse trees, for every block and for recent blocks back in time: what is
 * committed on Ethereum, and what proofs are made from (docs/settlement.md).
 *
 * It lies in a database of its own, behind the chain's: a block is first committed there and then
 * taken in here, in one atomic write, so a tree that was interrupted goes on where it stopped.
 *
 * Rows: 1 | hash → height it was made at, kind, two parts; 2 | height → roots; 3 | height → nodes
 * that left the trees with that block; 4 → height of the newest.
 */
import type { InboxEntry } from '../executor/ports.ts';
import { bytesToHex, concatBytes, hexToBytes, readU32, writeU32 } from '../primitives/bytes.ts';
import { assert, CodedError } from '../primitives/errors.ts';
import { sha256 } from '../primitives/hash.ts';
import { BinaryMerkle } from '../primitives/merkle/binary.ts';
import {
  SparseMerkle,
  type SparseNodes,
  type SparseParts,
  type SparseProof,
  sparsePlace,
} from '../primitives/merkle/sparse.ts';
import type { AssetId, B256, BlockHeight, BlockId } from '../primitives/types.ts';
import { ZERO_B256 } from '../primitives/types.ts';
import {
  encodeStep,
  type PlacedTx,
  type StateParts,
  type Step,
  stateRootOf,
  UtxoState,
} from '../tx/stateSteps.ts';
import type { TreeName } from '../tx/stateSubject.ts';
import type { Engine, RowBatch } from './engine/port.ts';
import { b256, record, u128, type ValueCodec } from './fields.ts';
import type { RestChange } from './restTree.ts';
import { treeNodeOf, treeNodeRow } from './treeNodes.ts';

/** Roots of one block. */
export type BlockRoots = StateParts & {
  readonly blockId: BlockId;
  /** Zero for the first block of the chain. */
  readonly stepRoot: B256;
  /** Over the parts; what a record commits to. */
  readonly stateRoot: B256;
};

/** A transaction with what its bytes do not say. */
export type TreeTx = PlacedTx & {
  /** Base asset in the messages that it sent out. */
  readonly sent: bigint;
};

/** A committed block as the tree takes it in. */
export type TreeBlock = {
  readonly height: BlockHeight;
  readonly blockId: BlockId;
  readonly baseAsset: AssetId;
  readonly inbox: readonly InboxEntry[];
  readonly txs: readonly TreeTx[];
  readonly rest: readonly RestChange[];
};

/** The first block: everything is there at once. */
export type TreeGenesis = Pick<TreeBlock, 'height' | 'blockId' | 'rest'> & {
  readonly coins: Iterable<readonly [key: Uint8Array, value: Uint8Array]>;
  readonly messages: Iterable<readonly [key: Uint8Array, value: Uint8Array]>;
  /** Base asset in contracts. */
  readonly held: bigint;
};

export type StateTreeOptions = {
  /** Blocks back for which there are proofs and steps. */
  readonly historyBlocks: number;
  /** Called now and then on the way, so that others get a turn. */
  readonly turn?: () => Promise<void>;
};

const NODE = 1;
const ROOTS = 2;
const LEFT = 3;
const TIP_KEY: Uint8Array = Uint8Array.of(4);
const HASH_BYTES = 32;
/** Nodes that may gather in memory before the lower ones are forgotten. */
export const NODES_IN_MEMORY_MAX = 400_000;
/** Above this depth nodes stay in memory. */
const DEPTH_KEPT = 12;
/** Steps between two turns of others. */
const TURN_STEPS = 32;
/** Rows of the genesis between two turns of others. */
const TURN_ROWS = 500;
/** Rows that are looked at between two turns of others. */
const TURN_NODES = 256;

type RootsRow = Omit<BlockRoots, 'stateRoot'>;
const rootsForm: ValueCodec<RootsRow> = record<RootsRow>('roots of a block', {
  blockId: b256,
  stepRoot: b256,
  coins: b256,
  messages: b256,
  rest: b256,
  held: u128,
  out: u128,
});

function keyAt(kind: number, height: BlockHeight): Uint8Array {
  const key = new Uint8Array(5);
  key[0] = kind;
  writeU32(key, 1, height);
  return key;
}

function nodeKey(hash: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(NODE), hash);
}

function damaged(what: string): CodedError {
  return new CodedError(
    'STATE_TREE_CORRUPT',
    `${what} of the state tree cannot be read: remove the directory "state-tree" of the node; it ` +
      'is made again at the next start',
  );
}

type Trees = { readonly utxos: UtxoState; readonly rest: SparseMerkle };

/** The trees of one chain. One writer; reads may go on beside it. */
export class StateTree {
  readonly #engine: Engine;
  readonly #options: StateTreeOptions;
  readonly #nodes: SparseNodes;
  #trees: Trees;
  #tip: BlockHeight | null;
  /** Nodes of the trees that are in memory, about. */
  #inMemory = 0;

  /** An engine of its own; whatever is in it is gone on with. @throws CodedError STATE_TREE_CORRUPT */
  constructor(engine: Engine, options: StateTreeOptions) {
    this.#engine = engine;
    this.#options = options;
    this.#nodes = { load: (hash) => this.#load(hash) };
    const tip = engine.get(TIP_KEY);
    this.#tip = tip === undefined ? null : readU32(tip, 0);
    this.#trees = this.#treesAt(this.#tip);
  }

  /** The newest block that is in; null: none. */
  get tip(): BlockHeight | null {
    return this.#tip;
  }

  /** null: not in, or from before the tree began. */
  rootsAt(height: BlockHeight): BlockRoots | null {
    const row = this.#engine.get(keyAt(ROOTS, height));
    if (row === undefined) return null;
    const roots = rootsForm.decode(row);
    return { ...roots, stateRoot: stateRootOf(roots) };
  }

  /** Coins and messages behind a block; an independent copy. @throws CodedError STATE_TREE_PRUNED */
  utxosAt(height: BlockHeight): UtxoState {
    return this.#treesBehind(height).utxos.clone();
  }

  /** Whether a key is in a tree behind a block. @throws CodedError STATE_TREE_PRUNED */
  prove(height: BlockHeight, tree: TreeName, key: Uint8Array): SparseProof {
    const { utxos, rest } = this.#treesBehind(height);
    return (tree === 'rest' ? rest : utxos[tree]).prove(key);
  }

  /** The first block. */
  async begin(genesis: TreeGenesis): Promise<BlockRoots> {
    assert(this.#tip === null, 'a tree begins once');
    const trees = copyOf(this.#trees);
    const { utxos, rest } = trees;
    await this.#fill(utxos.coins, genesis.coins);
    await this.#fill(utxos.messages, genesis.messages);
    utxos.held = genesis.held;
    applyRest(rest, genesis.rest);
    return this.#commit(trees, genesis, utxos.step(0n), ZERO_B256);
  }

  async #fill(
    tree: SparseMerkle,
    rows: Iterable<readonly [key: Uint8Array, value: Uint8Array]>,
  ): Promise<void> {
    let count = 0;
    for (const [key, value] of rows) {
      tree.update(key, value);
      count += 1;
      if (count % TURN_ROWS === 0) await this.#options.turn?.();
    }
  }

  /** The block after the newest. */
  async take(block: TreeBlock): Promise<BlockRoots> {
    assert(this.#tip !== null && block.height === this.#tip + 1, 'blocks follow each other');
    const trees = copyOf(this.#trees);
    const leaves = new BinaryMerkle();
    let last!: Step;
    for (const step of stepsOf(trees.utxos, block)) {
      last = step;
      leaves.append(encodeStep(step));
      if (leaves.leafCount % TURN_STEPS === 0) await this.#options.turn?.();
    }
    applyRest(trees.rest, block.rest);
    return await this.#commit(trees, block, last, bytesToHex(leaves.root()));
  }

  /** One atomic write: nodes, roots, what left, and what has left for long enough. */
  async #commit(
    { utxos, rest }: Trees,
    { height, blockId }: { readonly height: BlockHeight; readonly blockId: BlockId },
    step: Step,
    stepRoot: B256,
  ): Promise<BlockRoots> {
    const roots = { ...step, blockId, stepRoot, rest: bytesToHex(rest.root()) };
    const trees = [utxos.coins, utxos.messages, rest];
    const old = height - this.#options.historyBlocks;
    const gone = await this.#gone(old);
    try {
      await this.#engine.write((batch) => {
        for (const key of gone) batch.del(key);
        if (old >= 0) batch.del(keyAt(LEFT, old));
        const left = trees.flatMap((tree) => [...tree.takeReplaced()]);
        this.#inMemory -= left.length;
        if (left.length > 0) batch.put(keyAt(LEFT, height), concatBytes(...left));
        for (const tree of trees) this.#save(batch, tree, height);
        batch.put(keyAt(ROOTS, height), rootsForm.encode(roots));
        const tip = new Uint8Array(4);
        writeU32(tip, 0, height);
        batch.put(TIP_KEY, tip);
      });
    } catch (error) {
      // Nodes count as saved that are not.
      this.#trees = this.#treesAt(this.#tip);
      throw error;
    }
    this.#trees = { utxos, rest };
    this.#tip = height;
    this.#forget(trees);
    return { ...roots, stateRoot: stateRootOf(roots) };
  }

  #save(batch: RowBatch, tree: SparseMerkle, height: BlockHeight): void {
    tree.save((hash, parts) => {
      this.#inMemory += 1;
      batch.put(nodeKey(hash), treeNodeRow(height, parts));
    });
  }

  #forget(trees: readonly SparseMerkle[]): void {
    if (this.#inMemory < NODES_IN_MEMORY_MAX) return;
    this.#inMemory = trees.length << DEPTH_KEPT;
    for (const tree of trees) tree.unload(DEPTH_KEPT);
  }

  /** Keys of what left with a block and was not made again since. */
  async #gone(height: BlockHeight): Promise<Uint8Array[]> {
    const left = height < 0 ? undefined : this.#engine.get(keyAt(LEFT, height));
    const keys: Uint8Array[] = [];
    for (let at = 0; left !== undefined && at < left.length; at += HASH_BYTES) {
      const key = nodeKey(left.subarray(at, at + HASH_BYTES));
      const row = this.#engine.get(key);
      if (row !== undefined && readU32(row, 0) < height) keys.push(key);
      if (at % (TURN_NODES * HASH_BYTES) === 0) await this.#options.turn?.();
    }
    return keys;
  }

  #load(hash: Uint8Array): SparseParts {
    const row = this.#engine.get(nodeKey(hash));
    if (row === undefined) {
      throw new CodedError(
        'STATE_TREE_PRUNED',
        'the state tree does not hold that block any more: ask for a newer one, or raise ' +
          '--state-tree-history',
      );
    }
    const parts = treeNodeOf(row, hash);
    if (parts === null) throw damaged('a node');
    this.#inMemory += 1;
    return parts;
  }

  #treesBehind(height: BlockHeight): Trees {
    if (height === this.#tip) return this.#trees;
    return this.#treesAt(height);
  }

  #treesAt(height: BlockHeight | null): Trees {
    const row = height === null ? null : this.rootsAt(height);
    if (height !== null && row === null) {
      throw new CodedError(
        'STATE_TREE_UNKNOWN_BLOCK',
        `the state tree does not hold block ${height}: it is at ${this.#tip ?? 'no block yet'}`,
      );
    }
    const open = (root: B256): SparseMerkle =>
      new SparseMerkle({ root: hexToBytes(root), nodes: this.#nodes });
    const { coins, messages, rest, held } = row ?? NOTHING;
    const trees = { coins: open(coins), messages: open(messages) };
    return { utxos: new UtxoState(held, trees), rest: open(rest) };
  }

  async close(): Promise<void> {
    await this.#engine.close();
  }
}

const NOTHING = { coins: ZERO_B256, messages: ZERO_B256, rest: ZERO_B256, held: 0n };

function copyOf({ utxos, rest }: Trees): Trees {
  return { utxos: utxos.clone(), rest: rest.clone() };
}

/** The steps of a block, made on `utxos` one by one: the one before first. */
export function* stepsOf(
  utxos: UtxoState,
  { inbox, txs, baseAsset }: Pick<TreeBlock, 'inbox' | 'txs' | 'baseAsset'>,
): Generator<Step> {
  yield utxos.step(0n);
  for (const entry of inbox) {
    if (entry.type === 'message') utxos.addMessage(entry.message);
    yield utxos.step(0n);
  }
  let out = 0n;
  for (const tx of txs) {
    out += tx.sent;
    utxos.applyTx(tx, tx.sent, baseAsset);
    yield utxos.step(out);
  }
}

function applyRest(tree: SparseMerkle, rows: readonly RestChange[]): void {
  for (const { key, value } of rows) {
    const place = sparsePlace(key);
    if (value === null) tree.deleteHashed(place);
    else tree.updateHashed(place, sha256(value));
  }
}
