/** What every key-value engine of the state must do; run against each of them. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Engine, Scan } from '../../state/engine/port.ts';
import { randomOf } from './chainMaker.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

async function keysOf(engine: Engine, scan: Scan): Promise<number[][]> {
  return (await engine.scan(scan)).map(({ key }) => [...key]);
}

/** Registers the suite. `open` gives an empty engine, whose keys in column 2 have 3-byte buckets. */
export function engineContract(name: string, open: () => Promise<Engine>): void {
  describe(`engine ${name}`, () => {
    it('reads its own writes, overwrites and deletes', async () => {
      const engine = await open();
      await engine.write((batch) => {
        batch.put(bytes(1, 1), bytes(7));
        batch.put(bytes(1, 2), bytes());
      });
      assert.deepEqual([...engine.get(bytes(1, 1))!], [7]);
      assert.deepEqual(engine.get(bytes(1, 2)), bytes());
      assert.equal(engine.get(bytes(1, 3)), undefined);
      await engine.write((batch) => {
        batch.put(bytes(1, 1), bytes(8));
        batch.del(bytes(1, 2));
        batch.del(bytes(9, 9));
      });
      assert.deepEqual([...engine.get(bytes(1, 1))!], [8]);
      assert.equal(engine.get(bytes(1, 2)), undefined);
      await engine.close();
    });

    it('writes nothing when the filling of a batch fails', async () => {
      const engine = await open();
      const failing = engine.write((batch) => {
        batch.put(bytes(1, 1), bytes(7));
        throw new Error('on purpose');
      });
      await assert.rejects(failing, /on purpose/);
      assert.equal(engine.get(bytes(1, 1)), undefined);
      await engine.write((batch) => batch.put(bytes(1, 2), bytes(1)));
      assert.deepEqual(await keysOf(engine, { prefix: bytes(1), limit: 9 }), [[1, 2]]);
      await engine.close();
    });

    it('walks prefixes in both directions with an exclusive cursor', async () => {
      const engine = await open();
      await engine.write((batch) => {
        for (const last of [5, 1, 255, 3]) batch.put(bytes(2, 0, 9, last), bytes(last));
        batch.put(bytes(2, 0, 8, 255), bytes());
        batch.put(bytes(2, 1, 0, 0), bytes());
      });
      const prefix = bytes(2, 0, 9);
      const lasts = async (rest: Omit<Scan, 'prefix'>): Promise<number[]> =>
        (await keysOf(engine, { prefix, ...rest })).map((key) => key[3]!);
      assert.deepEqual(await lasts({ limit: 9 }), [1, 3, 5, 255]);
      assert.deepEqual(await lasts({ limit: 2 }), [1, 3]);
      assert.deepEqual(await lasts({ limit: 9, after: bytes(2, 0, 9, 3) }), [5, 255]);
      assert.deepEqual(await lasts({ limit: 9, after: bytes(2, 0, 9, 4) }), [5, 255]);
      assert.deepEqual(await lasts({ limit: 9, reverse: true }), [255, 5, 3, 1]);
      const upper = bytes(2, 0, 9, 5);
      assert.deepEqual(await lasts({ limit: 9, reverse: true, after: upper }), [3, 1]);
      assert.deepEqual(await lasts({ limit: 0 }), []);
      await engine.close();
    });

    it('equals a plain sorted model under random writes', async () => {
      const seed = 20_261_121;
      const random = randomOf(seed);
      const engine = await open();
      const model = new Map<string, number[]>();
      for (let round = 0; round < 60; round++) {
        await engine.write((batch) => {
          for (let i = 0; i < 30; i++) {
            const key = [2, random(3), random(3), random(256), random(4)];
            const text = String.fromCharCode(...key);
            if (random(3) === 0) {
              model.delete(text);
              batch.del(Uint8Array.from(key));
            } else {
              model.set(text, key);
              batch.put(Uint8Array.from(key), Uint8Array.of(round));
            }
          }
        });
        const prefix = [2, random(3), random(3)].slice(0, 1 + random(3));
        const reverse = random(2) === 0;
        const limit = 1 + random(40);
        const cursor = [...prefix, random(3), random(3), random(256), random(4)].slice(0, 5);
        const after = random(2) === 0 ? cursor : undefined;
        const expected = expectedKeys([...model.values()], { prefix, reverse, limit, after });
        const actual = await keysOf(engine, {
          prefix: Uint8Array.from(prefix),
          after: after === undefined ? undefined : Uint8Array.from(after),
          reverse,
          limit,
        });
        assert.deepEqual(actual, expected, `seed ${seed} round ${round}`);
      }
      await engine.close();
    });
  });
}

type Expected = { prefix: number[]; reverse: boolean; limit: number; after: number[] | undefined };

function expectedKeys(keys: number[][], { prefix, reverse, limit, after }: Expected): number[][] {
  const compare = (a: number[], b: number[]): number =>
    Buffer.compare(Buffer.from(a), Buffer.from(b));
  const sorted = keys
    .filter((key) => prefix.every((byte, i) => key[i] === byte))
    .sort((a, b) => (reverse ? compare(b, a) : compare(a, b)));
  return sorted
    .filter((key) => {
      if (after === undefined) return true;
      return reverse ? compare(key, after) < 0 : compare(key, after) > 0;
    })
    .slice(0, limit);
}
