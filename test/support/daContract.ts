/** What every adapter of a data-availability layer must do; run against each of them. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DaReceipt, DataAvailability } from '../../da/ports.ts';

const never = new AbortController().signal;

function blobOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Registers the suite. `open` gives an empty layer that takes at least 100 bytes. */
export function daContract(name: string, open: () => Promise<DataAvailability>): void {
  describe(`data availability: ${name}`, () => {
    it('gives back what was posted, in order', async () => {
      const da = await open();
      const receipts: DaReceipt[] = [];
      for (let i = 0; i < 5; i++) receipts.push(await da.post(blobOf(`blob ${i}`), never));
      for (let i = 0; i < 5; i++) {
        assert.deepEqual(await da.fetch(receipts[i]!, never), blobOf(`blob ${i}`));
        assert.equal(receipts[i]!.layer, da.name);
      }
      assert.deepEqual(await da.list(null, 3, never), receipts.slice(0, 3));
      assert.deepEqual(await da.list(receipts[2]!, 9, never), receipts.slice(3));
      assert.deepEqual(await da.list(receipts[4]!, 9, never), []);
      await da.close();
    });

    it('takes the same bytes once', async () => {
      const da = await open();
      const [first, second] = await Promise.all([
        da.post(blobOf('same'), never),
        da.post(blobOf('same'), never),
      ]);
      assert.deepEqual(first, second);
      assert.deepEqual(await da.list(null, 9, never), [first]);
      await da.close();
    });

    it('keeps blobs apart that are posted at the same time', async () => {
      const da = await open();
      const texts = [...Array(8).keys()].map((i) => `parallel ${i}`);
      const receipts = await Promise.all(texts.map((text) => da.post(blobOf(text), never)));
      assert.equal(new Set(receipts.map(({ height }) => height)).size, texts.length);
      for (const [i, receipt] of receipts.entries()) {
        assert.deepEqual(await da.fetch(receipt, never), blobOf(texts[i]!));
      }
      await da.close();
    });

    it('takes blobs up to its bound', async () => {
      const da = await open();
      for (const length of [da.blobBytesMax - 1, da.blobBytesMax]) {
        const blob = new Uint8Array(length).fill(7);
        assert.deepEqual(await da.fetch(await da.post(blob, never), never), blob);
      }
      const large = new Uint8Array(da.blobBytesMax + 1);
      await assert.rejects(da.post(large, never), { code: 'DA_TOO_LARGE' });
      await da.close();
    });

    it('does not keep the bytes of the caller', async () => {
      const da = await open();
      const blob = blobOf('mine');
      const receipt = await da.post(blob, never);
      blob.fill(0);
      assert.deepEqual(await da.fetch(receipt, never), blobOf('mine'));
      await da.close();
    });

    it('says when it does not have a blob', async () => {
      const da = await open();
      const receipt = await da.post(blobOf('here'), never);
      const wrongs: DaReceipt[] = [
        { ...receipt, commitment: `0x${'00'.repeat(32)}` },
        { ...receipt, height: receipt.height + 5n },
        { ...receipt, layer: 'elsewhere' },
      ];
      for (const wrong of wrongs) {
        await assert.rejects(da.fetch(wrong, never), { code: 'DA_NOT_FOUND' });
      }
      await da.close();
    });

    it('stops when asked to, and reports its health', async () => {
      const da = await open();
      const stopped = AbortSignal.abort();
      await assert.rejects(da.post(blobOf('late'), stopped), { name: 'AbortError' });
      assert.deepEqual(await da.list(null, 9, never), []);
      assert.deepEqual(await da.health(never), { ok: true });
      await da.close();
    });
  });
}
