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
import { daContract, everything, postOne } from '../../support/daContract.ts';
import { FakeLayer, fakeDa } from '../../support/daFake.ts';

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

daContract('fake', async () => fakeDa(new FakeLayer()));

const blob = (byte: number): Uint8Array => new Uint8Array(100).fill(byte);

async function filled(directory: string, count: number, segmentBytesMax?: number): Promise<void> {
  const da = await openLocalDa({
    directory,
    blobBytesMax,
    ...(segmentBytesMax === undefined ? {} : { segmentBytesMax }),
  });
  for (let i = 0; i < count; i++) await postOne(da, blob(i));
  await da.close();
}

async function bytesThere(directory: string): Promise<number[]> {
  const da = await openLocalDa({ directory, blobBytesMax });
  const bytes: number[] = [];
  for (const pointer of await everything(da)) {
    bytes.push((await da.get(pointer, never))[0]!);
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

  it('show a reader what the writer appends, over several files, and nothing half written', async () => {
    const directory = nextDirectory();
    const writer = await openLocalDa({ directory, blobBytesMax, segmentBytesMax: 150 });
    await postOne(writer, blob(0));
    const reader = await openLocalDa({ directory, blobBytesMax, isReadOnly: true });
    assert.equal((await everything(reader)).length, 1);
    for (let i = 1; i < 6; i++) {
      const pointer = await postOne(writer, blob(i));
      assert.deepEqual((await everything(reader)).at(-1), pointer);
      assert.deepEqual(await reader.get(pointer, never), blob(i));
    }
    const last = join(directory, readdirSync(directory).sort().at(-1)!);
    const whole = readFileSync(last);
    for (let cut = 1; cut < 139; cut += 17) {
      truncateSync(last, whole.length - cut);
      const late = await openLocalDa({ directory, blobBytesMax, isReadOnly: true });
      assert.equal((await everything(late)).length, 5, `cut by ${cut}`);
      assert.equal(readFileSync(last).length, whole.length - cut, 'a reader changes nothing');
      writeFileSync(last, whole);
      assert.equal((await everything(late)).length, 6);
      await late.close();
    }
    await assert.rejects(postOne(reader, blob(9)), { code: 'DA_REFUSED' });
    await writer.close();
    await reader.close();
  });

  it('report a directory that cannot be made', async () => {
    const path = nextDirectory();
    writeFileSync(path, 'a file');
    await assert.rejects(openLocalDa({ directory: path }), { code: 'DA_UNAVAILABLE' });
  });
});
