import assert from 'node:assert/strict';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { openLocalDa } from '../../../da/local.ts';
import { daContract } from '../../support/daContract.ts';

const never = new AbortController().signal;
const root = mkdtempSync(join(tmpdir(), 'fuelrail-da-'));
after(() => rmSync(root, { recursive: true, force: true }));
let opened = 0;
const nextDirectory = (): string => join(root, String(opened++));
const blobBytesMax = 1000;

daContract('local, memory', () => openLocalDa({ directory: null, blobBytesMax }));
daContract('local, files', () => openLocalDa({ directory: nextDirectory(), blobBytesMax }));
daContract('local, many small files', () =>
  openLocalDa({ directory: nextDirectory(), blobBytesMax, segmentBytesMax: 50 }),
);

const blob = (byte: number): Uint8Array => new Uint8Array(100).fill(byte);

async function filled(directory: string, count: number, segmentBytesMax?: number): Promise<void> {
  const da = await openLocalDa({
    directory,
    blobBytesMax,
    ...(segmentBytesMax === undefined ? {} : { segmentBytesMax }),
  });
  for (let i = 0; i < count; i++) await da.post(blob(i), never);
  await da.close();
}

async function bytesThere(directory: string): Promise<number[]> {
  const da = await openLocalDa({ directory, blobBytesMax });
  const bytes: number[] = [];
  for (const receipt of await da.list(null, 100, never)) {
    bytes.push((await da.fetch(receipt, never))[0]!);
  }
  await da.close();
  return bytes;
}

describe('local DA files', () => {
  it('are there after a restart, over several files', async () => {
    const directory = nextDirectory();
    await filled(directory, 5, 150);
    assert.ok(readdirSync(directory).length > 1);
    assert.deepEqual(await bytesThere(directory), [0, 1, 2, 3, 4]);
  });

  it('lose a record that was cut at any byte, and go on from there', async () => {
    const directory = nextDirectory();
    await filled(directory, 3);
    const file = join(directory, readdirSync(directory)[0]!);
    const whole = readFileSync(file);
    const recordBytes = whole.length / 3;
    for (let cut = 1; cut < recordBytes; cut += 7) {
      writeFileSync(file, whole);
      truncateSync(file, whole.length - cut);
      assert.deepEqual(await bytesThere(directory), [0, 1], `cut by ${cut}`);
      assert.equal(readFileSync(file).length, 2 * recordBytes);
    }
    await filled(directory, 4);
    assert.deepEqual(await bytesThere(directory), [0, 1, 2, 3]);
  });

  it('lose a last record that does not hash, or junk at the end', async () => {
    const directory = nextDirectory();
    await filled(directory, 3);
    const file = join(directory, readdirSync(directory)[0]!);
    const bytes = readFileSync(file);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(file, bytes);
    assert.deepEqual(await bytesThere(directory), [0, 1]);
    appendFileSync(file, Buffer.alloc(64));
    assert.deepEqual(await bytesThere(directory), [0, 1]);
  });

  it('report damage in the middle', async () => {
    const directory = nextDirectory();
    await filled(directory, 3);
    const file = join(directory, readdirSync(directory)[0]!);
    const bytes = readFileSync(file);
    bytes[60]! ^= 1;
    writeFileSync(file, bytes);
    await assert.rejects(bytesThere(directory), { code: 'DA_CORRUPT' });
  });

  it('report an older file that ends too early', async () => {
    const directory = nextDirectory();
    await filled(directory, 5, 150);
    const [oldest] = readdirSync(directory).sort();
    truncateSync(join(directory, oldest!), 100);
    await assert.rejects(bytesThere(directory), { code: 'DA_CORRUPT' });
  });

  it('report a directory that cannot be made', async () => {
    const path = nextDirectory();
    writeFileSync(path, 'a file');
    await assert.rejects(openLocalDa({ directory: path }), { code: 'DA_UNAVAILABLE' });
  });
});
