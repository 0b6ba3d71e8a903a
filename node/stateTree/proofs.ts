/** Proofs about the state: that something is there behind a block, or that it is not. */
import { bytesToHex, hexToBytes } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import { verifySparseProof } from '../../primitives/merkle/sparse.ts';
import type { B256, BlockHeight, UtxoKey } from '../../primitives/types.ts';
import {
  balanceRow,
  codeRow,
  contractUtxoRow,
  type RestChange,
  slotRow,
} from '../../state/restTree.ts';
import type { BlockRoots } from '../../state/stateTree.ts';
import type { ChainStore } from '../../state/types.ts';
import { coinKey, coinValue, messageTreeKey, messageValue } from '../../tx/stateSteps.ts';
import type { StateSubject, TreeName } from '../../tx/stateSubject.ts';
import type { StateTreeService } from './keeper.ts';

/** As it goes over HTTP: bytes as hex, amounts as decimal text. */
export type StateProof = {
  readonly subject: StateSubject;
  readonly height: BlockHeight;
  readonly roots: RootsJson;
  readonly tree: TreeName;
  readonly key: string;
  /** null: it is not in the tree. */
  readonly value: string | null;
  readonly siblings: readonly string[];
  /** What stands where an absent key would be; null: nothing, or the key is there. */
  readonly leaf: { readonly place: string; readonly valueHash: string } | null;
};

export type RootsJson = Omit<BlockRoots, 'held' | 'out'> & { held: string; out: string };

/** @see RootsJson */
export function rootsJson(roots: BlockRoots): RootsJson {
  return { ...roots, held: String(roots.held), out: String(roots.out) };
}

type Row = RestChange & { readonly tree: TreeName };

/** A coin that is spent by now is found where it was made. */
function coinRow(store: ChainStore, utxo: UtxoKey): Row {
  const key = coinKey(utxo);
  const coin = store.coin(utxo);
  if (coin !== null) return { tree: 'coins', key, value: coinValue(coin) };
  const made = store.transaction(utxo.slice(0, 66) as B256);
  const output =
    made === null || made.tx.type === 'mint'
      ? null
      : made.tx.outputs[Number(`0x${utxo.slice(66)}`)];
  if (made === null || output == null || !('to' in output)) {
    return { tree: 'coins', key, value: null };
  }
  const { to: owner, amount, assetId } = output;
  const value = coinValue({ owner, amount, assetId, txPointer: made.pointer });
  return { tree: 'coins', key, value };
}

/** Key and present value of a subject. */
function rowOf(store: ChainStore, subject: StateSubject): Row {
  switch (subject.type) {
    case 'coin':
      return coinRow(store, subject.utxo);
    case 'message': {
      const message = store.message(subject.nonce);
      const value = message === null ? null : messageValue(message);
      return { tree: 'messages', key: messageTreeKey(subject.nonce), value };
    }
    case 'contract':
      return {
        tree: 'rest',
        ...contractUtxoRow(subject.contract, store.contractUtxo(subject.contract)),
      };
    case 'code':
      return { tree: 'rest', ...codeRow(subject.contract, store.contractCode(subject.contract)) };
    case 'slot': {
      const { contract, name } = subject;
      return { tree: 'rest', ...slotRow(contract, name, store.slot(contract, name)) };
    }
    case 'asset': {
      const { contract, name } = subject;
      return { tree: 'rest', ...balanceRow(contract, name, store.balance(contract, name)) };
    }
  }
}

/**
 * @param height null: the newest block of the tree
 * @throws CodedError STATE_TREE_PRUNED, STATE_TREE_UNKNOWN_BLOCK, STATE_TREE_VALUE_CHANGED
 */
export async function proveState(
  store: ChainStore,
  tree: StateTreeService,
  subject: StateSubject,
  height: BlockHeight | null,
): Promise<StateProof> {
  const at = height ?? tree.progress().height ?? 0;
  const row = rowOf(store, subject);
  const proof = await tree.prove(at, row.tree, row.key);
  const roots = (await tree.rootsAt(at))!;
  const value = proof.kind === 'inclusion' ? row.value : null;
  const root = hexToBytes(roots[row.tree]);
  const isRight =
    proof.kind === 'exclusion' ||
    (value !== null && verifySparseProof(root, proof, row.key, value));
  if (!isRight) {
    throw new CodedError(
      'STATE_TREE_VALUE_CHANGED',
      `it was something else behind block ${at}, and only the present value is known: leave the ` +
        'height out',
    );
  }
  const leaf = proof.kind === 'exclusion' ? proof.leaf : null;
  return {
    subject,
    height: at,
    roots: rootsJson(roots),
    tree: row.tree,
    key: bytesToHex(row.key),
    value: value === null ? null : bytesToHex(value),
    siblings: proof.proof.map(bytesToHex),
    leaf:
      leaf === null
        ? null
        : { place: bytesToHex(leaf.place), valueHash: bytesToHex(leaf.valueHash) },
  };
}
