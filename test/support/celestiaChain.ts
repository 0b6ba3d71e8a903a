/**
 * A chain through Celestia: a sequencer that posts it, and those who have nothing but the layer.
 * The chain is the same every time but for its namespace, which a network remembers.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { celestiaDa } from '../../da/celestia/layer.ts';
import { chainNamespace, shareCommitment } from '../../da/celestia/shares.ts';
import { jsonRpc } from '../../da/rpc.ts';
import { composeNode, type Node } from '../../node/compose.ts';
import { DA_DEFAULTS, type DaSettings, PAID_POLICY } from '../../node/daSettings.ts';
import { type DaVerifyReport, verifyDa } from '../../node/daVerify.ts';
import { embeddedConfig, POOL_DEFAULTS } from '../../node/defaults.ts';
import { SILENT_LOG } from '../../node/log.ts';
import type { B256, Hex } from '../../primitives/types.ts';
import type { TapeSource } from './celestiaTape.ts';
import { coinOf, fundedChain, keyOf, roomyParams, transferOf, writeSnapshot } from './funded.ts';
import { until } from './until.ts';

const PARAMS = roomyParams();
/** Transactions that are offered at once; a block takes about as many. */
const TOGETHER = 50;
const TIMEOUT_MS = 300_000;
const never = new AbortController().signal;

/** What was posted, for those who read it. */
export type PostedChain = {
  readonly txCount: number;
  readonly namespace: Hex;
  /** Height of the layer below which nothing of it lies. */
  readonly startHeight: number;
  readonly tipHeight: number;
  readonly tipId: B256;
  readonly digest: B256;
};

function settingsOf(source: TapeSource, namespace: Hex, startHeight: number): DaSettings {
  const { url, token } = source;
  return {
    ...DA_DEFAULTS,
    layer: { type: 'celestia', url, token, namespace, gasPrice: null, direct: null },
    policy: {
      ...PAID_POLICY,
      batchAgeMs: 200,
      batchBytes: 30_000,
      retryMs: 100,
      finalityPollMs: 200,
    },
    startHeight: BigInt(startHeight),
    followPollMs: 100,
  };
}

/** Runs with the chain's genesis in a directory that is gone afterwards. */
async function withSnapshot<T>(txCount: number, use: (path: string) => Promise<T>): Promise<T> {
  const root = mkdtempSync(join(tmpdir(), 'fuelrail-celestia-'));
  const path = join(root, 'snapshot');
  mkdirSync(path);
  writeSnapshot(path, fundedChain([...Array(txCount).keys()].map((n) => coinOf(n))));
  try {
    return await use(path);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function nodeOf(snapshotPath: string, da: DaSettings, txCount: number): Promise<Node> {
  const pool = { ...POOL_DEFAULTS, txCountMax: 2 * txCount };
  const config = embeddedConfig({ workerCount: 0, snapshotPath, pool, da });
  const node = await composeNode(config, { log: SILENT_LOG });
  await node.start();
  return node;
}

/** Executes `txCount` transfers and waits until the layer has all of them for good. */
export async function postChain(source: TapeSource, txCount: number): Promise<PostedChain> {
  const rpc = jsonRpc({ url: source.url, token: source.token, layer: 'celestia' });
  const head = await rpc<{ header: { height: string } }>('header.LocalHead', [], never);
  const startHeight = Number(head.header.height);
  const namespace: Hex = `0x${Date.now().toString(16).padStart(20, '0')}`;
  return await withSnapshot(txCount, async (snapshotPath) => {
    const da = settingsOf(source, namespace, startHeight);
    const sequencer = await nodeOf(snapshotPath, da, txCount);
    const { services } = sequencer;
    for (let at = 0; at < txCount; at += TOGETHER) {
      const coins = [...Array(Math.min(TOGETHER, txCount - at)).keys()].map((n) => coinOf(at + n));
      const to = keyOf(900 + (at % 7)).address;
      const raws = coins.map((coin) => transferOf(coin, to, 10n, PARAMS).raw);
      await Promise.all(raws.map((raw) => services.txs.submit(raw)));
    }
    const why = (): string => `not posted: ${services.da?.status()?.lastError}`;
    await until(why, () => services.txs.stats().txCount === 0, TIMEOUT_MS);
    const { latest } = services.store;
    await until(why, () => services.da?.status()?.final === latest.height, TIMEOUT_MS);
    const digest = await services.store.digest();
    await sequencer.close();
    const tip = { tipHeight: latest.height, tipId: latest.id };
    return { txCount, namespace, startHeight, ...tip, digest };
  });
}

/** `da verify` with proofs, and a follower: both must come to the same tip and state. */
export async function readChain(source: TapeSource, chain: PostedChain): Promise<DaVerifyReport> {
  return await withSnapshot(chain.txCount, async (snapshotPath) => {
    const da = settingsOf(source, chain.namespace, chain.startHeight);
    const options = { vmRules: 'auto', workerCount: 0, utxoValidation: true } as const;
    const report = await verifyDa({ da, dbPath: null, snapshotPath, ...options, proofs: true });
    assert.equal(report.tipId, chain.tipId);
    assert.equal(report.stateDigest, chain.digest);
    assert.ok(report.transactions >= chain.txCount);
    assert.ok(report.proofs > 1, 'more than one blob was proven');
    const follower = await nodeOf(snapshotPath, { ...da, follow: true }, chain.txCount);
    await follower.services.waitForHeight(chain.tipHeight, AbortSignal.timeout(TIMEOUT_MS));
    const { store } = follower.services;
    assert.equal(store.latest.id, chain.tipId);
    assert.equal(await store.digest(), chain.digest);
    await follower.close();
    return report;
  });
}

/** The node's own judgement of every blob. @returns how many it was asked about */
export async function judgedByNode(source: TapeSource, chain: PostedChain): Promise<number> {
  const rpc = jsonRpc({ url: source.url, token: source.token, layer: 'celestia' });
  const namespace = chainNamespace(PARAMS.chainId, chain.namespace);
  const layer = celestiaDa(rpc, { namespace, gasPrice: null, payer: null });
  const namespace64 = Buffer.from(namespace).toString('base64');
  let position = { height: BigInt(chain.startHeight), index: 0 };
  let judged = 0;
  for (let atTip = false; !atTip; ) {
    const page = await layer.list(position, 50, never);
    for (const pointer of page.pointers) {
      const blob = await layer.get(pointer, never);
      const commitment = Buffer.from(shareCommitment(namespace, blob)).toString('base64');
      const at = [Number(pointer.height), namespace64];
      const proof = await rpc('blob.GetProof', [...at, commitment], never);
      assert.equal(await rpc('blob.Included', [...at, proof, commitment], never), true);
      judged += 1;
    }
    position = page.next;
    atTip = page.atTip;
  }
  return judged;
}
