/**
 * Finds what is wrong with committed blocks, as statements that the contract `Settlement` judges.
 * The same rules as there, over the same bytes: nothing of a node's state is needed, only the blocks
 * and the inbox.
 */

import type { RelayedEvent } from '../executor/relayed.ts';
import { bytesToHex, equalBytes, hexToBytes } from '../primitives/bytes.ts';
import { CodedError } from '../primitives/errors.ts';
import { binaryRoot } from '../primitives/merkle/binary.ts';
import { addressOfPublicKey, recoverPublicKey } from '../primitives/secp256k1.ts';
import type { AssetId, B256 } from '../primitives/types.ts';
import { decodeTx, encodeOutput } from '../tx/codec/index.ts';
import { computeHeader } from '../tx/header.ts';
import { txId } from '../tx/id.ts';
import type { ChargeableTx, CoinInput, Input, Output, Transaction } from '../tx/types.ts';
import type { CommittedBlock } from './batches.ts';
import type { StateStatement } from './stateAudit.ts';

/** A transaction of a committed block. */
export type TxPlace = { readonly height: number; readonly tx: number };
export type InputPlace = TxPlace & { readonly input: number };

/** One fraud, with what the contract has to be shown. */
export type Statement =
  | StateStatement
  | { readonly name: 'notCanonical' | 'misplacedMint'; readonly at: TxPlace }
  | { readonly name: 'badSignature'; readonly at: InputPlace; readonly key: Uint8Array | null }
  | { readonly name: 'inflation' | 'overcharge'; readonly at: TxPlace; readonly asset: AssetId }
  | { readonly name: 'doubleSpend'; readonly at: InputPlace; readonly other: InputPlace }
  | { readonly name: 'badInput'; readonly at: InputPlace; readonly creator: TxPlace }
  | { readonly name: 'badPointer'; readonly at: InputPlace; readonly target: number }
  | { readonly name: 'wrongHeight'; readonly place: number }
  | { readonly name: 'wrongEnd'; readonly height: number }
  | {
      readonly name: 'wrongInbox';
      readonly height: number;
      /** The first block of the chain has none before it. */
      readonly isFirst: boolean;
      readonly ids: readonly B256[];
    };

/** From the cheapest to the dearest on Ethereum; see `contracts/gas.json`. */
const BY_COST: readonly Statement['name'][] = [
  'wrongEnd',
  'wrongHeight',
  'notCanonical',
  'misplacedMint',
  'wrongState',
  'wrongStart',
  'overcharge',
  'inflation',
  'wrongInbox',
  'badSignature',
  'badPointer',
  'wrongMessageStep',
  'absentInput',
  'doubleSpend',
  'badInput',
  'skippedForced',
  'wrongStep',
];

/** An entry of the inbox, by its nonce. */
export type InboxEntry = {
  readonly id: B256;
  readonly block: bigint;
  /** What it is; absent: states are not audited. */
  readonly event?: RelayedEvent;
};

export type AuditTerms = {
  readonly chainId: bigint;
  readonly baseAsset: AssetId;
  /** Height of the first committed block. */
  readonly firstHeight: number;
};

/** What a batch says of itself. */
export type BatchClaim = {
  readonly first: number;
  readonly last: number;
  readonly lastBlockId: B256;
  readonly inboxCount: bigint;
};

/** Coins and messages that the auditor remembers as spent. */
export const SPENT_MAX = 20_000_000;

const CANONICAL_FAILURE = 'TX_DECODE';

/** null: not what an encoder writes. */
function decodeCanonical(raw: Uint8Array): Transaction | null {
  try {
    const { tx, bytesUsed, isCanonical } = decodeTx(raw);
    return isCanonical && bytesUsed === raw.length ? tx : null;
  } catch (error) {
    if (error instanceof CodedError && error.code === CANONICAL_FAILURE) return null;
    throw error;
  }
}

/** What an input consumes for good; null: nothing. */
function spentKey(input: Input): string | null {
  if (input.type === 'coin') return `${input.utxoId.txId}:${input.utxoId.outputIndex}`;
  return input.type === 'message' && input.data.length === 0 ? input.nonce : null;
}

function sums(tx: ChargeableTx, baseAsset: AssetId): Map<AssetId, bigint> | null {
  const left = new Map<AssetId, bigint>();
  const add = (asset: AssetId, amount: bigint): void => {
    left.set(asset, (left.get(asset) ?? 0n) + amount);
  };
  for (const input of tx.inputs as readonly Input[]) {
    if (input.type === 'contract') return null;
    add(input.type === 'coin' ? input.assetId : baseAsset, input.amount);
  }
  for (const output of tx.outputs as readonly Output[]) {
    if ('to' in output) add(output.assetId, -output.amount);
  }
  return left;
}

/** No code runs that could keep some of an asset, and what is left of it is paid back. */
function isFixed(tx: ChargeableTx, asset: AssetId): boolean {
  const hasCode = tx.type === 'script' && tx.script.length > 0;
  const hasChange = tx.outputs.some((each) => each.type === 'change' && each.assetId === asset);
  const comesBack = tx.inputs.some((each) => each.type === 'message' && each.data.length > 0);
  return hasChange && !hasCode && !comesBack;
}

export class Auditor {
  private readonly terms: AuditTerms;
  /** Committed blocks by height, the ones under audit included. */
  private readonly blockAt: (height: number) => Promise<CommittedBlock | null>;
  private readonly spent = new Map<string, InputPlace>();
  private found: Statement[] = [];

  constructor(terms: AuditTerms, blockAt: (height: number) => Promise<CommittedBlock | null>) {
    this.terms = terms;
    this.blockAt = blockAt;
  }

  /**
   * The cheapest statement that convicts the batch, or null when it is in order. Batches are given
   * in their order; one that is rolled back is forgotten with `forget`.
   * @param entries of the inbox, all that the batch may have taken in
   */
  async audit(
    claim: BatchClaim,
    blocks: readonly CommittedBlock[],
    entries: readonly InboxEntry[],
  ): Promise<Statement | null> {
    this.found = [];
    for (const [i, block] of blocks.entries()) {
      const height = claim.first + i;
      await this.auditHeader(block, height, entries);
      for (const [tx, raw] of block.transactions.entries()) {
        await this.auditTx(block, { height, tx }, raw);
      }
    }
    const last = blocks.at(-1);
    const isEnd = last?.header.id === claim.lastBlockId && last.inboxCount === claim.inboxCount;
    if (!isEnd) this.found.push({ name: 'wrongEnd', height: claim.last });
    const rank = ({ name }: Statement): number => BY_COST.indexOf(name);
    const [cheapest] = this.found.sort((a, b) => rank(a) - rank(b));
    return cheapest ?? null;
  }

  /** Blocks from this height on are no longer committed. */
  forget(height: number): void {
    for (const [key, place] of this.spent) if (place.height >= height) this.spent.delete(key);
  }

  private async auditHeader(
    { header, inboxCount }: CommittedBlock,
    height: number,
    entries: readonly InboxEntry[],
  ): Promise<void> {
    if (header.height !== height) this.found.push({ name: 'wrongHeight', place: height });
    const isFirst = height === this.terms.firstHeight;
    const before = isFirst ? 0n : (await this.blockAt(height - 1))?.inboxCount;
    if (before === undefined) return;
    const ids = entries.slice(Number(before), Number(inboxCount)).map(({ id }) => id);
    const isInRange = inboxCount >= before && inboxCount <= BigInt(entries.length);
    const newest = entries[Number(inboxCount) - 1];
    const next = entries[Number(inboxCount)];
    const isRight =
      isInRange &&
      (newest === undefined || newest.block <= header.daHeight) &&
      (next === undefined || next.block > header.daHeight) &&
      bytesToHex(binaryRoot(ids.map(hexToBytes))) === header.eventInboxRoot;
    if (!isRight) {
      this.found.push({ name: 'wrongInbox', height, isFirst, ids: isInRange ? ids : [] });
    }
  }

  private async auditTx(block: CommittedBlock, at: TxPlace, raw: Uint8Array): Promise<void> {
    const tx = decodeCanonical(raw);
    if (tx === null) {
      this.found.push({ name: 'notCanonical', at });
      return;
    }
    const isLast = at.tx + 1 === block.transactions.length;
    const isHere =
      tx.type !== 'mint' ||
      (tx.txPointer.blockHeight === at.height && tx.txPointer.txIndex === at.tx);
    if ((tx.type === 'mint') !== isLast || !isHere) this.found.push({ name: 'misplacedMint', at });
    if (tx.type === 'mint') return;
    for (const [asset, left] of sums(tx, this.terms.baseAsset) ?? []) {
      if (left < 0n) this.found.push({ name: 'inflation', at, asset });
      const fee = asset === this.terms.baseAsset ? (tx.policies.maxFee ?? 0n) : 0n;
      if (left > fee && isFixed(tx, asset)) this.found.push({ name: 'overcharge', at, asset });
    }
    const id = txId(tx, this.terms.chainId);
    for (const [index, input] of tx.inputs.entries()) {
      const place = { ...at, input: index };
      this.auditSpender(tx, id, input, place);
      if (input.type === 'coin') await this.auditCoin(input, place);
      this.auditSpent(input, place);
    }
  }

  private auditSpender(tx: ChargeableTx, id: B256, input: Input, at: InputPlace): void {
    if (input.type === 'contract' || input.predicate.length > 0) return;
    const owner = input.type === 'coin' ? input.owner : input.recipient;
    const witness = tx.witnesses[input.witnessIndex];
    const key = witness?.length === 64 ? recoverPublicKey(witness, hexToBytes(id)) : null;
    if (key !== null && addressOfPublicKey(key) === owner) return;
    this.found.push({ name: 'badSignature', at, key });
  }

  private auditSpent(input: Input, at: InputPlace): void {
    const key = spentKey(input);
    if (key === null) return;
    const other = this.spent.get(key);
    if (other !== undefined) {
      this.found.push({ name: 'doubleSpend', at, other });
      return;
    }
    if (this.spent.size >= SPENT_MAX) {
      throw new CodedError(
        'AUDIT_FULL',
        `more than ${SPENT_MAX} spent coins: this watcher remembers no more`,
      );
    }
    this.spent.set(key, at);
  }

  private async auditCoin(input: CoinInput, at: InputPlace): Promise<void> {
    const { blockHeight, txIndex } = input.txPointer;
    const isLater = blockHeight > at.height || (blockHeight === at.height && txIndex >= at.tx);
    if (isLater) {
      this.found.push({ name: 'badPointer', at, target: at.height });
      return;
    }
    // Coins of the genesis: no transaction has made them.
    if (blockHeight < this.terms.firstHeight) return;
    const block = await this.blockAt(blockHeight);
    if (block === null) return;
    const raw = block.transactions[txIndex];
    if (raw === undefined) {
      this.found.push({ name: 'badPointer', at, target: blockHeight });
      return;
    }
    if (this.isCreatedBy(input, raw)) return;
    this.found.push({ name: 'badInput', at, creator: { height: blockHeight, tx: txIndex } });
  }

  private isCreatedBy({ utxoId, owner, amount, assetId }: CoinInput, raw: Uint8Array): boolean {
    const creator = decodeCanonical(raw);
    // One that is not canonical has a statement of its own.
    if (creator === null) return true;
    if (creator.type === 'mint' || txId(creator, this.terms.chainId) !== utxoId.txId) return false;
    const output: Output | undefined = creator.outputs[utxoId.outputIndex];
    if (output === undefined || !('to' in output)) return false;
    const wanted: Output = { ...output, to: owner, amount, assetId };
    return equalBytes(encodeOutput(output), encodeOutput(wanted));
  }
}

/**
 * The auditor finds a fraud in blocks that were in order: one transaction is altered and must be
 * noticed. For the start of a watcher, before it is trusted.
 * @returns false when there is no transaction to alter, or the alteration goes unnoticed
 */
export async function auditorSelfTest(
  terms: AuditTerms,
  blocks: readonly CommittedBlock[],
): Promise<boolean> {
  const index = blocks.findIndex(({ transactions }) => transactions.length > 1);
  const block = blocks[index];
  if (block === undefined) return false;
  const [first, ...rest] = block.transactions;
  const transactions = [first!.slice(0, -8), ...rest];
  const altered = {
    ...block,
    header: computeHeader({ ...block.header, transactionsCount: transactions.length }),
    transactions,
  };
  const { height, id } = altered.header;
  const claim = { first: height, last: height, lastBlockId: id, inboxCount: block.inboxCount };
  const find = async (at: number): Promise<CommittedBlock | null> =>
    blocks.find(({ header }) => header.height === at) ?? null;
  return (await new Auditor(terms, find).audit(claim, [altered], [])) !== null;
}
