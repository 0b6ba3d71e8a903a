/**
 * The state as it was before a recent block. What a block took away stands in its transactions
 * (an executed input carries the coin, message or contract output that it spent); slots and
 * balances do not, so their values before are kept (`history.ts`).
 */
import type {
  Changes,
  CoinRecord,
  ContractUtxo,
  MessageRecord,
  StateView,
} from '../../executor/ports.ts';
import type {
  AssetId,
  B256,
  BlockHeight,
  ContractId,
  Nonce,
  SlotKey,
  TxId,
  UtxoKey,
} from '../../primitives/types.ts';
import { utxoKeyOf } from '../../tx/accessKeys.ts';
import type { Input, MintTx, Transaction } from '../../tx/types.ts';
import type { UploadedBytecode } from '../../vm/ports.ts';

/** What no transaction tells: values before the block of what it wrote. null: absent. */
export type ValuesBefore = {
  readonly slots: ReadonlyMap<ContractId, ReadonlyMap<SlotKey, Uint8Array | null>>;
  readonly balances: ReadonlyMap<ContractId, ReadonlyMap<AssetId, bigint | null>>;
  readonly uploadedBytecodes: ReadonlyMap<B256, UploadedBytecode | null>;
  /** Came with the block from the settlement layer. */
  readonly messagesAdded: ReadonlySet<Nonce>;
  readonly consensusParameters: ReadonlySet<number>;
  readonly stateTransitions: ReadonlySet<number>;
};

/** Everything that undoes one block. */
export type Layer = ValuesBefore & {
  readonly height: BlockHeight;
  readonly txIds: ReadonlySet<TxId>;
  readonly coins: ReadonlyMap<UtxoKey, CoinRecord | null>;
  readonly messages: ReadonlyMap<Nonce, MessageRecord>;
  readonly contractUtxos: ReadonlyMap<ContractId, ContractUtxo | null>;
  readonly contractsMade: ReadonlySet<ContractId>;
  readonly blobsMade: ReadonlySet<B256>;
};

/** Reads through `view` what `changes` are about to overwrite; call before they are committed. */
export function valuesBefore(changes: Changes, view: StateView): ValuesBefore {
  const slots = new Map<ContractId, Map<SlotKey, Uint8Array | null>>();
  for (const [id, written] of changes.slots) {
    const isNew = changes.contractCode.has(id);
    const before = new Map<SlotKey, Uint8Array | null>();
    for (const key of written.keys()) before.set(key, isNew ? null : view.slot(id, key));
    slots.set(id, before);
  }
  const balances = new Map<ContractId, Map<AssetId, bigint | null>>();
  for (const [id, written] of changes.balances) {
    const before = new Map<AssetId, bigint | null>();
    for (const assetId of written.keys()) before.set(assetId, view.balance(id, assetId));
    balances.set(id, before);
  }
  const roots = [...changes.uploadedBytecodes.keys()];
  return {
    slots,
    balances,
    uploadedBytecodes: new Map(roots.map((root) => [root, view.uploadedBytecode(root)])),
    messagesAdded: new Set(changes.messagesAdded.keys()),
    consensusParameters: new Set(changes.consensusParameters.keys()),
    stateTransitions: new Set(changes.stateTransitionBytecodes.keys()),
  };
}

/** Both, one after the other: what the first has counts, as it was before the second. */
export function valuesBeforeBoth(first: ValuesBefore, second: ValuesBefore): ValuesBefore {
  const tables = <K, C, V>(
    a: ReadonlyMap<C, ReadonlyMap<K, V>>,
    b: ReadonlyMap<C, ReadonlyMap<K, V>>,
  ): ReadonlyMap<C, ReadonlyMap<K, V>> => {
    const both = new Map(a);
    for (const [id, row] of b) both.set(id, new Map([...row, ...(a.get(id) ?? [])]));
    return both;
  };
  return {
    slots: tables(first.slots, second.slots),
    balances: tables(first.balances, second.balances),
    uploadedBytecodes: new Map([...second.uploadedBytecodes, ...first.uploadedBytecodes]),
    messagesAdded: new Set([...first.messagesAdded, ...second.messagesAdded]),
    consensusParameters: new Set([...first.consensusParameters, ...second.consensusParameters]),
    stateTransitions: new Set([...first.stateTransitions, ...second.stateTransitions]),
  };
}

/** Entries of a table of tables. */
export function valueCount({ slots, balances }: ValuesBefore): number {
  let count = 0;
  for (const row of slots.values()) count += row.size;
  for (const row of balances.values()) count += row.size;
  return count;
}

/** @param txs executed transactions of the block, in order, mint included */
export function layerOf(
  height: BlockHeight,
  txs: readonly { readonly id: TxId; readonly tx: Transaction }[],
  values: ValuesBefore,
): Layer {
  const coins = new Map<UtxoKey, CoinRecord | null>();
  const messages = new Map<Nonce, MessageRecord>();
  const contractUtxos = new Map<ContractId, ContractUtxo | null>();
  const contractsMade = new Set<ContractId>();
  const blobsMade = new Set<B256>();
  for (const { id, tx } of txs) {
    if (tx.type === 'mint') {
      noteMint(contractUtxos, tx);
      continue;
    }
    for (const input of tx.inputs) noteInput(input, { coins, messages, contractUtxos });
    tx.outputs.forEach((output, index) => {
      if (output.type === 'contractCreated') {
        contractsMade.add(output.contractId);
        contractUtxos.set(output.contractId, null);
      } else if (output.type !== 'contract') coins.set(utxoKeyOf(id, index), null);
    });
    if (tx.type === 'blob') blobsMade.add(tx.blobId);
  }
  const txIds = new Set(txs.map(({ id }) => id));
  return {
    ...values,
    height,
    txIds,
    coins,
    messages,
    contractUtxos,
    contractsMade,
    blobsMade,
  };
}

type Spent = {
  readonly coins: Map<UtxoKey, CoinRecord | null>;
  readonly messages: Map<Nonce, MessageRecord>;
  readonly contractUtxos: Map<ContractId, ContractUtxo | null>;
};

function noteInput(input: Input, { coins, messages, contractUtxos }: Spent): void {
  if (input.type === 'coin') {
    const key = utxoKeyOf(input.utxoId.txId, input.utxoId.outputIndex);
    const { owner, amount, assetId, txPointer } = input;
    // Made in this block: absent before it.
    if (!coins.has(key)) coins.set(key, { owner, amount, assetId, txPointer });
  } else if (input.type === 'message') {
    const { sender, recipient, nonce, amount, data } = input;
    // Its DA height is not kept; it was old enough for this block.
    messages.set(nonce, { sender, recipient, nonce, amount, data, daHeight: 0n });
  } else if (!contractUtxos.has(input.contractId)) {
    const { utxoId, txPointer } = input;
    contractUtxos.set(input.contractId, { utxoId, txPointer });
  }
}

function noteMint(contractUtxos: Map<ContractId, ContractUtxo | null>, tx: MintTx): void {
  const { contractId, utxoId, txPointer } = tx.inputContract;
  if (!contractUtxos.has(contractId)) contractUtxos.set(contractId, { utxoId, txPointer });
}

/**
 * The state before block `height`.
 * @param layers of the blocks from `height` up to the latest, asked for at every read: a block may
 *   be committed while somebody still looks
 */
export function viewBefore(
  height: BlockHeight,
  now: StateView,
  layers: () => readonly Layer[],
): StateView {
  const first = <T>(find: (layer: Layer) => T | undefined): T | undefined => {
    for (const layer of layers()) {
      const found = find(layer);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const known = <T>(found: T | undefined, otherwise: () => T): T =>
    found === undefined ? otherwise() : found;
  const isIn = (find: (layer: Layer) => boolean): boolean => layers().some(find);
  return {
    coin: (key) =>
      known(
        first((layer) => layer.coins.get(key)),
        () => now.coin(key),
      ),
    message(nonce) {
      if (isIn((layer) => layer.messagesAdded.has(nonce))) return null;
      return first((layer) => layer.messages.get(nonce)) ?? now.message(nonce);
    },
    contractCode: (id) =>
      isIn((layer) => layer.contractsMade.has(id)) ? null : now.contractCode(id),
    contractUtxo: (id) =>
      known(
        first((layer) => layer.contractUtxos.get(id)),
        () => now.contractUtxo(id),
      ),
    slot: (id, key) =>
      known(
        first((layer) => layer.slots.get(id)?.get(key)),
        () => now.slot(id, key),
      ),
    balance: (id, assetId) =>
      known(
        first((layer) => layer.balances.get(id)?.get(assetId)),
        () => now.balance(id, assetId),
      ),
    blob: (id) => (isIn((layer) => layer.blobsMade.has(id)) ? null : now.blob(id)),
    uploadedBytecode: (root) =>
      known(
        first((layer) => layer.uploadedBytecodes.get(root)),
        () => now.uploadedBytecode(root),
      ),
    consensusParameters: (version) =>
      isIn((layer) => layer.consensusParameters.has(version))
        ? null
        : now.consensusParameters(version),
    stateTransitionBytecodeRoot: (version) =>
      isIn((layer) => layer.stateTransitions.has(version))
        ? null
        : now.stateTransitionBytecodeRoot(version),
    transactionExists: (id) => now.transactionExists(id) && !isIn((layer) => layer.txIds.has(id)),
    blockId: (at) => (at >= height ? null : now.blockId(at)),
    blockTime: (at) => (at >= height ? null : now.blockTime(at)),
  };
}
