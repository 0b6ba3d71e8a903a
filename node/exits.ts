/**
 * Leaving a chain whose operator is gone: closing it on Ethereum, then taking one's own coins and
 * messages out of its last committed state. Blocks and proofs come from any node that has derived
 * the chain (`--follow-da`, `--state-tree`); the contract checks all of it.
 */
import { bytesToHex, hexToBytes, readU16, readU32, readU64 } from '../primitives/bytes.ts';
import { CodedError } from '../primitives/errors.ts';
import { sparsePlace } from '../primitives/merkle/sparse.ts';
import { addressOfSecret } from '../primitives/secp256k1.ts';
import {
  type Address,
  type B256,
  type Nonce,
  type TxId,
  type UtxoKey,
  ZERO_B256,
} from '../primitives/types.ts';
import {
  type BlockProofStruct,
  blockProof,
  connectRpc,
  type ExitContract,
  exitCoinArguments,
  exitMessageArguments,
  type InboxEntry,
  type L1Address,
  openL1Reader,
  openSettlement,
  type SettlementContract,
  type SettlementTerms,
} from '../settlement/index.ts';
import { utxoKeyOf } from '../tx/accessKeys.ts';
import { decodeTx } from '../tx/codec/index.ts';
import { coinKey, messageTreeKey, type StateParts } from '../tx/stateSteps.ts';
import { type BlockSource, committedBatch, entriesOf } from './committedBlocks.ts';
import { keyMissing, type L1Wallet, openL1Wallet } from './l1Wallet.ts';

/** What a node tells about a state; checked, but for the root. */
export type ExitProof = {
  /** null: it is not there. */
  readonly value: `0x${string}` | null;
  readonly siblings: readonly `0x${string}`[];
  readonly roots: { readonly stateRoot: B256 };
};

/** A node that has the blocks of the chain and keeps its state tree. */
export type ExitSource = BlockSource & {
  /** Newest block. */
  latestHeight(): Promise<number>;
  /** What a block's state root is made of. */
  state(height: number): Promise<StateParts>;
  /** Unspent coins of the base asset, at the newest block. */
  coins(owner: Address): Promise<readonly UtxoKey[]>;
  prove(
    subject:
      | { readonly type: 'coin'; readonly utxo: UtxoKey }
      | { readonly type: 'message'; readonly nonce: Nonce },
    height: number,
  ): Promise<ExitProof>;
};

export type ExitOptions = {
  /** Of Ethereum. */
  readonly url: string;
  readonly settlement: L1Address;
  /** Ethereum block of its deployment. */
  readonly deployHeight: bigint;
  /** Of the account on Ethereum that pays the gas; null: only looks. */
  readonly secret: B256 | null;
  readonly source: ExitSource;
};

/** How near the end is. */
export type ExitStage =
  /** Somebody may still commit; `closableAtS`: seconds since 1970. */
  | { readonly type: 'open'; readonly closableAtS: number }
  | { readonly type: 'closable' }
  | { readonly type: 'closed' };

/** Something that can be taken out, once. Amounts in base asset units. */
export type Holding =
  | {
      readonly type: 'coin';
      readonly utxo: UtxoKey;
      readonly amount: bigint;
      readonly siblings: readonly `0x${string}`[];
      readonly height: number;
      readonly index: number;
    }
  | {
      readonly type: 'message';
      readonly nonce: Nonce;
      readonly amount: bigint;
      readonly siblings: readonly `0x${string}`[];
      readonly sender: B256;
      readonly data: Uint8Array;
    }
  /** Sent to the chain by the account on Ethereum, and never taken in. */
  | {
      readonly type: 'unsent';
      readonly nonce: Nonce;
      readonly amount: bigint;
      readonly recipient: B256;
      readonly data: Uint8Array;
    };

export type Exits = {
  /** @throws CodedError L1_KEY_MISSING */
  sender(): L1Address;
  stage(): Promise<ExitStage>;
  /** Closes the chain for good. @throws CodedError EXIT_NO_STATE, L1_DATA_MISSING, L1_REFUSED */
  close(): Promise<{ hash: B256 }>;
  /** Of the last state, less what was taken out. @throws CodedError EXIT_NO_STATE */
  holdings(owner: Address): Promise<readonly Holding[]>;
  /**
   * Several at once, each in a transaction of its own.
   * @param secret of the owner on the chain
   * @param onTaken called as each is in a block of Ethereum
   */
  take(
    holdings: readonly Holding[],
    to: L1Address,
    secret: Uint8Array,
    onTaken: (holding: Holding, hash: B256) => void,
  ): Promise<void>;
  /** What Ethereum takes for one exit now, about. Unit: base asset units. */
  cost(): Promise<bigint>;
};

/** Transactions that wait for their blocks at the same time. */
export const EXITS_AT_ONCE: number = 16;
/** Gas of `exitCoin` in a deep tree. */
const EXIT_GAS = 150_000n;
const WEI_PER_UNIT = 1_000_000_000n;
/** Proofs that are asked for at the same time. */
const PROOFS_AT_ONCE = 8;

type Parts = {
  readonly contract: SettlementContract & ExitContract;
  readonly terms: SettlementTerms;
  readonly entries: () => Promise<readonly InboxEntry[]>;
  readonly source: ExitSource;
};

function noState(why: string): CodedError {
  return new CodedError(
    'EXIT_NO_STATE',
    `${why}: exits need a node that has derived the chain up to its last committed block ` +
      '(fuelrail run --follow-da … --state-tree), at --url',
  );
}

/** Height of the last committed block, and how much of the inbox the chain has taken in. */
async function lastOf({ contract, terms }: Parts): Promise<{ height: number; taken: number }> {
  const count = await contract.batchCount();
  if (count === 0) return { height: terms.firstHeight - 1, taken: 0 };
  const { last, inboxCount } = await contract.batchAt(count - 1);
  return { height: last, taken: Number(inboxCount) };
}

/** The contract does not look at the block when there is no batch. */
const NO_BLOCK: BlockProofStruct = {
  batch: 0n,
  header: {
    prevRoot: ZERO_B256,
    height: 0,
    time: 0n,
    daHeight: 0n,
    consensusParametersVersion: 0,
    stateTransitionVersion: 0,
    transactionsCount: 0,
    messageCount: 0,
    transactionsRoot: ZERO_B256,
    outboxRoot: ZERO_B256,
    inboxRoot: ZERO_B256,
  },
  stateRoot: ZERO_B256,
  stepRoot: ZERO_B256,
  inboxCount: 0n,
  proof: [],
};

/** Arguments of `close`. */
async function closing(parts: Parts): Promise<readonly unknown[]> {
  const { contract, entries, source } = parts;
  const count = await contract.batchCount();
  const { height: last } = await lastOf(parts);
  if ((await source.latestHeight()) < last) throw noState(`the node does not have block ${last}`);
  const state = await source.state(last);
  if (count === 0) return [NO_BLOCK, state];
  const batch = await committedBatch(source, entries, await contract.batchAt(count - 1));
  return [blockProof(BigInt(count - 1), batch, batch.blocks.length - 1), state];
}

/** Coins of an owner behind a block: those of now, and those that later blocks have spent. */
async function coinsAt(
  { source, terms }: Parts,
  owner: Address,
  height: number,
): Promise<Set<UtxoKey>> {
  const latest = await source.latestHeight();
  if (latest < height) throw noState(`the node is at block ${latest} of ${height}`);
  const found = new Set(await source.coins(owner));
  for (let at = height + 1; at <= latest; at++) {
    for (const raw of (await source.source(at))?.transactions ?? []) {
      const { tx } = decodeTx(raw);
      for (const input of tx.type === 'mint' ? [] : tx.inputs) {
        if (input.type !== 'coin' || input.owner !== owner) continue;
        if (input.assetId !== terms.baseAsset) continue;
        found.add(utxoKeyOf(input.utxoId.txId, input.utxoId.outputIndex));
      }
    }
  }
  return found;
}

async function inParallel<T, R>(
  all: readonly T[],
  work: (each: T) => Promise<readonly R[]>,
): Promise<R[]> {
  const done: R[] = [];
  for (let at = 0; at < all.length; at += PROOFS_AT_ONCE) {
    const part = await Promise.all(all.slice(at, at + PROOFS_AT_ONCE).map(work));
    done.push(...part.flat());
  }
  return done;
}

const placeOf = (key: Uint8Array): B256 => bytesToHex(sparsePlace(key)) as B256;

/** A coin's amount and place, out of what the tree holds. */
function coinHolding(utxo: UtxoKey, value: Uint8Array, siblings: ExitProof['siblings']): Holding {
  const [amount, height, index] = [readU64(value, 32), readU32(value, 72), readU16(value, 76)];
  return { type: 'coin', utxo, amount, siblings, height, index };
}

async function holdingsOf(
  parts: Parts,
  owner: Address,
  sender: L1Address | null,
): Promise<Holding[]> {
  const { contract, source, entries } = parts;
  const { height, taken } = await lastOf(parts);
  const coins = await inParallel([...(await coinsAt(parts, owner, height))], async (utxo) => {
    const { value, siblings } = await source.prove({ type: 'coin', utxo }, height);
    if (value === null || (await contract.exited(placeOf(coinKey(utxo))))) return [];
    return [coinHolding(utxo, hexToBytes(value), siblings)];
  });
  const sent = (await entries()).flatMap(({ event }) =>
    event?.type === 'message' ? [event.message] : [],
  );
  const isTaken = ({ nonce }: { nonce: Nonce }): boolean => BigInt(nonce) < BigInt(taken);
  const own = sent.filter((each) => each.recipient === owner && isTaken(each));
  const messages = await inParallel(own, async ({ nonce, sender: from, amount, data }) => {
    const { value, siblings } = await source.prove({ type: 'message', nonce }, height);
    if (value === null || (await contract.exited(placeOf(messageTreeKey(nonce))))) return [];
    return [{ type: 'message' as const, nonce, amount, siblings, sender: from, data }];
  });
  const mine = sender === null ? null : `0x${sender.slice(2).padStart(64, '0')}`;
  const back = sent.filter((each) => each.sender === mine && !isTaken(each));
  const unsent = await inParallel(back, async ({ nonce, amount, recipient, data }) =>
    (await contract.reclaimed(BigInt(nonce)))
      ? []
      : [{ type: 'unsent' as const, nonce, amount, recipient, data }],
  );
  return [...coins, ...messages, ...unsent];
}

type Call = { readonly name: string; readonly args: readonly unknown[] };

function callOf(
  holding: Holding,
  owner: Address,
  terms: Parameters<typeof exitCoinArguments>[2],
  secret: Uint8Array,
  sender: L1Address,
): Call {
  if (holding.type === 'unsent') {
    const { nonce, amount, recipient, data } = holding;
    const from = `0x${sender.slice(2).padStart(64, '0')}`;
    const message = { sender: from, recipient, amount, data: bytesToHex(data) };
    return { name: 'reclaim', args: [BigInt(nonce), message] };
  }
  const proof = { kind: 'inclusion' as const, proof: holding.siblings.map(hexToBytes) };
  if (holding.type === 'message') {
    const { nonce, sender: from, amount, data } = holding;
    const message = { sender: from, recipient: owner, amount, data: bytesToHex(data) };
    return {
      name: 'exitMessage',
      args: exitMessageArguments(nonce, message, proof, terms, secret),
    };
  }
  const { utxo, amount, height: blockHeight, index: txIndex } = holding;
  const utxoId = { txId: utxo.slice(0, 66) as TxId, outputIndex: Number(`0x${utxo.slice(66)}`) };
  const coin = { utxoId, amount, txPointer: { blockHeight, txIndex } };
  return { name: 'exitCoin', args: exitCoinArguments(coin, proof, terms, secret) };
}

function nameOf(holding: Holding): string {
  return holding.type === 'coin' ? `coin ${holding.utxo}` : `message ${holding.nonce}`;
}

/** Sends calls of the contract by their name; refused ones cost nothing. */
class ExitSender {
  readonly #parts: Parts;
  readonly #wallet: L1Wallet;

  constructor(parts: Parts, wallet: L1Wallet) {
    this.#parts = parts;
    this.#wallet = wallet;
  }

  /** null: it was done already. @throws CodedError L1_REFUSED */
  async post(what: string, { name, args }: Call): Promise<B256 | null> {
    const verdict = await this.#parts.contract.verdict(name, args, 0n);
    if (verdict.type === 'ok') return await this.#wallet.post(what, verdict.call);
    if (verdict.reason === 'AlreadyDone') return null;
    const why =
      verdict.reason === 'PayoutFailed'
        ? 'the recipient takes no ether, or there is no ether left in the inbox of the chain'
        : verdict.reason;
    throw new CodedError('L1_REFUSED', `Ethereum refuses ${what}: ${why}; nothing was sent`);
  }

  async all(
    calls: readonly { readonly holding: Holding; readonly call: Call }[],
    onTaken: (holding: Holding, hash: B256) => void,
  ): Promise<void> {
    for (let at = 0; at < calls.length; at += EXITS_AT_ONCE) {
      const sent: { holding: Holding; hash: B256 }[] = [];
      // One by one: each takes the nonce behind the last.
      for (const { holding, call } of calls.slice(at, at + EXITS_AT_ONCE)) {
        const hash = await this.post(nameOf(holding), call);
        if (hash !== null) sent.push({ holding, hash });
      }
      for (const { holding, hash } of sent) {
        await this.#wallet.included(nameOf(holding), hash);
        onTaken(holding, hash);
      }
    }
  }
}

async function stageOf({ contract }: Parts): Promise<ExitStage> {
  const { isClosed, canClose, closableAtS } = await contract.exitState();
  if (isClosed) return { type: 'closed' };
  return canClose ? { type: 'closable' } : { type: 'open', closableAtS };
}

/** @throws CodedError L1_… */
export async function openExits(options: ExitOptions): Promise<Exits> {
  const { url, settlement, source, deployHeight } = options;
  const rpc = await connectRpc(url);
  const reader = await openL1Reader({ urls: [url] });
  const wallet = await openL1Wallet(options, rpc);
  const contract = await openSettlement(rpc, settlement, wallet?.address ?? settlement);
  const terms = await contract.terms();
  const entries = entriesOf(reader, terms.inbox, deployHeight);
  const parts: Parts = { contract, terms, entries, source };
  const own = (): L1Wallet => wallet ?? keyMissing();
  return {
    sender: () => own().address,
    stage: () => stageOf(parts),
    async close() {
      const what = 'closing the chain';
      const sender = new ExitSender(parts, own());
      const hash = await sender.post(what, { name: 'close', args: await closing(parts) });
      if (hash === null) throw new CodedError('L1_REFUSED', 'the chain is closed already');
      await own().included(what, hash);
      return { hash };
    },
    holdings: (owner) => holdingsOf(parts, owner, wallet?.address ?? null),
    async take(holdings, to, secret, onTaken) {
      const ethereumChainId = await reader.chainId();
      const exitTerms = { settlement, ethereumChainId, to };
      const owner = addressOfSecret(secret);
      const { address } = own();
      const calls = holdings.map((holding) => ({
        holding,
        call: callOf(holding, owner, exitTerms, secret, address),
      }));
      await new ExitSender(parts, own()).all(calls, onTaken);
    },
    async cost() {
      return (BigInt((await rpc('eth_gasPrice', [])) as string) * EXIT_GAS) / WEI_PER_UNIT;
    },
  };
}
