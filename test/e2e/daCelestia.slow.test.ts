/**
 * A thousand transactions through Celestia and back: posted, read again, proofs verified, a follower
 * at the same tip.
 *
 * With FUELRAIL_CELESTIA_URL (a bridge or light node with funds) and FUELRAIL_DA_TOKEN against a real
 * network, whose node then checks each proof too; without them against the fake of
 * `test/support/celestiaNode.ts`.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { celestiaDa } from '../../da/celestia/layer.ts';
import { chainNamespace, shareCommitment } from '../../da/celestia/shares.ts';
import { jsonRpc } from '../../da/rpc.ts';
import { composeNode, type Node } from '../../node/compose.ts';
import { DA_DEFAULTS, type DaSettings, PAID_POLICY } from '../../node/daSettings.ts';
import { verifyDa } from '../../node/daVerify.ts';
import { embeddedConfig, POOL_DEFAULTS } from '../../node/defaults.ts';
import { SILENT_LOG } from '../../node/log.ts';
import { hexToBytes } from '../../primitives/bytes.ts';
import type { Hex } from '../../primitives/types.ts';
import { CelestiaNode } from '../support/celestiaNode.ts';
import {
  coinOf,
  fundedChain,
  keyOf,
  roomyParams,
  transferOf,
  writeSnapshot,
} from '../support/funded.ts';

const TX_COUNT = 1_000;
const PARAMS = roomyParams();
const never = new AbortController().signal;

/** A namespace of its own for every run: a real network remembers. */
function freshNamespace(): Hex {
  return `0x${Date.now().toString(16).padStart(20, '0')}`;
}

async function tipHeight(url: string, token: string): Promise<bigint> {
  const rpc = jsonRpc({ url, token, layer: 'celestia' });
  const head = await rpc<{ header: { height: string } }>('header.LocalHead', [], never);
  return BigInt(head.header.height);
}

/** The node's own judgement of every blob. @returns how many it was asked about */
async function judgedByNode(url: string, token: string, da: DaSettings): Promise<number> {
  assert.ok(da.layer.type === 'celestia');
  const rpc = jsonRpc({ url, token, layer: 'celestia' });
  const namespace = chainNamespace(PARAMS.chainId, da.layer.namespace);
  const layer = celestiaDa(rpc, { namespace, gasPrice: null, payer: null });
  const namespace64 = Buffer.from(namespace).toString('base64');
  let position = { height: da.startHeight, index: 0 };
  let judged = 0;
  for (let atTip = false; !atTip; ) {
    const page = await layer.list(position, 50, never);
    for (const pointer of page.pointers) {
      const blob = await layer.get(pointer, never);
      const commitment = Buffer.from(shareCommitment(namespace, blob)).toString('base64');
      const at = [Number(pointer.height), namespace64];
      const proof = await rpc('blob.GetProof', [...at, commitment], never);
      assert.equal(await rpc('blob.Included', [...at, proof, commitment], never), true);
      assert.equal(hexToBytes(pointer.commitment).length, 32);
      judged += 1;
    }
    position = page.next;
    atTip = page.atTip;
  }
  return judged;
}

test(`${TX_COUNT} transactions through Celestia and back`, { timeout: 900_000 }, async (t) => {
  const realUrl = process.env['FUELRAIL_CELESTIA_URL'] ?? null;
  const fake = realUrl === null ? await CelestiaNode.start() : null;
  const url = realUrl ?? fake!.url;
  const token = realUrl === null ? fake!.token : (process.env['FUELRAIL_DA_TOKEN'] ?? '');
  const root = mkdtempSync(join(tmpdir(), 'fuelrail-celestia-'));
  const snapshotPath = join(root, 'snapshot');
  const coins = [...Array(TX_COUNT).keys()].map((n) => coinOf(n));
  mkdirSync(snapshotPath);
  writeSnapshot(snapshotPath, fundedChain(coins));
  const da: DaSettings = {
    ...DA_DEFAULTS,
    layer: {
      type: 'celestia',
      url,
      token,
      namespace: freshNamespace(),
      gasPrice: null,
      direct: null,
    },
    policy: {
      ...PAID_POLICY,
      batchAgeMs: 200,
      batchBytes: 30_000,
      retryMs: 100,
      finalityPollMs: 200,
    },
    startHeight: await tipHeight(url, token),
    followPollMs: 100,
  };
  const nodeOf = async (settings: DaSettings): Promise<Node> => {
    const pool = { ...POOL_DEFAULTS, txCountMax: 2 * TX_COUNT };
    const config = embeddedConfig({ workerCount: 0, snapshotPath, pool, da: settings });
    const node = await composeNode(config, { log: SILENT_LOG });
    await node.start();
    return node;
  };
  const sequencer = await nodeOf(da);
  for (const coin of coins) {
    const { raw } = transferOf(coin, keyOf(900).address, 10n, PARAMS);
    await sequencer.services.txs.submit(raw);
  }
  const until = async (what: string, holds: () => boolean): Promise<void> => {
    for (let i = 0; !holds(); i++) {
      assert.ok(i < 6_000, `${what}: ${sequencer.services.da?.status()?.lastError}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  await until('executed', () => sequencer.services.txs.stats().txCount === 0);
  const { store } = sequencer.services;
  const tip = store.latest;
  await until('posted', () => sequencer.services.da?.status()?.final === tip.height);
  const follower = await nodeOf({ ...da, follow: true });
  await follower.services.waitForHeight(tip.height, AbortSignal.timeout(120_000));
  assert.equal(follower.services.store.latest.id, tip.id);
  assert.equal(await follower.services.store.digest(), await store.digest());
  const report = await verifyDa({
    da,
    dbPath: null,
    snapshotPath,
    vmRules: 'auto',
    workerCount: 0,
    utxoValidation: true,
    proofs: true,
  });
  assert.equal(report.tipId, tip.id);
  assert.ok(report.transactions >= TX_COUNT);
  assert.ok(report.proofs > 1, 'more than one blob was proven');
  if (realUrl !== null) assert.equal(await judgedByNode(url, token, da), report.proofs);
  t.diagnostic(`${realUrl === null ? 'fake' : 'real'} Celestia: ${JSON.stringify(report)}`);
  await follower.close();
  await sequencer.close();
  await fake?.stop();
  rmSync(root, { recursive: true, force: true });
});
