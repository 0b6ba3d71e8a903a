/** Transactions and their parts. */
import { concatBytes, hexToBytes } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import type { Address, AssetId, ContractId, TxId, UtxoKey } from '../../primitives/types.ts';
import type { ChainStore } from '../../state/types.ts';
import { utxoKeyOf } from '../../tx/accessKeys.ts';
import { encodeTx } from '../../tx/codec/transaction.ts';
import type {
  ChargeableTx,
  CreateTx,
  Input,
  MintTx,
  Output,
  Policies,
  Transaction,
  TxPointer,
  UpgradePurpose,
  UtxoId,
} from '../../tx/types.ts';
import { firstHeight, requireBlock } from './blocks.ts';
import type { ApiContext, FieldResolvers, ResolverTable, TxNode } from './context.ts';
import { type Connection, mapConnection, type PageArgs, paginate } from './pagination.ts';
import { formatTxPointer, parseB256, parseTxPointer } from './scalars.ts';
import { statusOf } from './statuses.ts';
import { committedTx, findTx } from './txLookup.ts';

type ChainCursor = { readonly height: number; readonly id: TxId };

function parseChainCursor(text: string): ChainCursor {
  const at = text.indexOf('#');
  if (at < 0) throw new CodedError('BAD_CURSOR', 'Incorrect format provided');
  const height = text.slice(0, at).replace(/^0x/, '');
  if (!/^[0-9a-fA-F]{8}$/.test(height)) {
    throw new CodedError('BAD_CURSOR', 'Failed to decode block_height');
  }
  return { height: Number.parseInt(height, 16), id: parseB256(text.slice(at + 1)) };
}

/** Ids in chain order beyond `after`; nothing when its block does not hold it. */
function idsFrom(
  store: ChainStore,
  after: ChainCursor | undefined,
  reverse: boolean,
  limit: number,
): ChainCursor[] {
  const lowest = firstHeight(store);
  const highest = store.latest.height;
  const found: ChainCursor[] = [];
  let height = after?.height ?? (reverse ? highest : lowest);
  let skipUntil = after?.id ?? null;
  for (; height >= lowest && height <= highest; height += reverse ? -1 : 1) {
    const ids = [...requireBlock(store, height).transactionIds];
    if (reverse) ids.reverse();
    const from = skipUntil === null ? 0 : ids.indexOf(skipUntil) + 1;
    if (skipUntil !== null && from === 0) return [];
    skipUntil = null;
    for (const id of ids.slice(from)) {
      if (found.length === limit) return found;
      found.push({ height, id });
    }
  }
  return found;
}

async function pageOfTransactions(store: ChainStore, args: PageArgs): Promise<Connection<TxNode>> {
  const page = await paginate(args, {
    parseCursor: parseChainCursor,
    cursorOf: (row: ChainCursor) => `${row.height.toString(16).padStart(8, '0')}#${row.id}`,
    has: (cursor) => store.transactionPointer(cursor.id)?.blockHeight === cursor.height,
    rows: ({ after, reverse, limit }) => idsFrom(store, after, reverse, limit),
  });
  return mapConnection(page, (row) => committedTx(store, row.id));
}

async function pageByOwner(
  store: ChainStore,
  owner: Address,
  args: PageArgs,
): Promise<Connection<TxNode>> {
  const page = await paginate(args, {
    parseCursor: parseTxPointer,
    cursorOf: (row: { pointer: TxPointer }) => formatTxPointer(row.pointer),
    has: async (cursor) => {
      const rows = await store.transactionsOf(owner, { after: pointerBefore(cursor), limit: 1 });
      const met = rows[0]?.pointer;
      return met?.blockHeight === cursor.blockHeight && met.txIndex === cursor.txIndex;
    },
    rows: (range) => store.transactionsOf(owner, range),
  });
  return mapConnection(page, ({ id, tx, raw }) => ({ id, tx, raw }));
}

function pointerBefore({ blockHeight, txIndex }: TxPointer): TxPointer | undefined {
  if (txIndex > 0) return { blockHeight, txIndex: txIndex - 1 };
  return blockHeight > 0 ? { blockHeight: blockHeight - 1, txIndex: 0xffff } : undefined;
}

function inputAssets(tx: ChargeableTx, baseAssetId: AssetId): AssetId[] {
  return tx.inputs.flatMap((input) => {
    if (input.type === 'contract') return [];
    return [input.type === 'coin' ? input.assetId : baseAssetId];
  });
}

function inputContracts(tx: Transaction): ContractId[] {
  if (tx.type === 'mint') return [tx.inputContract.contractId];
  const ids = tx.inputs.flatMap((input) => (input.type === 'contract' ? [input.contractId] : []));
  return [...new Set(ids)].sort();
}

/** Resolver for a field that only transactions of one kind have. */
function only<Kind extends Transaction['type']>(
  kind: Kind,
  pick: (tx: Extract<Transaction, { type: Kind }>) => unknown,
): (node: TxNode) => unknown {
  return ({ tx }) => (tx.type === kind ? pick(tx as Extract<Transaction, { type: Kind }>) : null);
}

function charged(pick: (tx: ChargeableTx) => unknown): (node: TxNode) => unknown {
  return ({ tx }) => (tx.type === 'mint' ? null : pick(tx));
}

function is(kind: Transaction['type']): (node: TxNode) => boolean {
  return ({ tx }) => tx.type === kind;
}

function witnessIndexOf(tx: Transaction): number | null {
  if (tx.type === 'create') return tx.bytecodeWitnessIndex;
  return tx.type === 'upload' || tx.type === 'blob' ? tx.witnessIndex : null;
}

const slotBytes = (slot: CreateTx['storageSlots'][number]): Uint8Array =>
  concatBytes(hexToBytes(slot.key), hexToBytes(slot.value));

const TRANSACTION: FieldResolvers = {
  inputAssetIds: (node: TxNode, _: unknown, { services }: ApiContext) =>
    node.tx.type === 'mint' ? null : inputAssets(node.tx, services.params().params.baseAssetId),
  inputContracts: ({ tx }: TxNode) => inputContracts(tx),
  inputContract: only('mint', (tx: MintTx) => tx.inputContract),
  policies: charged((tx) => tx.policies),
  scriptGasLimit: only('script', (tx) => tx.scriptGasLimit),
  maturity: charged((tx) => tx.policies.maturity ?? 0n),
  mintAmount: only('mint', (tx) => tx.mintAmount),
  mintAssetId: only('mint', (tx) => tx.mintAssetId),
  mintGasPrice: only('mint', (tx) => tx.gasPrice),
  txPointer: only('mint', (tx) => tx.txPointer),
  isScript: is('script'),
  isCreate: is('create'),
  isMint: is('mint'),
  isUpgrade: is('upgrade'),
  isUpload: is('upload'),
  isBlob: is('blob'),
  inputs: charged((tx) => tx.inputs),
  outputs: ({ tx }: TxNode) => (tx.type === 'mint' ? [] : tx.outputs),
  outputContract: only('mint', (tx) => tx.outputContract),
  witnesses: charged((tx) => tx.witnesses),
  receiptsRoot: only('script', (tx) => tx.receiptsRoot),
  status: (
    node: TxNode,
    args: { includePreconfirmation?: boolean | null },
    { services }: ApiContext,
  ) => {
    const status = statusOf(services, node.id, args.includePreconfirmation === true);
    return status && { id: node.id, status };
  },
  script: only('script', (tx) => tx.script),
  scriptData: only('script', (tx) => tx.scriptData),
  bytecodeWitnessIndex: ({ tx }: TxNode) => witnessIndexOf(tx),
  blobId: only('blob', (tx) => tx.blobId),
  salt: only('create', (tx) => tx.salt),
  storageSlots: only('create', (tx) => tx.storageSlots.map(slotBytes)),
  bytecodeRoot: only('upload', (tx) => tx.root),
  subsectionIndex: only('upload', (tx) => tx.subsectionIndex),
  subsectionsNumber: only('upload', (tx) => tx.subsectionsNumber),
  proofSet: only('upload', (tx) => tx.proofSet),
  upgradePurpose: only('upgrade', (tx) => tx.purpose),
  rawPayload: ({ tx, raw }: TxNode) => raw ?? encodeTx(tx),
};

const INPUT_TYPE = {
  coin: 'InputCoin',
  contract: 'InputContract',
  message: 'InputMessage',
} as const;
const OUTPUT_TYPE = {
  coin: 'CoinOutput',
  contract: 'ContractOutput',
  change: 'ChangeOutput',
  variable: 'VariableOutput',
  contractCreated: 'ContractCreated',
} as const;

const utxoIdField = (source: { utxoId: UtxoId }): UtxoKey =>
  utxoKeyOf(source.utxoId.txId, source.utxoId.outputIndex);

/** u32 as the policy's type; a value beyond is shown as unset. */
function maturityPolicy(policies: Policies): bigint | null {
  const value = policies.maturity;
  return value === undefined || value > 0xffff_ffffn ? null : value;
}

export const TRANSACTIONS: ResolverTable = {
  Query: {
    transaction: (_: unknown, { id }: { id: TxId }, { services }: ApiContext) =>
      findTx(services, id),
    transactions: (_: unknown, args: PageArgs, { services }: ApiContext) =>
      pageOfTransactions(services.store, args),
    transactionsByOwner: (
      _: unknown,
      args: PageArgs & { owner: Address },
      { services }: ApiContext,
    ) => pageByOwner(services.store, args.owner, args),
  },
  Transaction: TRANSACTION,
  Policies: { maturity: maturityPolicy },
  Input: { __resolveType: (input: Input) => INPUT_TYPE[input.type] },
  InputCoin: { utxoId: utxoIdField },
  InputContract: { utxoId: utxoIdField },
  Output: { __resolveType: (output: Output) => OUTPUT_TYPE[output.type] },
  ContractCreated: { contract: (output: { contractId: ContractId }) => output.contractId },
  ResolvedOutput: { utxoId: utxoIdField },
  UpgradePurpose: {
    __resolveType: (purpose: UpgradePurpose) =>
      purpose.type === 'stateTransition' ? 'StateTransitionPurpose' : 'ConsensusParametersPurpose',
  },
};
