/**
 * Made-up traffic for frames: signed transfers with one input and two outputs, in blocks, obeying
 * what a real chain obeys (outputs are spent once, amounts add up but for the fee). Nothing is
 * executed; signatures are random bytes, which is what they look like.
 */
import type { DaBlock } from '../../da/block.ts';
import type { PlacedTx } from '../../da/compact/history.ts';
import { hexToBytes } from '../../primitives/bytes.ts';
import { sha256 } from '../../primitives/hash.ts';
import type { B256, TxId } from '../../primitives/types.ts';
import { ZERO_B256 } from '../../primitives/types.ts';
import type { BlockHeader } from '../../tx/block.ts';
import { encodeTx } from '../../tx/codec/transaction.ts';
import { computeHeader, transactionsRoot } from '../../tx/header.ts';
import { txId } from '../../tx/id.ts';
import type { CoinInput, MintTx, Output, ScriptTx } from '../../tx/types.ts';
import { idOf, randomOf } from './chainMaker.ts';

const EMPTY = new Uint8Array(0);
const ROOT = idOf('receipts of a transfer');

type Coin = Pick<CoinInput, 'utxoId' | 'owner' | 'amount' | 'assetId' | 'txPointer'>;

export type TrafficOptions = {
  readonly seed: number;
  readonly chainId: bigint;
  /** Accounts that exist. */
  readonly accounts: number;
  /** Of a hundred receivers, how many have never been seen. */
  readonly freshPercent: number;
  /** Of a hundred amounts, how many are round in decimals. */
  readonly roundPercent: number;
};

/** Half of the transfers in steady state go to old acquaintances, a few to new addresses. */
export const REALISTIC: TrafficOptions = {
  seed: 77,
  chainId: 9889n,
  accounts: 20_000,
  freshPercent: 10,
  roundPercent: 50,
};

export class Traffic {
  readonly blocks: { block: DaBlock; ids: readonly TxId[] }[] = [];
  readonly #options: TrafficOptions;
  readonly #random: (below: number) => number;
  readonly #coins: Coin[] = [];
  readonly #base: B256 = idOf('base asset');
  #fresh = 0;
  #header: BlockHeader;

  constructor(options: TrafficOptions) {
    this.#options = options;
    this.#random = randomOf(options.seed);
    const zero = { transactionsCount: 0, messageReceiptCount: 0, transactionsRoot: ZERO_B256 };
    const empty = sha256(EMPTY);
    const root = `0x${Buffer.from(empty).toString('hex')}` as B256;
    const versions = { consensusParametersVersion: 0, stateTransitionBytecodeVersion: 28 };
    const roots = { messageOutboxRoot: root, eventInboxRoot: root, prevRoot: ZERO_B256 };
    const time = 2n ** 62n + 1_700_000_000n;
    this.#header = computeHeader({ ...zero, ...versions, ...roots, daHeight: 0n, height: 0, time });
    for (let n = 0; n < options.accounts; n++) this.#coins.push(this.#genesisCoin(n));
  }

  #genesisCoin(n: number): Coin {
    const utxoId = { txId: idOf(`genesis ${n}`), outputIndex: 0 };
    const txPointer = { blockHeight: 0, txIndex: 0 };
    const amount = 10n ** 12n + BigInt(n);
    return { utxoId, owner: this.account(n), amount, assetId: this.#base, txPointer };
  }

  account(n: number): B256 {
    return idOf(`account ${n}`);
  }

  /** Few receive much, as on real chains: rank by a power law. */
  #receiver(): B256 {
    if (this.#random(100) < this.#options.freshPercent) return idOf(`fresh ${this.#fresh++}`);
    const u = this.#random(1 << 30) / (1 << 30);
    return this.account(Math.floor(this.#options.accounts * u ** 3));
  }

  #amount(limit: bigint): bigint {
    const digits = 3 + this.#random(7);
    const amount =
      this.#random(100) < this.#options.roundPercent
        ? BigInt(1 + this.#random(999)) * 10n ** BigInt(digits - 2)
        : BigInt(1 + this.#random(1 << 30)) * BigInt(1 + this.#random(20));
    return amount < limit / 2n ? amount : limit / 3n;
  }

  #random32(): Uint8Array {
    const bytes = new Uint8Array(64);
    for (let i = 0; i < 64; i++) bytes[i] = this.#random(256);
    return bytes;
  }

  #transfer(): ScriptTx {
    const at = this.#random(this.#coins.length);
    const coin = this.#coins[at]!;
    this.#coins[at] = this.#coins.at(-1)!;
    this.#coins.pop();
    const amount = this.#amount(coin.amount);
    // One price for the block, a few wallets pay a tip.
    const tip = this.#random(10) === 0 ? BigInt(1 + this.#random(5)) * 10n : 0n;
    const fee = 1_043n + tip;
    const outputs: Output[] = [
      { type: 'coin', to: this.#receiver(), amount, assetId: coin.assetId },
      { type: 'change', to: coin.owner, amount: coin.amount - amount - fee, assetId: coin.assetId },
    ];
    const none = { predicateGasUsed: 0n, predicate: EMPTY, predicateData: EMPTY };
    return {
      type: 'script',
      policies: tip === 0n ? { maxFee: 1_252n } : { tip, maxFee: 1_252n + tip },
      inputs: [{ type: 'coin', ...coin, witnessIndex: 0, ...none }],
      outputs,
      witnesses: [this.#random32()],
      scriptGasLimit: 0n,
      receiptsRoot: ROOT,
      script: EMPTY,
      scriptData: EMPTY,
    };
  }

  #mint(height: number, txIndex: number): MintTx {
    const nowhere = { txId: ZERO_B256, outputIndex: 0 };
    const roots = { balanceRoot: ZERO_B256, stateRoot: ZERO_B256 };
    const txPointer = { blockHeight: 0, txIndex: 0 };
    return {
      type: 'mint',
      txPointer: { blockHeight: height, txIndex },
      inputContract: { utxoId: nowhere, ...roots, txPointer, contractId: ZERO_B256 },
      outputContract: { inputIndex: 0, ...roots },
      mintAmount: 0n,
      mintAssetId: this.#base,
      gasPrice: 1n,
    };
  }

  #spendable(id: TxId, tx: ScriptTx, height: number, txIndex: number): void {
    tx.outputs.forEach((output, outputIndex) => {
      if (output.type === 'contract' || output.type === 'contractCreated') return;
      if (output.amount < 10_000n) return;
      const { to: owner, amount, assetId } = output;
      const txPointer = { blockHeight: height, txIndex };
      this.#coins.push({ utxoId: { txId: id, outputIndex }, owner, amount, assetId, txPointer });
    });
  }

  /** The next block, with `count` transfers and a mint. */
  next(count: number): { block: DaBlock; ids: readonly TxId[] } {
    const height = this.#header.height + 1;
    const txs: (ScriptTx | MintTx)[] = [];
    for (let i = 0; i < count; i++) txs.push(this.#transfer());
    txs.push(this.#mint(height, count));
    const ids = txs.map((tx) => txId(tx, this.#options.chainId));
    txs.forEach((tx, i) => {
      if (tx.type === 'script') this.#spendable(ids[i]!, tx, height, i);
    });
    const transactions = txs.map(encodeTx);
    this.#header = computeHeader({
      ...this.#header,
      height,
      transactionsCount: txs.length,
      transactionsRoot: transactionsRoot(transactions),
      prevRoot: idOf(`root ${height}`),
      time: this.#header.time + 1n,
    });
    const signature = this.#random32();
    const block: DaBlock = {
      header: this.#header,
      consensus: { type: 'poa', signature },
      transactions,
      inbox: [],
    };
    const made = { block, ids };
    this.blocks.push(made);
    return made;
  }
}

/** A history out of blocks that were made. */
export function historyOf(
  blocks: readonly { block: DaBlock; ids: readonly TxId[] }[],
  decode: (raw: Uint8Array) => PlacedTx['tx'],
): { transactionAt(height: number, txIndex: number): PlacedTx | null } {
  const byHeight = new Map(blocks.map((made) => [made.block.header.height, made]));
  return {
    transactionAt(height, txIndex) {
      const made = byHeight.get(height);
      const raw = made?.block.transactions[txIndex];
      return made === undefined || raw === undefined
        ? null
        : { id: made.ids[txIndex]!, tx: decode(raw) };
    },
  };
}

/** Bytes of text, for names in tests. */
export function bytesOf(hex: B256): Uint8Array {
  return hexToBytes(hex);
}
