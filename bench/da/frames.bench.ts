/**
 * What posting costs and what reading it again yields.
 *
 * `da bytes …`: bytes per transaction of the same blocks: canonical, gzip and brotli of them, and a
 * compact frame. The traffic `steady` is made up (signed 1-in-2-out transfers of a chain that has run
 * for a while; `fresh=N`: of a hundred receivers, N were never seen before); all others are executed
 * workloads, whose coins come out of a genesis that frames cannot refer to.
 * `da encode`, `da decode`, `da derive`: speed of making a frame, of expanding it, and of executing
 * what is in it on top of the state before (one thread, signatures checked).
 */
import { ok } from 'node:assert/strict';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { type DaBlock, encodeBlockPayload } from '../../da/block.ts';
import type { BlockToWrite } from '../../da/compact/encode.ts';
import { type ChainHistory, Registry } from '../../da/compact/history.ts';
import { decodeFrame, encodeFrame } from '../../da/frame.ts';
import { produceBlock } from '../../executor/produce.ts';
import { sealBlock } from '../../executor/seal.ts';
import { createSerialRunner } from '../../executor/serial.ts';
import { deriveBlock } from '../../node/daDerive.ts';
import { storeHistory } from '../../node/daHistory.ts';
import { DEV_CONSENSUS_KEY } from '../../node/defaults.ts';
import { concatBytes, hexToBytes } from '../../primitives/bytes.ts';
import { addressOfSecret } from '../../primitives/secp256k1.ts';
import { ZERO_B256 } from '../../primitives/types.ts';
import { parseChainConfig } from '../../state/chainConfig.ts';
import { genesisBlock } from '../../state/genesis.ts';
import { openChainStore } from '../../state/open.ts';
import { parseStateConfig } from '../../state/stateConfig.ts';
import type { ChainStore } from '../../state/types.ts';
import { historyOf, REALISTIC, Traffic } from '../../test/support/daTraffic.ts';
import { roomyParams } from '../../test/support/funded.ts';
import { decodeTx } from '../../tx/codec/transaction.ts';
import { rulesFor } from '../../vm/rules.ts';
import type { Report } from '../report.ts';
import { type WorkloadName, workload } from '../workloads/index.ts';

const SECRET = hexToBytes(DEV_CONSENSUS_KEY);
const PARAMS = roomyParams();
const TXS_PER_BLOCK = 200;
const WORKLOADS: readonly WorkloadName[] = ['chains', 'predicates', 'token', 'amm', 'mixed'];
const COUNT = 2_000;

type Chain = {
  readonly blocks: readonly BlockToWrite[];
  readonly fresh: () => Promise<ChainStore>;
};

async function chainOf(name: WorkloadName): Promise<Chain> {
  const { txs, chain } = workload(name, { count: COUNT });
  const { chainConfig, stateConfig } = chain();
  const genesis = genesisBlock({
    chainConfig: parseChainConfig('chainConfig', chainConfig, new Uint8Array(0)),
    stateConfig: parseStateConfig('stateConfig', stateConfig),
  });
  const fresh = async (): Promise<ChainStore> =>
    await (await openChainStore({ engine: 'memory' })).initialise(genesis);
  const store = await fresh();
  const blocks: BlockToWrite[] = [];
  for (let at = 0; at < txs.length; at += TXS_PER_BLOCK) {
    let left = txs.slice(at, at + TXS_PER_BLOCK);
    const take = (): typeof left => {
      const now = left;
      left = [];
      return now;
    };
    const { latest } = store;
    const executed = await produceBlock(
      {
        height: latest.height + 1,
        time: latest.time + 10n,
        daHeight: latest.daHeight,
        prevRoot: store.blocksRoot(latest.height),
        gasPrice: 0n,
        coinbaseRecipient: ZERO_B256,
        consensusParametersVersion: latest.consensusParametersVersion,
        stateTransitionVersion: latest.stateTransitionBytecodeVersion,
        params: PARAMS,
        rules: rulesFor(PARAMS, 'auto'),
        utxoValidation: true,
      },
      { take },
      store,
      createSerialRunner(),
    );
    const sealed = sealBlock(executed, SECRET);
    await store.commitBlock(sealed);
    const { header, consensus, transactions } = sealed;
    const block = {
      header,
      consensus,
      transactions: transactions.map(({ raw }) => raw),
      inbox: [],
    };
    blocks.push({ block, ids: transactions.map(({ id }) => id) });
  }
  return { blocks, fresh };
}

function bytesOf(blocks: readonly DaBlock[]): { raw: Uint8Array; txCount: number } {
  const raw = concatBytes(...blocks.map(encodeBlockPayload));
  // The mint is the block's own.
  const txCount = blocks.reduce((sum, { transactions }) => sum + transactions.length - 1, 0);
  return { raw, txCount };
}

function reportSizes(
  report: Report,
  name: string,
  blocks: readonly DaBlock[],
  frame: Uint8Array,
): void {
  const { raw, txCount } = bytesOf(blocks);
  const per = (bytes: Uint8Array): number => Number((bytes.length / txCount).toFixed(1));
  const brotli = brotliCompressSync(raw, { params: { [constants.BROTLI_PARAM_LGWIN]: 24 } });
  report.add(`da bytes ${name}`, 'bytes/tx', [per(frame)], {
    canonical: per(raw),
    gzip6: per(gzipSync(raw)),
    brotli11: per(brotli),
    partOfCanonical: Number((frame.length / raw.length).toFixed(3)),
    txCount,
  });
}

async function steady(report: Report, freshPercent: number): Promise<void> {
  const traffic = new Traffic({ ...REALISTIC, accounts: 5_000, freshPercent });
  const registry = new Registry();
  for (let i = 0; i < 150; i++) {
    const { block, ids } = traffic.next(TXS_PER_BLOCK);
    block.transactions.forEach((raw, txIndex) => {
      registry.observe(block.header.height, txIndex, { id: ids[txIndex]!, tx: decodeTx(raw).tx });
    });
  }
  const history = historyOf(traffic.blocks, (raw) => decodeTx(raw).tx);
  const blocks = [...Array(20).keys()].map(() => traffic.next(TXS_PER_BLOCK));
  const chainId = REALISTIC.chainId;
  const startedAtMs = performance.now();
  const frame = await encodeFrame(ZERO_B256, blocks, { chainId, registry, history });
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
  reportSizes(report, `steady transfers fresh=${freshPercent}`, plain, frame);
  const rate = (ms: number): number[] => [(1_000 * blocks.length * TXS_PER_BLOCK) / ms];
  report.add(`da encode fresh=${freshPercent}`, 'tx/s', rate(encodeMs));
  report.add(`da decode fresh=${freshPercent}`, 'tx/s', rate(decodeMs));
}

async function derive(report: Report, name: WorkloadName): Promise<void> {
  const { blocks, fresh } = await chainOf(name);
  const store = await fresh();
  const history: ChainHistory = storeHistory(store);
  const { chainId } = PARAMS;
  const context = { chainId, registry: new Registry(), history };
  const frame = await encodeFrame(ZERO_B256, blocks, context);
  const plain = blocks.map(({ block }) => block);
  reportSizes(report, name, plain, frame);
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
