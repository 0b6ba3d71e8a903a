/** Small transactions for tests of the pool. */
import type { B256, Hex, UtxoKey } from '../../primitives/types.ts';
import { accessListOf } from '../../tx/access.ts';
import { utxoKeyOf } from '../../tx/accessKeys.ts';
import type { ChargeableTx, Input, Output } from '../../tx/types.ts';
import type { ConflictGraph } from '../../txpool/conflictGraph.ts';
import type { DependencyGraph, PoolNode } from '../../txpool/graph.ts';
import type { PoolCoin, PoolMessage, PoolView } from '../../txpool/ports.ts';
import type { PooledTx } from '../../txpool/types.ts';

/** A 32-byte id that ends in `n`. */
export function id(n: number): B256 {
  return `0x${n.toString(16).padStart(64, '0')}`;
}

export const OWNER: B256 = id(0xaaaa);
export const ASSET: B256 = id(0);
const NOWHERE = { blockHeight: 0, txIndex: 0 };

export function coinInput(
  txId: B256,
  outputIndex = 0,
  amount = 100n,
  assetId: B256 = ASSET,
): Input {
  return {
    type: 'coin',
    utxoId: { txId, outputIndex },
    owner: OWNER,
    amount,
    assetId,
    txPointer: NOWHERE,
    witnessIndex: 0,
    predicateGasUsed: 0n,
    predicate: new Uint8Array(),
    predicateData: new Uint8Array(),
  };
}

export function messageInput(nonce: B256, amount = 100n): Input {
  return {
    type: 'message',
    sender: OWNER,
    recipient: OWNER,
    amount,
    nonce,
    witnessIndex: 0,
    predicateGasUsed: 0n,
    data: new Uint8Array(),
    predicate: new Uint8Array(),
    predicateData: new Uint8Array(),
  };
}

export function contractInput(contractId: B256): Input {
  return {
    type: 'contract',
    utxoId: { txId: id(0), outputIndex: 0 },
    balanceRoot: id(0),
    stateRoot: id(0),
    txPointer: NOWHERE,
    contractId,
  };
}

export function coinOutput(amount = 100n, assetId: B256 = ASSET): Output {
  return { type: 'coin', to: OWNER, amount, assetId };
}
export function changeOutput(amount = 0n, assetId: B256 = ASSET): Output {
  return { type: 'change', to: OWNER, amount, assetId };
}
export function createdOutput(contractId: B256): Output {
  return { type: 'contractCreated', contractId, stateRoot: id(0) };
}

let sequence = 0;

/** A verified transaction of `gas` and `tip`, id `n`. */
export function poolTx(
  n: number,
  options: {
    inputs?: Input[];
    outputs?: Output[];
    tip?: bigint;
    gas?: bigint;
    bytes?: number;
    price?: bigint;
    expiration?: bigint;
    blobId?: B256;
  } = {},
): PooledTx {
  const { inputs = [], outputs = [], tip = 0n, gas = 10n, bytes = 100, price = 1n } = options;
  const common = {
    policies: {
      maxFee: 0n,
      tip,
      ...(options.expiration === undefined ? {} : { expiration: options.expiration }),
    },
    inputs,
    outputs,
    witnesses: [],
  };
  const tx: ChargeableTx =
    options.blobId === undefined
      ? {
          type: 'script',
          ...common,
          scriptGasLimit: 0n,
          receiptsRoot: id(0),
          script: new Uint8Array(),
          scriptData: new Uint8Array(),
        }
      : { type: 'blob', ...common, blobId: options.blobId, witnessIndex: 0 };
  sequence += 1;
  return {
    id: id(n),
    tx,
    raw: new Uint8Array(),
    minGas: gas,
    maxGas: gas,
    sizeBytes: bytes,
    tip,
    maxFee: 0n,
    maxGasPrice: price,
    arrivedAtMs: 0,
    sequence,
    access: accessListOf(tx, id(n)),
    verified: true,
  };
}

/** Puts a transaction into the graphs, as the pool does, without its checks. */
export function enter(
  conflicts: ConflictGraph<PoolNode>,
  graph: DependencyGraph,
  entry: PooledTx,
  order: number,
): PoolNode {
  const keys = conflicts.hold(entry.access);
  return graph.add(entry, graph.place(entry, keys), { order, nowMs: 0 }, keys);
}

/** A state in memory that tests fill by hand. */
export class FakeView implements PoolView {
  readonly coins: Map<UtxoKey, PoolCoin> = new Map();
  readonly messages: Map<Hex, PoolMessage> = new Map();
  readonly contracts: Set<Hex> = new Set();
  readonly blobs: Set<Hex> = new Set();
  readonly transactions: Set<Hex> = new Set();

  /** Adds coins (txId, 0) of 100 units that belong to OWNER. */
  fund(...txIds: B256[]): this {
    for (const txId of txIds) {
      this.coins.set(utxoKeyOf(txId, 0), { owner: OWNER, amount: 100n, assetId: ASSET });
    }
    return this;
  }

  coin(key: UtxoKey): PoolCoin | null {
    return this.coins.get(key) ?? null;
  }
  message(nonce: Hex): PoolMessage | null {
    return this.messages.get(nonce) ?? null;
  }
  contractUtxo(contractId: Hex): object | null {
    return this.contracts.has(contractId) ? {} : null;
  }
  blob(blobId: Hex): Uint8Array | null {
    return this.blobs.has(blobId) ? new Uint8Array() : null;
  }
  transactionExists(txId: Hex): boolean {
    return this.transactions.has(txId);
  }
}
