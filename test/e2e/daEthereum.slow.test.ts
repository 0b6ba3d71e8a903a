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
    it('goes through a spike of the base fee', async () => {
      const da = await layerOf();
      await anvil.test.setAutomine(false);
      const attempt = attemptOf();
      let isDone = false;
      const sending = da.submit([new Uint8Array(70).fill(7)], attempt, never).finally(() => {
        isDone = true;
      });
      while (attempt.intents.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      const offered = readMemo(attempt.intents[0]!.memo)!.fees.maxFeePerGas;
      // Below what the first one offers nothing is mined.
      const baseFeePerGas = 3n * offered;
      for (let i = 0; !isDone && i < 200; i++) {
        await anvil.test.setNextBlockBaseFeePerGas({ baseFeePerGas });
        await anvil.test.mine({ blocks: 1 });
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      const [pointer] = await sending;
      await anvil.test.setAutomine(true);
      const last = readMemo(attempt.intents.at(-1)!.memo)!;
      assert.ok(last.hashes.indexOf(pointer!.txHash as `0x${string}`) > 0, 'not the first one');
      assert.ok(last.fees.maxFeePerGas >= baseFeePerGas);
      await da.close();
    });

    it('is posted again when a reorganisation takes it out', async () => {
      await withChain(4, async ({ nodeOf, da, transfer }) => {
        const settings = { ...da, layer: { ...da.layer, confirmations: 3 } } as DaSettings;
        const before = await anvil.test.snapshot();
        const sequencer = await nodeOf(settings);
        for (let n = 0; n < 4; n++) await transfer(sequencer, n);
        const status = () => sequencer.services.da?.status() ?? null;
        const tip = sequencer.services.store.latest;
        const wait = async (what: string, holds: () => boolean): Promise<void> => {
          for (let i = 0; !holds(); i++) {
            assert.ok(i < 1_500, `${what}: ${JSON.stringify(status()?.lastError)}`);
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
        };
        await wait('included', () => status()?.included === tip.height);
        const { submissions } = status()!;
        await anvil.test.revert({ id: before });
        await wait('sent again', () => (status()?.submissions ?? 0) > submissions);
        await wait('included again', () => status()?.included === tip.height);
        await anvil.test.mine({ blocks: 4 });
        await wait('final', () => status()?.final === tip.height);
        const follower = await nodeOf({ ...settings, follow: true });
        await follower.services.waitForHeight(tip.height, AbortSignal.timeout(30_000));
        assert.equal(follower.services.store.latest.id, tip.id);
        await follower.close();
        await sequencer.close();
      });
    });

    it('is posted, and derived by a follower and by da verify', async () => {
      await withChain(12, postedAndDerived);
    });
  });
}

type OnAnvil = {
  readonly da: DaSettings;
  readonly snapshotPath: string;
  readonly nodeOf: (settings: DaSettings) => Promise<Node>;
  /** Sends the transfer of coin `n`, and waits for its block. */
  readonly transfer: (node: Node, n: number) => Promise<void>;
};

let signers = 1_000;

/** A genesis with some coins, and a key of its own that pays for blobs. */
async function withChain(coinCount: number, use: (world: OnAnvil) => Promise<void>): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'fuelrail-ethereum-'));
  const snapshotPath = join(root, 'snapshot');
  const coins = [...Array(coinCount).keys()].map((n) => coinOf(n));
  mkdirSync(snapshotPath);
  // Blobs of another chain lie elsewhere.
  const params = { ...roomyParams(), chainId: BigInt(++signers) };
  writeSnapshot(snapshotPath, fundedChain(coins, [], params));
  const da: DaSettings = {
    ...DA_DEFAULTS,
    policy: { ...PAID_POLICY, batchAgeMs: 0, retryMs: 20, finalityPollMs: 20, resendAfterMs: 300 },
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
  const transfer = async (node: Node, n: number): Promise<void> => {
    const height = node.services.visibleHeight();
    const { raw } = transferOf(coins[n]!, keyOf(700).address, 10n, params);
    await node.services.txs.submit(raw);
    await node.services.waitForHeight(height + 1, AbortSignal.timeout(10_000));
  };
  await use({ da, snapshotPath, nodeOf, transfer });
  rmSync(root, { recursive: true, force: true });
}

async function postedAndDerived(world: OnAnvil): Promise<void> {
  const { da, snapshotPath, nodeOf, transfer } = world;
  const sequencer = await nodeOf(da);
  for (let n = 0; n < 12; n++) await transfer(sequencer, n);
  const { store } = sequencer.services;
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
}
