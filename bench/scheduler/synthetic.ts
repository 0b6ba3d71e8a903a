/**
 * Transactions that nobody signed and nobody executes: what pool, partition and schedule see of
 * them is real, everything else is absent. The same seed gives the same transactions.
 */

import type { B256 } from '../../primitives/types.ts';
import { mulberry } from '../../test/support/random.ts';
import { accessListOf } from '../../tx/access.ts';
import type { Input, Output, ScriptTx } from '../../tx/types.ts';
import type { PoolView } from '../../txpool/ports.ts';
import type { PooledTx } from '../../txpool/types.ts';

/** Who touches what; see {@link syntheticTxs}. */
export type SyntheticShape = 'transfers' | 'one hot contract' | 'zipf contracts' | 'coin chains';

export const SYNTHETIC_SHAPES: readonly SyntheticShape[] = [
  'transfers',
  'one hot contract',
  'zipf contracts',
  'coin chains',
];

const ZERO: B256 = `0x${'0'.repeat(64)}`;
const EMPTY = new Uint8Array(0);
const NOWHERE = { blockHeight: 0, txIndex: 0 };
const CONTRACT_COUNT = 1_000;
const ZIPF_THETA = 0.99;
/** Transactions of one chain of coins; the pool's own limit is 32. */
const CHAIN_LENGTH = 20;
/** Tips are drawn below it, so that the order of arrival is not the order of the block. */
const TIP_COUNT = 1_000;

/** An id that looks like a hash: ids of a real chain share no long prefixes. */
function idOf(kind: string, n: number): B256 {
  let hex = '';
  let word = (n ^ 0x9e3779b9) + kind.charCodeAt(0);
  while (hex.length < 64) {
    word = Math.imul(word ^ (word >>> 15), 0x2c1b3c6d) + hex.length + n;
    hex += (word >>> 0).toString(16).padStart(8, '0');
  }
  return `0x${hex}`;
}

function coinOf(txId: B256, outputIndex: number): Input {
  return {
    type: 'coin',
    utxoId: { txId, outputIndex },
    owner: ZERO,
    amount: 1n,
    assetId: ZERO,
    txPointer: NOWHERE,
    witnessIndex: 0,
    predicateGasUsed: 0n,
    predicate: EMPTY,
    predicateData: EMPTY,
  };
}

function contractOf(contractId: B256): Input {
  return {
    type: 'contract',
    utxoId: { txId: ZERO, outputIndex: 0 },
    balanceRoot: ZERO,
    stateRoot: ZERO,
    txPointer: NOWHERE,
    contractId,
  };
}

/** Draws contract numbers with probability ~ 1 / (rank + 1)^theta. */
function zipf(next: () => number): () => number {
  const sums: number[] = [];
  let sum = 0;
  for (let i = 1; i <= CONTRACT_COUNT; i += 1) sums.push((sum += 1 / i ** ZIPF_THETA));
  return () => {
    const at = next() * sum;
    const found = sums.findIndex((upTo) => at < upTo);
    return found < 0 ? CONTRACT_COUNT - 1 : found;
  };
}

/** One to three distinct contracts: 70, 20 and 10 percent. */
function contractNumbers(next: () => number, draw: () => number): Set<number> {
  const share = next();
  const count = share < 0.7 ? 1 : share < 0.9 ? 2 : 3;
  const numbers = new Set<number>();
  while (numbers.size < count) numbers.add(draw());
  return numbers;
}

/**
 * `count` verified transactions in order of arrival, each with a coin in, a coin and a change out.
 * `firstNumber` keeps the ids of several batches apart.
 */
export function syntheticTxs(
  shape: SyntheticShape,
  count: number,
  seed: number,
  firstNumber = 0,
): PooledTx[] {
  const next = mulberry(seed);
  const draw = zipf(next);
  const txs: PooledTx[] = [];
  for (let i = 0; i < count; i += 1) {
    const number = firstNumber + i;
    const contracts: Iterable<number> =
      shape === 'one hot contract'
        ? [0]
        : shape === 'zipf contracts'
          ? contractNumbers(next, draw)
          : [];
    const follows = shape === 'coin chains' && i % CHAIN_LENGTH > 0;
    const coin = follows ? coinOf(idOf('t', number - 1), 0) : coinOf(idOf('c', number), 0);
    const inputs = [coin, ...[...contracts].map((n) => contractOf(idOf('k', n)))];
    const outputs: Output[] = [
      { type: 'coin', to: ZERO, amount: 1n, assetId: ZERO },
      { type: 'change', to: ZERO, amount: 0n, assetId: ZERO },
    ];
    inputs.forEach((input, inputIndex) => {
      if (input.type !== 'contract') return;
      outputs.push({ type: 'contract', inputIndex, balanceRoot: ZERO, stateRoot: ZERO });
    });
    txs.push(pooled(number, inputs, outputs, BigInt(Math.floor(next() * TIP_COUNT))));
  }
  return txs;
}

function pooled(number: number, inputs: Input[], outputs: Output[], tip: bigint): PooledTx {
  const id = idOf('t', number);
  const tx: ScriptTx = {
    type: 'script',
    policies: { maxFee: 1_000_000n, tip },
    inputs,
    outputs,
    witnesses: [],
    scriptGasLimit: 10_000n,
    receiptsRoot: ZERO,
    script: EMPTY,
    scriptData: EMPTY,
  };
  return {
    id,
    tx,
    raw: EMPTY,
    minGas: 5_000n,
    maxGas: 15_000n,
    sizeBytes: 400,
    tip,
    maxFee: 1_000_000n,
    maxGasPrice: 1_000n,
    arrivedAtMs: number,
    sequence: number,
    access: accessListOf(tx, id),
    verified: true,
  };
}

/** A state in which every coin and every contract exists. */
export const EVERYTHING_EXISTS: PoolView = {
  coin: () => ({ owner: ZERO, amount: 1n, assetId: ZERO }),
  message: () => null,
  contractUtxo: () => ({}),
  blob: () => null,
  transactionExists: () => false,
};
