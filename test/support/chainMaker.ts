/**
 * Made-up blocks for tests of storage: they obey what the chain store asserts and touch every
 * column, but nothing was executed. Deterministic for a seed.
 */

import type { Changes, CoinRecord, ExecutedTx, SealedBlock } from '../../executor/ports.ts';
import { emptyChanges } from '../../executor/ports.ts';
import { sha256Hex } from '../../primitives/hash.ts';
import type { B256, UtxoKey } from '../../primitives/types.ts';
import { ZERO_B256 } from '../../primitives/types.ts';
import { genesisBlock } from '../../state/genesis.ts';
import { localChain } from '../../state/localChain.ts';
import type { ChainStore } from '../../state/types.ts';
import { utxoKeyOf } from '../../tx/accessKeys.ts';
import { encodeTx } from '../../tx/codec/transaction.ts';
import { computeHeader, transactionsRoot } from '../../tx/header.ts';
import { txId } from '../../tx/id.ts';
import type { Receipt } from '../../tx/receipt.ts';
import type { MintTx, ScriptTx } from '../../tx/types.ts';
import { mulberry } from './random.ts';

/** Whole numbers below a bound, the same for a seed. */
export function randomOf(seed: number): (below: number) => number {
  const next = mulberry(seed);
  return (below) => Math.floor(next() * below);
}

/** An id that stands for `name`. */
export function idOf(name: string): B256 {
  return sha256Hex(new TextEncoder().encode(name));
}

const EMPTY = new Uint8Array(0);

function scriptTx(
  inputs: { key: UtxoKey; coin: CoinRecord }[],
  outputs: { to: B256; amount: bigint; assetId: B256 }[],
  salt: number,
): ScriptTx {
  return {
    type: 'script',
    policies: { maxFee: BigInt(salt) },
    inputs: inputs.map(({ key, coin }) => ({
      type: 'coin',
      utxoId: { txId: key.slice(0, 66) as B256, outputIndex: Number(`0x${key.slice(66)}`) },
      owner: coin.owner,
      amount: coin.amount,
      assetId: coin.assetId,
      txPointer: coin.txPointer,
      witnessIndex: 0,
      predicateGasUsed: 0n,
      predicate: EMPTY,
      predicateData: EMPTY,
    })),
    outputs: outputs.map((output) => ({ type: 'coin', ...output })),
    witnesses: [],
    scriptGasLimit: 0n,
    receiptsRoot: ZERO_B256,
    script: EMPTY,
    scriptData: EMPTY,
  };
}

function mintTx(blockHeight: number, txIndex: number): MintTx {
  return {
    type: 'mint',
    txPointer: { blockHeight, txIndex },
    inputContract: {
      utxoId: { txId: ZERO_B256, outputIndex: 0 },
      balanceRoot: ZERO_B256,
      stateRoot: ZERO_B256,
      txPointer: { blockHeight: 0, txIndex: 0 },
      contractId: ZERO_B256,
    },
    outputContract: { inputIndex: 0, balanceRoot: ZERO_B256, stateRoot: ZERO_B256 },
    mintAmount: 0n,
    mintAssetId: ZERO_B256,
    gasPrice: 0n,
  };
}

/** The store's genesis for these tests: the built-in local chain. */
export function testGenesis(): SealedBlock {
  return genesisBlock(localChain());
}

export type Chain = {
  readonly coins: Map<UtxoKey, CoinRecord>;
  readonly owners: readonly B256[];
  readonly assets: readonly B256[];
  readonly random: (below: number) => number;
};

/** What the made-up chain knows of its own state. */
export function newChain(seed: number): Chain {
  return {
    coins: new Map(testGenesis().changes.coins as Map<UtxoKey, CoinRecord>),
    owners: [...Array(6).keys()].map((n) => idOf(`owner ${n}`)),
    assets: [...Array(3).keys()].map((n) => idOf(`asset ${n}`)),
    random: randomOf(seed),
  };
}

function executed(
  tx: ScriptTx | MintTx,
  receipts: readonly Receipt[],
  success: boolean,
): ExecutedTx {
  return {
    id: txId(tx, 0n),
    tx,
    raw: encodeTx(tx),
    success,
    programState: tx.type === 'mint' ? null : { type: 'return', value: 1n },
    reason: success ? null : 'Revert(1)',
    receipts,
    totalGas: 10n,
    totalFee: 1n,
  };
}

function transfer(chain: Chain, height: number, index: number, changes: Changes): ExecutedTx {
  const { coins, owners, assets, random } = chain;
  const keys = [...coins.keys()].sort();
  const key = keys[random(keys.length)]!;
  const coin = coins.get(key)!;
  coins.delete(key);
  changes.coins.set(key, null);
  const outputs = [...Array(1 + random(3)).keys()].map(() => ({
    to: owners[random(owners.length)]!,
    amount: BigInt(random(1_000_000)) * BigInt(1 + random(1_000_000)),
    assetId: assets[random(assets.length)]!,
  }));
  const contractId = idOf('minting contract');
  const receipts: Receipt[] = [
    { type: 'mint', subId: ZERO_B256, contractId, val: 7n, pc: 0n, is: 0n },
    { type: 'burn', subId: ZERO_B256, contractId, val: 2n, pc: 0n, is: 0n },
    { type: 'scriptResult', result: 0n, gasUsed: 3n },
  ];
  const success = random(4) > 0;
  const tx = executed(
    scriptTx([{ key, coin }], outputs, height * 65536 + index),
    receipts,
    success,
  );
  outputs.forEach((output, outputIndex) => {
    const { to: owner, amount, assetId } = output;
    const made = { owner, amount, assetId, txPointer: { blockHeight: height, txIndex: index } };
    coins.set(utxoKeyOf(tx.id, outputIndex), made);
    changes.coins.set(utxoKeyOf(tx.id, outputIndex), made);
  });
  return tx;
}

function touchRest(chain: Chain, height: number, changes: Changes): void {
  const { owners, assets, random } = chain;
  const nonce = idOf(`nonce ${height}`);
  const recipient = owners[random(owners.length)]!;
  const data = height % 2 === 0 ? EMPTY : Uint8Array.of(1, 2, 3);
  const rest = { sender: ZERO_B256, amount: BigInt(height), daHeight: 0n, data };
  changes.messagesAdded.set(nonce, { ...rest, recipient, nonce });
  if (height > 3) changes.messagesSpent.add(idOf(`nonce ${height - 3}`));
  const contractId = idOf(`contract ${height % 3}`);
  if (height <= 3) {
    changes.contractCode.set(contractId, Uint8Array.of(height, 2));
    changes.contractSalt.set(contractId, idOf('salt'));
  }
  const txPointer = { blockHeight: height, txIndex: 0 };
  changes.contractUtxos.set(contractId, { utxoId: { txId: nonce, outputIndex: 1 }, txPointer });
  const slots = new Map<B256, Uint8Array | null>();
  slots.set(idOf(`slot ${random(5)}`), random(3) === 0 ? null : new Uint8Array(random(40)));
  changes.slots.set(contractId, slots);
  changes.balances.set(contractId, new Map([[assets[random(3)]!, BigInt(random(1000))]]));
  changes.blobs.set(idOf(`blob ${height}`), Uint8Array.of(height & 0xff));
}

/** A block on top of `store` with `txCount` transfers. */
export function nextBlock(chain: Chain, store: ChainStore, txCount: number): SealedBlock {
  const height = store.latest.height + 1;
  const changes = emptyChanges();
  const transactions: ExecutedTx[] = [];
  for (let i = 0; i < txCount; i++) transactions.push(transfer(chain, height, i, changes));
  touchRest(chain, height, changes);
  transactions.push(executed(mintTx(height, txCount), [], true));
  const header = computeHeader({
    ...store.latest,
    transactionsCount: transactions.length,
    transactionsRoot: transactionsRoot(transactions.map(({ raw }) => raw)),
    height,
    prevRoot: store.blocksRoot(height - 1),
    time: store.latest.time + 1n,
  });
  return {
    header,
    consensus: { type: 'poa', signature: new Uint8Array(64).fill(height & 0xff) },
    transactions,
    skipped: [],
    changes,
    messageIds: [],
    relayedFailures: [],
    schedule: {
      mode: 'serial',
      whySerial: null,
      lanes: [],
      workerCount: 0,
      setCount: 0,
      workMs: 0,
      criticalPathMs: 0,
      wallMs: 0,
    },
  };
}
