import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { sha256 } from '../../../../primitives/hash.ts';
import { openDiskEngine, openDiskRows } from '../../../../state/engine/disk.ts';
import { engineContract } from '../../../support/engineContract.ts';

const root = mkdtempSync(join(tmpdir(), 'fuelrail-disk-'));
let opened = 0;
const nextPath = (): string => join(root, String(opened++));
after(() => rmSync(root, { recursive: true, force: true }));

engineContract('disk', () => openDiskEngine(nextPath()));

describe('openDiskEngine', () => {
  it('keeps rows over a restart', async () => {
    const path = nextPath();
    const first = await openDiskEngine(path);
    await first.write((batch) => batch.put(Uint8Array.of(1, 2), Uint8Array.of(3)));
    await first.close();
    const second = await openDiskEngine(path);
    assert.deepEqual([...second.get(Uint8Array.of(1, 2))!], [3]);
    await second.close();
  });

  it('refuses a directory that is in use', async () => {
    const path = nextPath();
    const first = await openDiskEngine(path);
    await assert.rejects(openDiskEngine(path), { code: 'STATE_LOCKED' });
    await first.close();
  });

  it('lets a thread read what another one writes, and goes on when that one is gone', async () => {
    const path = nextPath();
    const first = await openDiskEngine(path);
    const reader = await openDiskRows(path);
    const key = Uint8Array.of(1, 2);
    assert.equal(reader.get(key), undefined);
    await first.write((batch) => batch.put(key, Uint8Array.of(3)));
    assert.deepEqual([...reader.get(key)!], [3]);
    await reader.close();
    assert.deepEqual([...first.get(key)!], [3]);
    await first.close();
    await assert.rejects(openDiskRows(nextPath()), { code: 'STATE_UNAVAILABLE' });
  });

  it('reports a damaged database', async () => {
    const path = nextPath();
    const engine = await openDiskEngine(path);
    await engine.write((batch) => batch.put(Uint8Array.of(1, 2), Uint8Array.of(3)));
    await engine.close();
    for (const name of readdirSync(path)) {
      if (name.startsWith('MANIFEST')) writeFileSync(join(path, name), 'not a manifest at all');
    }
    await assert.rejects(openDiskEngine(path), { code: 'STATE_CORRUPT' });
  });

  it('reports rows that changed on disk, and never gives a wrong value', async () => {
    const path = nextPath();
    const value = (n: number): Uint8Array => Uint8Array.of(...sha256(Uint8Array.of(n)));
    const keyOf = (n: number): Uint8Array => Uint8Array.of(1, n);
    const first = await openDiskEngine(path);
    await first.write((batch) => {
      for (let n = 0; n < 200; n++) batch.put(keyOf(n), value(n));
    });
    await first.close();
    // The next opening moves rows from the log into a table file.
    await (await openDiskEngine(path)).close();
    const table = readdirSync(path).find((name) => name.endsWith('.ldb'));
    assert.ok(table !== undefined);
    const bytes = readFileSync(join(path, table));
    for (let at = 100; at < bytes.length / 2; at += 400) bytes[at]! ^= 0xff;
    writeFileSync(join(path, table), bytes);
    const damaged = await openDiskEngine(path);
    let reported = 0;
    for (let n = 0; n < 200; n++) {
      try {
        const found = damaged.get(keyOf(n));
        if (found !== undefined) assert.deepEqual(found, value(n));
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'STATE_CORRUPT');
        reported++;
      }
    }
    assert.ok(reported > 0);
    await damaged.close();
  });

  it('reports a path that is no directory', async () => {
    const path = nextPath();
    writeFileSync(path, 'a file');
    await assert.rejects(openDiskEngine(path), { code: 'STATE_UNAVAILABLE' });
  });
});
