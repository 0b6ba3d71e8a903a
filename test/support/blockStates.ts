/** States and steps of blocks, followed from their bytes; and what a dispute shows of them. */
import type { Hex } from 'viem';
import type { RelayedEvent } from '../../executor/relayed.ts';
import { bytesToHex, hexToBytes } from '../../primitives/bytes.ts';
import { binaryProof } from '../../primitives/merkle/binary.ts';
import { type SparseProof, sparsePlace } from '../../primitives/merkle/sparse.ts';
import { type AssetId, type B256, ZERO_B256 } from '../../primitives/types.ts';
import type { CommittedBlock } from '../../settlement/index.ts';
import { decodeTx } from '../../tx/codec/index.ts';
import { txId } from '../../tx/id.ts';
import {
  type ChangePath,
  changesOfTx,
  encodeStep,
  hasRetryableInput,
  messageValue,
  type PlacedTx,
  type StateParts,
  type Step,
  stateRootOf,
  stepRootOf,
  type UtxoState,
} from '../../tx/stateSteps.ts';

/** What the bytes of a transaction do not tell. */
export type TxOutcome = { readonly sent: bigint; readonly failed: boolean };

/** `TreeOp` of the contract. */
export type TreeOp = {
  readonly siblings: readonly Hex[];
  readonly a: Hex;
  readonly b: Hex;
  readonly kind: number;
};

export const BESIDE_LEAF = 0;
export const BESIDE_NODE = 1;
export const EMPTY = 2;
export const LEAF = 3;

export const NO_OP: TreeOp = { siblings: [], a: ZERO_B256, b: ZERO_B256, kind: EMPTY };

/** A block's steps, with the trees before each. */
export type BlockState = {
  readonly parts: StateParts;
  readonly steps: readonly Step[];
  /** Trees at each step. */
  readonly trees: readonly UtxoState[];
  /** Operations of each message that is taken in; null for a forced transaction. */
  readonly messageOps: readonly (TreeOp | null)[];
  readonly txOps: readonly (readonly TreeOp[])[];
};

const ofProof = ({ proof }: SparseProof): Hex[] => proof.map((each) => bytesToHex(each));

/** A path as the contract takes it. */
export function opOf({ proof, sibling }: ChangePath): TreeOp {
  const siblings = ofProof(proof);
  if (proof.kind === 'inclusion') {
    const kind = sibling?.kind === 'inner' ? BESIDE_NODE : BESIDE_LEAF;
    const a = sibling === null ? ZERO_B256 : bytesToHex(sibling.a);
    const b = sibling === null ? ZERO_B256 : bytesToHex(sibling.b);
    return { siblings, a, b, kind };
  }
  if (proof.leaf === null) return { ...NO_OP, siblings };
  const { place, valueHash } = proof.leaf;
  return { siblings, a: bytesToHex(place), b: bytesToHex(valueHash), kind: LEAF };
}

/** What stands where a key should be; `hash`: of another value there. */
export function absenceOf(
  tree: UtxoState['coins'],
  key: Uint8Array,
  hash: Hex = ZERO_B256,
): TreeOp {
  const op = opOf(tree.proveRemoval(key));
  if (op.kind > BESIDE_NODE) return op;
  return { siblings: op.siblings, a: bytesToHex(sparsePlace(key)), b: hash, kind: LEAF };
}

export function siblingsOf(tree: UtxoState['coins'], key: Uint8Array): Hex[] {
  return ofProof(tree.prove(key));
}

/** `rest`: root over everything beside coins and messages, which no statement looks into. */
type Chain = { readonly chainId: bigint; readonly baseAsset: AssetId; readonly rest: B256 };

/** Follows one block. `state` is changed. */
export function followBlock(
  state: UtxoState,
  block: Pick<CommittedBlock, 'header' | 'transactions'>,
  events: readonly RelayedEvent[],
  outcomes: readonly TxOutcome[],
  { chainId, baseAsset, rest }: Chain,
): BlockState {
  let out = 0n;
  const steps: Step[] = [state.step(0n)];
  const trees: UtxoState[] = [state.clone()];
  const done = (): void => {
    steps.push(state.step(out));
    trees.push(state.clone());
  };
  const messageOps = events.map((event) => {
    if (event.type === 'transaction') {
      done();
      return null;
    }
    const { message } = event;
    const key = hexToBytes(message.nonce);
    const change = { tree: 'messages', key, value: messageValue(message) } as const;
    const [path] = state.applyWithPaths([change]);
    done();
    return opOf(path!);
  });
  const txOps = block.transactions.map((raw, txIndex) => {
    const { tx } = decodeTx(raw);
    const id = tx.type === 'mint' ? ZERO_B256 : txId(tx, chainId);
    const { sent, failed } = outcomes[txIndex]!;
    const usesData = !(failed && hasRetryableInput(tx));
    const pointer = { blockHeight: block.header.height, txIndex };
    const placed: PlacedTx = { tx, id, pointer, usesData };
    // With the messages that come back: the contract tries both.
    const all = changesOfTx({ ...placed, usesData: true });
    const ops = state.clone().applyWithPaths(all).map(opOf);
    state.applyTx(placed, sent, baseAsset);
    out += sent;
    done();
    return ops;
  });
  const parts = { ...steps.at(-1)!, rest };
  return { parts, steps, trees, messageOps, txOps };
}

/** The block, committed with these steps. */
export function withState(
  block: CommittedBlock,
  steps: readonly Step[],
  parts: StateParts,
): CommittedBlock {
  return { ...block, stateRoot: stateRootOf(parts), stepRoot: stepRootOf(steps) };
}

export type StepStruct = Step & { readonly proof: readonly Hex[] };

/** `Step` of the contract. */
export function stepProof(steps: readonly Step[], index: number): StepStruct {
  const { proof } = binaryProof(steps.map(encodeStep), index);
  return { ...steps[index]!, proof: proof.map((each) => bytesToHex(each)) };
}
