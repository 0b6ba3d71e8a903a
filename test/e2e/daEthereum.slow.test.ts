/** Ethereum blobs on anvil: the conformance suite, fee bumps, reorganisations, and a follower. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { isReplacement } from '../../da/ethereum/fees.ts';
import { openEthereumDa } from '../../da/ethereum/open.ts';
import { readMemo } from '../../da/ethereum/sender.ts';
import type { DataAvailability } from '../../da/ports.ts';
import { composeNode, type Node } from '../../node/compose.ts';
import { DA_DEFAULTS, type DaSettings, PAID_POLICY } from '../../node/daSettings.ts';
import { verifyDa } from '../../node/daVerify.ts';
import { embeddedConfig } from '../../node/defaults.ts';
import { SILENT_LOG } from '../../node/log.ts';
import { ANVIL_KEYS, Anvil, anvilPath } from '../support/anvil.ts';
import { attemptOf, daContract, everything, postOne } from '../support/daContract.ts';
import {
  coinOf,
  fundedChain,
  keyOf,
  roomyParams,
  transferOf,
  writeSnapshot,
} from '../support/funded.ts';

const never = new AbortController().signal;
const isThere = anvilPath() !== null;
if (!isThere) console.log('anvil is not there for this machine: Ethereum blobs are not tested');

let anvil: Anvil;
let chains = 1_000n;

/** Each chain has an address of its own: the layer is empty for it. */
async function layerOf(chainId: bigint = chains++): Promise<DataAvailability> {
  return await openEthereumDa({
    chainId,
    url: anvil.url,
    beaconUrl: null,
    secret: ANVIL_KEYS[1]!,
    confirmations: 0,
    maxFeeCapWei: 10n ** 15n,
    bumpAfterMs: 300,
    pollMs: 10,
    nowMs: Date.now,
  });
}

if (isThere) {
  before(async () => {
    anvil = await Anvil.start();
  });
  after(() => anvil.stop());
  daContract('ethereum blobs on anvil', () => layerOf());
  onAnvil();
}

function onAnvil(): void {
  describe('ethereum blobs', () => {
    it('offers twice as much, under the same number, until one is mined', async () => {
      const da = await layerOf();
      await anvil.test.setAutomine(false);
      const attempt = attemptOf();
      const sending = da.submit([new Uint8Array(500).fill(3)], attempt, never);
      while (attempt.intents.length < 3) await new Promise((resolve) => setTimeout(resolve, 20));
      await anvil.test.mine({ blocks: 1 });
      const [pointer] = await sending;
      await anvil.test.setAutomine(true);
      const memos = attempt.intents.map(({ memo }) => readMemo(memo)!);
      assert.equal(new Set(memos.map(({ nonce }) => nonce)).size, 1);
      for (let i = 1; i < memos.length; i++) {
        assert.ok(isReplacement(memos[i - 1]!.fees, memos[i]!.fees));
        assert.deepEqual(memos[i]!.hashes.slice(0, -1), memos[i - 1]!.hashes);
      }
      assert.ok(memos.at(-1)!.hashes.includes(pointer!.txHash as `0x${string}`));
      // A process that ended after the first intent finds what the last one became.
      assert.deepEqual(await da.find(attempt.intents.at(-1)!, never), [pointer]);
      await da.close();
    });

    it('goes on under the number of an earlier attempt that was never mined', async () => {
      const da = await layerOf();
      await anvil.test.setAutomine(false);
      const first = attemptOf();
      const stopping = new AbortController();
      const sending = da.submit([new Uint8Array(50).fill(1)], first, stopping.signal);
      while (first.intents.length < 1) await new Promise((resolve) => setTimeout(resolve, 20));
      stopping.abort();
      await assert.rejects(sending, { name: 'AbortError' });
      await anvil.test.setAutomine(true);
      const second = attemptOf(first.intents[0]!);
      const pointers = await da.submit([new Uint8Array(50).fill(1)], second, never);
      assert.equal(pointers.length, 1);
      assert.equal((await everything(da)).length, 1, 'only one of both was mined');
      await da.close();
    });

    it('says that a blob is lost when its block is', async () => {
      const da = await layerOf();
      const snapshot = await anvil.test.snapshot();
      const pointer = await postOne(da, new Uint8Array(40).fill(9));
      assert.equal(await da.finality(pointer, never), 'final');
      await anvil.test.revert({ id: snapshot });
      assert.equal(await da.finality(pointer, never), 'lost');
      await assert.rejects(da.get(pointer, never), { code: 'DA_NOT_FOUND' });
      assert.deepEqual(await everything(da), []);
      await da.close();
    });
  });

  describe('a chain on ethereum blobs', () => {
    it('is posted, and derived by a follower and by da verify', async () => {
      const root = mkdtempSync(join(tmpdir(), 'fuelrail-ethereum-'));
      const snapshotPath = join(root, 'snapshot');
      const coins = [...Array(12).keys()].map((n) => coinOf(n));
      mkdirSync(snapshotPath);
      writeSnapshot(snapshotPath, fundedChain(coins));
      const da: DaSettings = {
        ...DA_DEFAULTS,
        policy: { ...PAID_POLICY, batchAgeMs: 0, retryMs: 20, finalityPollMs: 20 },
        layer: {
          type: 'ethereum',
          url: anvil.url,
          beaconUrl: null,
          secret: ANVIL_KEYS[2]!,
          confirmations: 0,
          maxFeeCapWei: 10n ** 15n,
          bumpAfterMs: 5_000,
        },
        followPollMs: 20,
      };
      const nodeOf = async (settings: DaSettings): Promise<Node> => {
        const config = embeddedConfig({ workerCount: 0, snapshotPath, da: settings });
        const node = await composeNode(config, { log: SILENT_LOG });
        await node.start();
        return node;
      };
      const sequencer = await nodeOf(da);
      const params = roomyParams();
      for (const coin of coins) {
        const { raw } = transferOf(coin, keyOf(700).address, 10n, params);
        await sequencer.services.txs.submit(raw);
      }
      const { store } = sequencer.services;
      while (store.latest.height === 0 || sequencer.services.txs.stats().txCount > 0) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const tip = store.latest;
      for (let i = 0; sequencer.services.da?.status()?.final !== tip.height; i++) {
        assert.ok(i < 1_500, sequencer.services.da?.status()?.lastError ?? 'not posted in time');
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const follower = await nodeOf({ ...da, follow: true });
      await follower.services.waitForHeight(tip.height, AbortSignal.timeout(30_000));
      assert.equal(follower.services.store.latest.id, tip.id);
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
      assert.ok(report.proofs > 0);
      await follower.close();
      await sequencer.close();
      rmSync(root, { recursive: true, force: true });
    });
  });
}
