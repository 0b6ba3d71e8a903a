/** What every adapter of a data-availability layer must do; run against each of them. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  DA_START,
  type DaAttempt,
  type DaIntent,
  type DaPointer,
  type DataAvailability,
} from '../../da/ports.ts';

const never = new AbortController().signal;

function blobOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** An attempt that notes its intents. */
export function attemptOf(earlier: DaIntent | null = null): DaAttempt & { intents: DaIntent[] } {
  const intents: DaIntent[] = [];
  return {
    earlier,
    intents,
    record: async (intent) => {
      intents.push(intent);
    },
  };
}

/** Posts one blob, as a first attempt. */
export async function postOne(da: DataAvailability, blob: Uint8Array): Promise<DaPointer> {
  const [pointer] = await da.submit([blob], attemptOf(), never);
  return pointer!;
}

/** Everything on a layer. */
export async function everything(da: DataAvailability, step = 9): Promise<DaPointer[]> {
  const pointers: DaPointer[] = [];
  let position = DA_START;
  for (;;) {
    const page = await da.list(position, step, never);
    pointers.push(...page.pointers);
    position = page.next;
    if (page.atTip) return pointers;
  }
}

function before(a: DaPointer, b: DaPointer): boolean {
  return a.height < b.height || (a.height === b.height && a.index < b.index);
}

export type DaContractOptions = {
  /** Off for layers where filling a blob takes long. */
  readonly fillsBlobs?: boolean;
};

type Open = () => Promise<DataAvailability>;

/** Registers the suite. `open` gives an empty layer that takes at least 100 bytes. */
export function daContract(name: string, open: Open, options: DaContractOptions = {}): void {
  describe(`data availability: ${name}`, () => {
    submitting(open, options);
    reading(open);
    proving(open);
  });
}

function submitting(open: Open, options: DaContractOptions): void {
  it('writes its intent down before anything can be seen', async () => {
    const da = await open();
    const seen: number[] = [];
    const intents: DaIntent[] = [];
    const record = async (intent: DaIntent): Promise<void> => {
      intents.push(intent);
      seen.push((await everything(da)).length);
      assert.equal(await da.find(intent, never), null);
    };
    const pointers = await da.submit([blobOf('first')], { earlier: null, record }, never);
    assert.ok(seen.length > 0 && seen.every((count) => count === 0));
    const intent = intents.at(-1)!;
    assert.equal(intent.layer, da.name);
    assert.deepEqual(
      intent.commitments,
      pointers.map(({ commitment }) => commitment),
    );
    assert.doesNotThrow(() => JSON.stringify(intent.memo));
    assert.deepEqual(await da.find(intent, never), pointers);
    await da.close();
  });

  it('takes the blobs of an earlier intent once', async () => {
    const da = await open();
    const first = attemptOf();
    const pointers = await da.submit([blobOf('same'), blobOf('again')], first, never);
    const second = attemptOf(first.intents.at(-1)!);
    assert.deepEqual(await da.submit([blobOf('same'), blobOf('again')], second, never), pointers);
    assert.deepEqual(await everything(da), pointers);
    await da.close();
  });

  it('keeps blobs apart that are posted at the same time', async () => {
    const da = await open();
    const texts = [...Array(6).keys()].map((i) => `parallel ${i}`);
    const pointers = await Promise.all(texts.map((text) => postOne(da, blobOf(text))));
    assert.equal(new Set(pointers.map(({ height, index }) => `${height} ${index}`)).size, 6);
    for (const [i, pointer] of pointers.entries()) {
      assert.deepEqual(await da.get(pointer, never), blobOf(texts[i]!));
    }
    await da.close();
  });

  it('takes blobs up to its bounds', async () => {
    const da = await open();
    for (const length of options.fillsBlobs === false ? [] : [-1, 0]) {
      const blob = new Uint8Array(da.blobBytesMax + length).fill(7);
      assert.deepEqual(await da.get(await postOne(da, blob), never), blob);
    }
    const tooLarge = { code: 'DA_TOO_LARGE' };
    await assert.rejects(postOne(da, new Uint8Array(da.blobBytesMax + 1)), tooLarge);
    const many = new Array<Uint8Array>(da.blobCountMax + 1).fill(blobOf('x'));
    await assert.rejects(da.submit(many, attemptOf(), never), tooLarge);
    await assert.rejects(da.submit([], attemptOf(), never), tooLarge);
    await da.close();
  });

  it('does not keep the bytes of the caller', async () => {
    const da = await open();
    const blob = blobOf('mine');
    const pointer = await postOne(da, blob);
    blob.fill(0);
    assert.deepEqual(await da.get(pointer, never), blobOf('mine'));
    await da.close();
  });

  it('stops when asked to, before it has sent', async () => {
    const da = await open();
    await assert.rejects(da.submit([blobOf('late')], attemptOf(), AbortSignal.abort()), {
      name: 'AbortError',
    });
    assert.deepEqual(await everything(da), []);
    await da.close();
  });

  it('sends nothing when its intent cannot be written down', async () => {
    const da = await open();
    const record = async (): Promise<void> => {
      throw new Error('disk full');
    };
    await assert.rejects(da.submit([blobOf('x')], { earlier: null, record }, never), /disk full/);
    assert.deepEqual(await everything(da), []);
    await da.close();
  });
}

function reading(open: Open): void {
  it('gives back what was posted, in order, in pages of any size', async () => {
    const da = await open();
    const pointers: DaPointer[] = [];
    for (let i = 0; i < 5; i++) pointers.push(await postOne(da, blobOf(`blob ${i}`)));
    for (let i = 0; i < 5; i++) {
      assert.deepEqual(await da.get(pointers[i]!, never), blobOf(`blob ${i}`));
      assert.equal(pointers[i]!.layer, da.name);
      if (i > 0) assert.ok(before(pointers[i - 1]!, pointers[i]!));
    }
    for (const step of [1, 2, 3, 9]) assert.deepEqual(await everything(da, step), pointers);
    const { next } = await da.list(DA_START, 9, never);
    const last = await postOne(da, blobOf('blob 5'));
    assert.deepEqual((await da.list(next, 9, never)).pointers, [last]);
    await da.close();
  });

  it('says when it does not have a blob', async () => {
    const da = await open();
    const pointer = await postOne(da, blobOf('here'));
    const other = `${pointer.commitment.slice(0, -2)}${pointer.commitment.endsWith('00') ? '01' : '00'}`;
    const wrongs: DaPointer[] = [
      { ...pointer, commitment: other as DaPointer['commitment'] },
      { ...pointer, height: pointer.height + 5_000n },
      { ...pointer, layer: 'elsewhere' },
    ];
    for (const wrong of wrongs) {
      await assert.rejects(da.get(wrong, never), { code: 'DA_NOT_FOUND' });
    }
    const intent = {
      layer: da.name,
      fromHeight: 0n,
      commitments: [other as DaPointer['commitment']],
      memo: {},
    };
    assert.equal(await da.find(intent, never), null);
    await da.close();
  });

  it('reports its health, the fate of a blob, and its price', async () => {
    const da = await open();
    assert.deepEqual(await da.health(never), { ok: true });
    const pointer = await postOne(da, blobOf('kept'));
    assert.match(await da.finality(pointer, never), /^(included|final)$/);
    const small = await da.estimate([100], never);
    const large = await da.estimate([100, 50_000], never);
    assert.equal(small.unit, large.unit);
    assert.ok(small.unit === 'none' ? large.amount === 0n : large.amount >= small.amount);
    await da.close();
  });
}

function proving(open: Open): void {
  it('proves a blob to those who have only the pointer', async () => {
    const da = await open();
    const pointer = await postOne(da, blobOf('proven'));
    const other = await postOne(da, blobOf('other'));
    const proof = await da.proof(pointer, never);
    assert.equal(await da.verify(pointer, blobOf('proven'), proof), true);
    assert.equal(await da.verify(pointer, blobOf('Proven'), proof), false);
    assert.equal(await da.verify(other, blobOf('proven'), proof), false);
    assert.equal(await da.verify(other, blobOf('other'), proof), false);
    await da.close();
  });
}
