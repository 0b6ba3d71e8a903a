/**
 * What the state tree costs behind the commit: blocks of transfers on top of many coins, one input
 * and two outputs each, with a root behind every transaction.
 *
 *   node dist/bench/state/tree.js [coins] [directory]
 */

import { utf8 } from '../../primitives/bytes.ts';
import { sha256Hex } from '../../primitives/hash.ts';
import { type B256, type UtxoKey, ZERO_B256 } from '../../primitives/types.ts';
import { openDiskEngine } from '../../state/engine/disk.ts';
import { openMemoryEngine } from '../../state/engine/memory.ts';
import { StateTree, type TreeBlock, type TreeTx } from '../../state/stateTree.ts';
import { randomOf } from '../../test/support/chainMaker.ts';
import { coinKey, coinValue } from '../../tx/stateSteps.ts';

const COINS = Number(process.argv[2] ?? 200_000);
const DIRECTORY = process.argv[3] ?? null;
const BLOCKS = 10;
const TXS = 1_000;
const EMPTY = new Uint8Array(0);
const BASE = sha256Hex(utf8('base'));
const OWNER = sha256Hex(utf8('owner'));
const START = { blockHeight: 0, txIndex: 0 };

type Coin = { readonly txId: B256; readonly outputIndex: number; readonly pointer: typeof START };

const coins: Coin[] = Array.from({ length: COINS }, (_, n) => ({
  txId: sha256Hex(utf8(`coin ${n}`)),
  outputIndex: 0,
  pointer: START,
}));
const random = randomOf(1);

function transfer(height: number, txIndex: number): TreeTx {
  const at = random(coins.length);
  const { txId, outputIndex, pointer: txPointer } = coins[at]!;
  const id = sha256Hex(utf8(`tx ${height} ${txIndex}`));
  const pointer = { blockHeight: height, txIndex };
  const asset = { amount: 10n, assetId: BASE };
  coins[at] = { txId: id, outputIndex: 0, pointer };
  coins.push({ txId: id, outputIndex: 1, pointer });
  const input = {
    type: 'coin',
    utxoId: { txId, outputIndex },
    owner: OWNER,
    ...asset,
    txPointer,
  } as const;
  const unused = { witnessIndex: 0, predicateGasUsed: 0n, predicate: EMPTY, predicateData: EMPTY };
  const output = { type: 'coin', to: OWNER, amount: 5n, assetId: BASE } as const;
  const body = { scriptGasLimit: 0n, receiptsRoot: ZERO_B256, script: EMPTY, scriptData: EMPTY };
  const outputs = [output, output];
  const tx = {
    type: 'script',
    policies: {},
    inputs: [{ ...input, ...unused }],
    outputs,
    witnesses: [],
    ...body,
  } as const;
  return { tx: tx as never, id, pointer, usesData: true, sent: 0n };
}

function blockOf(height: number): TreeBlock {
  const txs = Array.from({ length: TXS }, (_, index) => transfer(height, index));
  return { height, blockId: ZERO_B256, baseAsset: BASE, inbox: [], txs, rest: [] };
}

const engine = DIRECTORY === null ? openMemoryEngine(() => 1) : await openDiskEngine(DIRECTORY);
const tree = new StateTree(engine, { historyBlocks: 4 });
const began = process.cpuUsage();
await tree.begin({
  height: 0,
  blockId: ZERO_B256,
  rest: [],
  held: 0n,
  messages: [],
  coins: coins.map(({ txId, outputIndex, pointer }) => [
    coinKey(`${txId}000${outputIndex}` as UtxoKey),
    coinValue({ owner: OWNER, amount: 10n, assetId: BASE, txPointer: pointer }),
  ]),
});
console.log(`genesis of ${COINS} coins: ${Math.round(process.cpuUsage(began).user / 1_000)} ms`);
for (let height = 1; height <= BLOCKS; height++) {
  const block = blockOf(height);
  // Time of the processor: others may be at work on the machine.
  const start = process.cpuUsage();
  await tree.take(block);
  const { user, system } = process.cpuUsage(start);
  const ms = (user + system) / 1_000;
  console.log(
    `block of ${TXS}: ${ms.toFixed(0)} ms, ${((ms / TXS) * 1000).toFixed(0)} µs a transfer`,
  );
}
await tree.close();
