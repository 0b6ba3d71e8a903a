/**
 * Finds what is wrong with the steps of committed blocks: what each entry of the inbox and each
 * transaction has made of coins, messages and ether. Follows the chain from its genesis with trees
 * of its own; nothing is executed, because all of it is in the bytes of the blocks.
 */
import { equalBytes } from '../primitives/bytes.ts';
import { sha256 } from '../primitives/hash.ts';
import type { AssetId } from '../primitives/types.ts';
import { utxoKeyOf } from '../tx/accessKeys.ts';
import { decodeTx } from '../tx/codec/index.ts';
import { txId } from '../tx/id.ts';
import {
  baseFlow,
  changesOfTx,
  coinKey,
  coinValue,
  hasRetryableInput,
  messageTreeKey,
  messageValue,
  type PlacedTx,
  type StateParts,
  type Step,
  type UtxoState,
} from '../tx/stateSteps.ts';
import type { Input } from '../tx/types.ts';
import type { InboxEntry, InputPlace, TxPlace } from './audit.ts';
import type { CommittedBlock } from './batches.ts';
import { type SkippedCoin, skippedCoins } from './forcedAudit.ts';
import { absenceOf, NO_TREE_OP, type TreeOpStruct, treeOpOf } from './treeOps.ts';

/** Frauds in states and steps, with what the contract has to be shown. */
export type StateStatement =
  | { readonly name: 'wrongStart'; readonly height: number; readonly before: StateParts }
  | { readonly name: 'wrongState'; readonly height: number }
  | {
      readonly name: 'wrongMessageStep';
      readonly height: number;
      /** Of the entry, and its number among those of the block. */
      readonly nonce: number;
      readonly index: number;
      readonly entry: InboxEntry;
      readonly op: TreeOpStruct;
    }
  | {
      readonly name: 'wrongStep';
      readonly at: TxPlace;
      readonly taken: number;
      readonly ops: readonly TreeOpStruct[];
    }
  | {
      readonly name: 'absentInput';
      readonly at: InputPlace;
      readonly taken: number;
      readonly absence: TreeOpStruct;
    }
  | {
      readonly name: 'skippedForced';
      readonly height: number;
      readonly nonce: number;
      readonly taken: number;
      readonly entry: InboxEntry;
      readonly coins: readonly SkippedCoin[];
    };

/** A block that says what its steps are: without them its root cannot be opened. */
export type TracedBlock = CommittedBlock & {
  readonly steps: readonly Step[];
  readonly parts: StateParts;
};

export type StateAuditTerms = {
  readonly chainId: bigint;
  readonly baseAsset: AssetId;
  /** What a forced transfer has to claim at least, or nobody can say that it was left out. */
  readonly transferGas: bigint;
};

/** Whether a block comes with its steps. */
export function isTraced(block: CommittedBlock): block is TracedBlock {
  return block.steps !== undefined && block.parts !== undefined;
}

const same = (a: Step, b: Step): boolean =>
  a.coins === b.coins && a.messages === b.messages && a.held === b.held && a.out === b.out;

/** One block, step by step. */
class BlockWalk {
  readonly block: TracedBlock;
  readonly height: number;
  readonly entries: readonly InboxEntry[];
  readonly firstNonce: number;
  /** Behind what was looked at. */
  utxos: UtxoState;
  readonly terms: StateAuditTerms;
  /** Hashes of nodes that have left the trees for good. */
  readonly left: Uint8Array[] = [];

  constructor(
    block: TracedBlock,
    inbox: { readonly entries: readonly InboxEntry[]; readonly firstNonce: number },
    utxos: UtxoState,
    terms: StateAuditTerms,
  ) {
    this.block = block;
    this.height = block.header.height;
    this.entries = inbox.entries;
    this.firstNonce = inbox.firstNonce;
    this.utxos = utxos;
    this.terms = terms;
  }

  find(before: StateParts): StateStatement | null {
    const { steps, parts } = this.block;
    const { height } = this;
    const [first, last] = [steps[0]!, steps.at(-1)!];
    if (!same(first, { ...before, out: 0n })) return { name: 'wrongStart', height, before };
    const wrong = this.inbox() ?? this.transactions();
    if (wrong !== null) return wrong;
    return same(last, parts) ? null : { name: 'wrongState', height };
  }

  private inbox(): StateStatement | null {
    for (const [index, entry] of this.entries.entries()) {
      let op = NO_TREE_OP;
      const { event } = entry;
      if (event?.type === 'message') {
        const { message } = event;
        const key = messageTreeKey(message.nonce);
        const change = { tree: 'messages', key, value: messageValue(message) } as const;
        op = treeOpOf(this.utxos.applyWithPaths([change])[0]!);
      }
      if (same(this.utxos.step(0n), this.block.steps[index + 1]!)) continue;
      const nonce = this.firstNonce + index;
      return { name: 'wrongMessageStep', height: this.height, nonce, index, entry, op };
    }
    return null;
  }

  private transactions(): StateStatement | null {
    const start = this.utxos.clone();
    for (const [tx, raw] of this.block.transactions.entries()) {
      const wrong = this.transaction({ height: this.height, tx }, raw);
      if (wrong !== null) return wrong;
    }
    return this.skipped(start);
  }

  private transaction(at: TxPlace, raw: Uint8Array): StateStatement | null {
    const { tx } = decodeTx(raw);
    const id = txId(tx, this.terms.chainId);
    const pointer = { blockHeight: at.height, txIndex: at.tx };
    const placed: PlacedTx = { tx, id, pointer, usesData: true };
    const taken = this.entries.length;
    const inputs: readonly Input[] = tx.type === 'mint' ? [] : tx.inputs;
    for (const [input, each] of inputs.entries()) {
      const absence = this.absence(each);
      if (absence !== null) {
        return { name: 'absentInput', at: { ...at, input }, taken, absence };
      }
    }
    const index = taken + at.tx;
    const [pre, post] = [this.block.steps[index]!, this.block.steps[index + 1]!];
    const isRetryable = hasRetryableInput(tx);
    // Of what may be undone below, nothing has left for good.
    if (isRetryable) this.left.push(...this.utxos.takeReplaced());
    const kept = isRetryable ? this.utxos.clone() : null;
    const ops = this.utxos.applyWithPaths(changesOfTx(placed));
    if (this.adds(placed, pre, post, this.utxos)) return null;
    if (kept !== null) {
      const failed = { ...placed, usesData: false };
      kept.apply(changesOfTx(failed));
      if (this.adds(failed, pre, post, kept)) {
        this.utxos = kept;
        return null;
      }
    }
    return { name: 'wrongStep', at, taken, ops: ops.map(treeOpOf) };
  }

  /** The step is right; then what the chain holds is what the step says. */
  private adds(placed: PlacedTx, pre: Step, post: Step, utxos: UtxoState): boolean {
    const { coins, messages } = utxos.step(0n);
    const flow = baseFlow(placed.tx, placed.usesData, this.terms.baseAsset);
    const isRight =
      post.coins === coins &&
      post.messages === messages &&
      post.held + post.out === pre.held + pre.out + flow &&
      post.out >= pre.out;
    if (isRight) this.utxos.held = post.held;
    return isRight;
  }

  /** null: what the input names is there. */
  private absence(input: Input): TreeOpStruct | null {
    if (input.type === 'contract') return null;
    const tree = input.type === 'coin' ? this.utxos.coins : this.utxos.messages;
    const key = keyOfInput(input);
    const value = input.type === 'coin' ? coinValue(input) : messageValue(input);
    const there = tree.valueHash(key);
    if (there !== null && equalBytes(there, sha256(value))) return null;
    return absenceOf(tree, key, there);
  }

  private skipped(start: UtxoState): StateStatement | null {
    for (const [index, entry] of this.entries.entries()) {
      const { event } = entry;
      if (event?.type !== 'transaction') continue;
      const coins = skippedCoins(event, start, this.utxos, this.terms);
      if (coins === null) continue;
      const [nonce, taken] = [this.firstNonce + index, this.entries.length];
      return { name: 'skippedForced', height: this.height, nonce, taken, entry, coins };
    }
    return null;
  }
}

function keyOfInput(input: Exclude<Input, { type: 'contract' }>): Uint8Array {
  if (input.type === 'message') return messageTreeKey(input.nonce);
  return coinKey(utxoKeyOf(input.utxoId.txId, input.utxoId.outputIndex));
}

/** State behind a block, as far as it is known to be right. */
type Behind = { readonly utxos: UtxoState; readonly parts: StateParts };

/** The block with a coin from nowhere behind its last step: an auditor must not be content with it. */
export function plantedIn(block: TracedBlock): TracedBlock {
  const coins = block.header.id;
  const last = { ...block.steps.at(-1)!, coins };
  return { ...block, steps: [...block.steps.slice(0, -1), last], parts: { ...block.parts, coins } };
}

/** Follows blocks from the genesis on, in their order. */
export class StateAuditor {
  readonly #terms: StateAuditTerms;
  /** By height; what blocks are built on. */
  readonly #behind: Map<number, Behind> = new Map();
  #left: Uint8Array[] = [];

  constructor(
    terms: StateAuditTerms,
    genesis: { readonly height: number; readonly utxos: UtxoState; readonly parts: StateParts },
  ) {
    this.#terms = terms;
    this.#behind.set(genesis.height, genesis);
  }

  /** Whether the state before a block is at hand. */
  follows(height: number): boolean {
    return this.#behind.has(height - 1);
  }

  /**
   * The first fraud in the steps of a block that is otherwise in order; null: none.
   * @param inbox what it took in, and the number of the first of it
   */
  audit(
    block: TracedBlock,
    inbox: { readonly entries: readonly InboxEntry[]; readonly firstNonce: number },
  ): StateStatement | null {
    const { height } = block.header;
    const before = this.#behind.get(height - 1);
    if (before === undefined) return null;
    const walk = new BlockWalk(block, inbox, before.utxos.clone(), this.#terms);
    const found = walk.find(before.parts);
    if (found !== null) return found;
    this.#behind.set(height, { utxos: walk.utxos, parts: block.parts });
    this.#left.push(...walk.left, ...walk.utxos.takeReplaced());
    return null;
  }

  /** Hashes of saved nodes that left the trees since the last call. */
  takeLeft(): readonly Uint8Array[] {
    const left = this.#left;
    this.#left = [];
    return left;
  }

  /** State behind a block that was found in order; null: not, or long ago. */
  stateAt(height: number): (Behind & { readonly height: number }) | null {
    const behind = this.#behind.get(height);
    return behind === undefined ? null : { height, ...behind };
  }

  /** Blocks from this height on are no longer committed. */
  forget(height: number): void {
    for (const known of this.#behind.keys()) if (known >= height) this.#behind.delete(known);
  }

  /** Nothing below this height is asked for any more, the state before it stays. */
  settle(height: number): void {
    for (const known of this.#behind.keys()) if (known < height - 1) this.#behind.delete(known);
  }
}
