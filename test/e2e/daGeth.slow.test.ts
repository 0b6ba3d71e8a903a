/**
 * Blob transactions in the pool of a real geth, which has rules that development nodes lack. The
 * binary is named by FUELRAIL_GETH; `test/support/gethPool.ts` has the same rules for the fast tests.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fromRlp, toHex, toRlp } from 'viem';
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts';
import { inboxAddress } from '../../da/ethereum/chain.ts';
import { type BlobFees, isReplacement } from '../../da/ethereum/fees.ts';
import { toEthBlob } from '../../da/ethereum/fields.ts';
import { loadKzg, versionedHash } from '../../da/ethereum/kzg.ts';
import { openEthereumDa } from '../../da/ethereum/open.ts';
import { readMemo } from '../../da/ethereum/sender.ts';
import type { DataAvailability } from '../../da/ports.ts';
import { RpcRefusal } from '../../da/rpc.ts';
import { bytesToHex } from '../../primitives/bytes.ts';
import { sha256Hex } from '../../primitives/hash.ts';
import type { B256, Hex } from '../../primitives/types.ts';
import { attemptOf } from '../support/daContract.ts';
import { GethDev, gethPath } from '../support/gethDev.ts';

const PERIOD_SECONDS = 4;
const CHAIN_ID = 71n;
const ETHER = 10n ** 18n;
const GWEI = 10n ** 9n;
const FEES: BlobFees = {
  maxFeePerGas: 10n * GWEI,
  maxPriorityFeePerGas: GWEI,
  maxFeePerBlobGas: GWEI,
};
const never = new AbortController().signal;
const path = gethPath();
if (path === null) console.log('FUELRAIL_GETH is not set: the rules of a real geth are not tested');

let geth: GethDev;
let keys = 0;

async function freshKey(wei: bigint = ETHER): Promise<B256> {
  const secret = sha256Hex(new TextEncoder().encode(`fuelrail geth key ${keys++}`));
  if (wei > 0n) await geth.fund(privateKeyToAccount(secret).address as Hex, wei);
  return secret;
}

async function layerOf(
  secret: B256,
  over: { maxFeeCapWei?: bigint } = {},
): Promise<DataAvailability> {
  return await openEthereumDa({
    chainId: CHAIN_ID,
    url: geth.url,
    beaconUrl: null,
    secret,
    confirmations: 0,
    maxFeeCapWei: 10n ** 15n,
    bumpAfterMs: 500,
    pollMs: 20,
    nowMs: Date.now,
    ...over,
  });
}

/** A blob transaction as it travels, with whatever number and fees. */
async function rawBlobTx(account: PrivateKeyAccount, nonce: number, fees: BlobFees): Promise<Hex> {
  const kzg = await loadKzg();
  const blob = toEthBlob(new Uint8Array(100).fill(nonce));
  const commitment = await kzg.commitment(blob);
  const signed = await account.signTransaction({
    type: 'eip4844',
    chainId: Number(await geth.ask<Hex>('eth_chainId')),
    nonce,
    to: inboxAddress(CHAIN_ID),
    gas: 21_000n,
    ...fees,
    blobVersionedHashes: [versionedHash(commitment)],
    sidecars: false,
  });
  const proof = await kzg.blobProof(blob, commitment);
  const body = fromRlp(`0x${signed.slice(4)}`, 'hex');
  const sidecar = [[toHex(blob)], [bytesToHex(commitment)], [bytesToHex(proof)]];
  return `0x03${toRlp([body, ...sidecar] as never).slice(2)}`;
}

function times(fees: BlobFees, percent: bigint): BlobFees {
  return {
    maxFeePerGas: (fees.maxFeePerGas * percent) / 100n,
    maxPriorityFeePerGas: (fees.maxPriorityFeePerGas * percent) / 100n,
    maxFeePerBlobGas: (fees.maxFeePerBlobGas * percent) / 100n,
  };
}

/** What geth says against it; empty: it was taken. */
async function refusalOf(raw: Hex): Promise<string> {
  try {
    await geth.ask('eth_sendRawTransaction', [raw]);
    return '';
  } catch (error) {
    if (error instanceof RpcRefusal) return error.message;
    throw error;
  }
}

if (path !== null) {
  before(async () => {
    geth = await GethDev.start(path, PERIOD_SECONDS);
  });
  after(() => geth.stop());
  rules();
  poster();
}

function rules(): void {
  describe('the pool of geth', () => {
    it('takes a replacement only at twice all three fees', async () => {
      const account = privateKeyToAccount(await freshKey());
      assert.equal(await refusalOf(await rawBlobTx(account, 0, FEES)), '');
      for (const fees of [
        times(FEES, 110n),
        times(FEES, 199n),
        { ...times(FEES, 200n), maxFeePerBlobGas: FEES.maxFeePerBlobGas },
      ]) {
        assert.equal(isReplacement(FEES, fees), false);
        assert.match(
          await refusalOf(await rawBlobTx(account, 0, fees)),
          /replacement.*underpriced/,
        );
      }
      assert.equal(isReplacement(FEES, times(FEES, 200n)), true);
      assert.equal(await refusalOf(await rawBlobTx(account, 0, times(FEES, 200n))), '');
    });

    it('takes no gaps, no used numbers, no account twice', async () => {
      const account = privateKeyToAccount(await freshKey());
      assert.match(await refusalOf(await rawBlobTx(account, 1, FEES)), /nonce too high|gapped/);
      const first = await rawBlobTx(account, 0, FEES);
      assert.equal(await refusalOf(first), '');
      assert.match(await refusalOf(first), /already known/);
      const nothing = { to: account.address, gas: 21_000n, gasPrice: 10n * GWEI };
      const chainId = Number(await geth.ask<Hex>('eth_chainId'));
      const plain = { type: 'legacy', chainId, nonce: 1, ...nothing } as const;
      const ordinary = (await account.signTransaction(plain)) as Hex;
      assert.match(await refusalOf(ordinary), /address already reserved/);
    });
  });
}

function poster(): void {
  describe('blob transactions of ours in the pool of geth', () => {
    it('are replaced until one is mined, and all of them remembered', async () => {
      const da = await layerOf(await freshKey());
      const attempt = attemptOf();
      const [pointer] = await da.submit([new Uint8Array(500).fill(3)], attempt, never);
      const memos = attempt.intents.map(({ memo }) => readMemo(memo)!);
      assert.ok(memos.length >= 3, `${memos.length} were sent in a block's time`);
      assert.deepEqual([...new Set(memos.map(({ nonce }) => nonce))], [0n]);
      for (let i = 1; i < memos.length; i++) {
        assert.ok(isReplacement(memos[i - 1]!.fees, memos[i]!.fees));
      }
      // Had geth refused a replacement, an earlier one would have been mined.
      const mined = memos.at(-1)!.hashes.indexOf(pointer!.txHash as Hex);
      assert.ok(mined >= memos.length - 2, `number ${mined} of ${memos.length} was mined`);
      assert.deepEqual(await da.find(attempt.intents.at(-1)!, never), [pointer]);
      assert.equal(await da.finality(pointer!, never), 'final');
    });

    it('go on after a crash between intent, sending and record', async () => {
      const secret = await freshKey();
      const first = attemptOf();
      const stopping = new AbortController();
      const blob = new Uint8Array(50).fill(1);
      const sending = (await layerOf(secret)).submit([blob], first, stopping.signal);
      while (first.intents.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      await new Promise((resolve) => setTimeout(resolve, 300));
      stopping.abort();
      await assert.rejects(sending, { name: 'AbortError' });
      const again = attemptOf(first.intents.at(-1)!);
      const [pointer] = await (await layerOf(secret)).submit([blob], again, never);
      const { address } = privateKeyToAccount(secret);
      const count = await geth.ask<Hex>('eth_getTransactionCount', [address, 'latest']);
      assert.equal(count, '0x1', 'one was mined, not two');
      assert.ok(pointer!.txHash !== undefined);
    });

    it('follow one another without a gap', async () => {
      const da = await layerOf(await freshKey());
      const blobs = [4, 5, 6].map((n) => new Uint8Array(60).fill(n));
      const made = await Promise.all(blobs.map((each) => da.submit([each], attemptOf(), never)));
      const heights = made.map(([pointer]) => pointer!.height);
      assert.ok(heights[0]! < heights[1]! && heights[1]! < heights[2]!);
    });

    it('stop at the cap, and say what to do about reserved and empty accounts', async () => {
      const secret = await freshKey();
      const capped = await layerOf(secret, { maxFeeCapWei: 3n * GWEI });
      await assert.rejects(capped.submit([new Uint8Array(9)], attemptOf(), never), {
        code: 'DA_FEE_CAP',
      });
      const busy = await freshKey();
      const account = privateKeyToAccount(busy);
      const chainId = Number(await geth.ask<Hex>('eth_chainId'));
      // Behind a gap: it stays in the pool, whatever is mined.
      const plain = { type: 'legacy', chainId, nonce: 3, to: account.address } as const;
      const ordinary = { ...plain, gas: 21_000n, gasPrice: 10n * GWEI };
      assert.equal(await refusalOf((await account.signTransaction(ordinary)) as Hex), '');
      await assert.rejects((await layerOf(busy)).submit([new Uint8Array(9)], attemptOf(), never), {
        code: 'DA_UNAVAILABLE',
        message: /reserved.*nothing else/,
      });
      const poor = await layerOf(await freshKey(0n));
      await assert.rejects(poor.submit([new Uint8Array(9)], attemptOf(), never), {
        code: 'DA_REFUSED',
        message: /insufficient funds/,
      });
    });
  });
}
