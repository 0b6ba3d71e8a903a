/**
 * What posting costs and what reading it again yields.
 *
 * `da bytes …`: bytes per transaction of the same blocks: canonical, gzip and brotli of them, and a
 * compact frame. The traffic `steady` is made up (signed 1-in-2-out transfers of a chain that has run
 * for a while; `fresh=N`: of a hundred receivers, N were never seen before); all others are executed
 * workloads, whose coins come out of a genesis that frames cannot refer to. Frames leave out what
 * follows from execution; `carried` is their size with it. `da parts …`: where the bytes are.
 * `da encode`, `da decode`, `da derive`: speed of making a frame, of expanding it, and of executing
 * what is in it on top of the state before (one thread, signatures checked).
 */
import { ok } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { type DaBlock, encodeBlockPayload } from '../../da/block.ts';
import { type BlockToWrite, type WriteContext, writeBlocks } from '../../da/compact/encode.ts';
import { type ChainHistory, Registry } from '../../da/compact/history.ts';
import { packStreams, storedSizes } from '../../da/compact/streams.ts';
import { decodeFrame, encodeFrame } from '../../da/frame.ts';
import { createSerialRunner } from '../../executor/serial.ts';
import { deriveBlock } from '../../node/daDerive.ts';
import { storeHistory } from '../../node/daHistory.ts';
import { DEV_CONSENSUS_KEY } from '../../node/defaults.ts';
import { concatBytes, hexToBytes } from '../../primitives/bytes.ts';
import { addressOfSecret } from '../../primitives/secp256k1.ts';
import { ZERO_B256 } from '../../primitives/types.ts';
import { historyOf, REALISTIC, Traffic } from '../../test/support/daTraffic.ts';
import { executedChain } from '../../test/support/daWorkload.ts';
import { roomyParams } from '../../test/support/funded.ts';
import { decodeTx } from '../../tx/codec/transaction.ts';
import type { Report } from '../report.ts';
import type { WorkloadName } from '../workloads/index.ts';

const SECRET = hexToBytes(DEV_CONSENSUS_KEY);
const PARAMS = roomyParams();
const TXS_PER_BLOCK = 200;
const WORKLOADS: readonly WorkloadName[] = ['chains', 'predicates', 'token', 'amm', 'mixed'];
const COUNT = 2_000;

function bytesOf(blocks: readonly DaBlock[]): { raw: Uint8Array; txCount: number } {
  const raw = concatBytes(...blocks.map(encodeBlockPayload));
  // The mint is the block's own.
  const txCount = blocks.reduce((sum, { transactions }) => sum + transactions.length - 1, 0);
  return { raw, txCount };
}

/** Where the bytes of a frame are: parts that take at least a tenth of a byte per transaction. */
async function reportParts(
  report: Report,
  name: string,
  blocks: readonly BlockToWrite[],
  context: WriteContext,
): Promise<void> {
  const sizes = storedSizes(await packStreams(writeBlocks(blocks, context)));
  const { txCount } = bytesOf(blocks.map(({ block }) => block));
  const parts = Object.entries(sizes)
    .map(([stream, bytes]): [string, number] => [stream, Number((bytes / txCount).toFixed(1))])
    .filter(([, bytes]) => bytes >= 0.1);
  report.add(`da parts ${name}`, 'bytes/tx', [], Object.fromEntries(parts));
}

/** null: the program is not there. */
function zstdBytes(raw: Uint8Array): number | null {
  const done = spawnSync('zstd', ['-19', '--long=27', '-q', '-c'], {
    input: raw,
    maxBuffer: 2 * raw.length + 1_024,
  });
  return done.status === 0 ? done.stdout.length : null;
}

type Frames = {
  readonly frame: Uint8Array;
  /** With the results of execution, where the other leaves them out. */
  readonly carried?: Uint8Array;
};

function reportSizes(
  report: Report,
  name: string,
  blocks: readonly DaBlock[],
  { frame, carried = frame }: Frames,
): void {
  const { raw, txCount } = bytesOf(blocks);
  const per = (bytes: Uint8Array): number => Number((bytes.length / txCount).toFixed(1));
  const zstd = zstdBytes(raw);
  const brotli = brotliCompressSync(raw, { params: { [constants.BROTLI_PARAM_LGWIN]: 24 } });
  report.add(`da bytes ${name}`, 'bytes/tx', [per(frame)], {
    carried: per(carried),
    canonical: per(raw),
    gzip6: per(gzipSync(raw)),
    brotli11: per(brotli),
    zstd19: zstd === null ? null : Number((zstd / txCount).toFixed(1)),
    partOfCanonical: Number((frame.length / raw.length).toFixed(3)),
    txCount,
  });
}

async function steady(report: Report, freshPercent: number): Promise<void> {
  const traffic = new Traffic({ ...REALISTIC, accounts: 5_000, freshPercent });
  for (let i = 0; i < 150; i++) traffic.next(TXS_PER_BLOCK);
  const before = [...traffic.blocks];
  const history = historyOf(traffic.blocks, (raw) => decodeTx(raw).tx);
  const { chainId } = REALISTIC;
  const context = (leavesResultsOut: boolean): WriteContext => {
    const registry = new Registry(leavesResultsOut);
    for (const { block, ids } of before) {
      block.transactions.forEach((raw, txIndex) => {
        registry.observe(block.header.height, txIndex, { id: ids[txIndex]!, tx: decodeTx(raw).tx });
      });
    }
    return { chainId, registry, history };
  };
  const blocks = [...Array(20).keys()].map(() => traffic.next(TXS_PER_BLOCK));
  const carried = await encodeFrame(ZERO_B256, blocks, context(false));
  const writing = context(true);
  const startedAtMs = performance.now();
  const frame = await encodeFrame(ZERO_B256, blocks, writing);
  const encodeMs = performance.now() - startedAtMs;
  const plain = blocks.map(({ block }) => block);
  const known = historyOf(traffic.blocks, (raw) => decodeTx(raw).tx);
  const decodedAtMs = performance.now();
  const back = [...decodeFrame(frame, chainId).blocks(known)];
  const decodeMs = performance.now() - decodedAtMs;
  ok(
    back.every(({ header }, i) => header.id === plain[i]!.header.id),
    'the same ids',
  );
  const name = `steady transfers fresh=${freshPercent}`;
  reportSizes(report, name, plain, { frame, carried });
  await reportParts(report, name, blocks, context(true));
  const rate = (ms: number): number[] => [(1_000 * blocks.length * TXS_PER_BLOCK) / ms];
  report.add(`da encode fresh=${freshPercent}`, 'tx/s', rate(encodeMs));
  report.add(`da decode fresh=${freshPercent}`, 'tx/s', rate(decodeMs));
}

async function derive(report: Report, name: WorkloadName): Promise<void> {
  const { blocks, fresh } = await executedChain(name, { count: COUNT, txsPerBlock: TXS_PER_BLOCK });
  const store = await fresh();
  const history: ChainHistory = storeHistory(store);
  const { chainId } = PARAMS;
  const context = { chainId, registry: new Registry(true), history };
  const frame = await encodeFrame(ZERO_B256, blocks, context);
  const plain = blocks.map(({ block }) => block);
  const full = { chainId, registry: new Registry(), history };
  const carried = await encodeFrame(ZERO_B256, blocks, full);
  reportSizes(report, name, plain, { frame, carried });
  await reportParts(report, name, blocks, { ...context, registry: new Registry(true) });
  await reportParts(report, `${name} carried`, blocks, { ...full, registry: new Registry() });
  const authorities = new Set([addressOfSecret(SECRET)]);
  const runner = createSerialRunner();
  const startedAtMs = performance.now();
  for (const block of decodeFrame(frame, chainId).blocks(history)) {
    const options = { vmRules: 'auto', utxoValidation: true, authorities } as const;
    await store.commitBlock(await deriveBlock(block, store, runner, options));
  }
  const seconds = (performance.now() - startedAtMs) / 1_000;
  ok(store.latest.id === plain.at(-1)!.header.id, 'the same tip');
  const { raw, txCount } = bytesOf(plain);
  report.add(`da derive ${name}`, 'blocks/s', [blocks.length / seconds], {
    txPerSecond: Math.round(txCount / seconds),
    frameMegabytesPerSecond: Number((frame.length / 1e6 / seconds).toFixed(3)),
    canonicalMegabytesPerSecond: Number((raw.length / 1e6 / seconds).toFixed(3)),
    txsPerBlock: TXS_PER_BLOCK,
  });
}

/** Compression, and the speed of the way to the layer and back. */
export async function run(report: Report): Promise<void> {
  for (const freshPercent of [0, 10, 30]) await steady(report, freshPercent);
  for (const name of WORKLOADS) await derive(report, name);
}
