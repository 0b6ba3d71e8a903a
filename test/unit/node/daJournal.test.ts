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
import type { FrameNote } from '../../../da/journal.ts';
import { FINAL_NOTES_MAX } from '../../../da/post.ts';
import { noteFromText, noteToJson, openDaJournal } from '../../../node/daJournal.ts';
import { sha256Hex } from '../../../primitives/hash.ts';
import { ZERO_B256 } from '../../../primitives/types.ts';

const root = mkdtempSync(join(tmpdir(), 'fuelrail-journal-'));
after(() => rmSync(root, { recursive: true, force: true }));
let opened = 0;
const nextDirectory = (): string => join(root, String(opened++));

const frameOf = (n: number): Uint8Array => new Uint8Array(50).fill(n);

function noteOf(n: number, stage: FrameNote['stage'] = 'posted'): FrameNote {
  return {
    firstHeight: 10 * n,
    lastHeight: 10 * n + 9,
    previous: ZERO_B256,
    commitment: sha256Hex(frameOf(n)),
    frameBytes: 50,
    stage,
    groups: [],
    madeAtMs: 5,
  };
}

const GROUP: FrameNote['groups'][number] = {
  intent: { layer: 'x', fromHeight: 7n, commitments: ['0xab'], memo: { nonce: '0x5' } },
  attemptAtMs: 9,
  pointers: [{ layer: 'x', height: 2n ** 60n, index: 3, commitment: '0xab', txHash: '0xcd' }],
};

describe('the journal of the poster', () => {
  it('comes back after a restart, the last note of a frame counts', async () => {
    const directory = nextDirectory();
    const first = await openDaJournal(directory);
    await first.add(noteOf(1), frameOf(1));
    await first.add(noteOf(2), frameOf(2));
    await first.put({ ...noteOf(1), stage: 'included', groups: [GROUP] });
    await first.close();
    const second = await openDaJournal(directory);
    const notes = await second.load();
    assert.deepEqual(notes, [{ ...noteOf(1), stage: 'included', groups: [GROUP] }, noteOf(2)]);
    assert.deepEqual(await second.bytes(noteOf(2)), frameOf(2));
    await second.put({ ...noteOf(1), stage: 'final', groups: [GROUP] });
    await second.close();
    assert.equal(readdirSync(directory).filter((name) => name.endsWith('.frame')).length, 1);
  });

  it('leaves aside a line that was cut at any byte, and goes on behind it', async () => {
    const directory = nextDirectory();
    const journal = await openDaJournal(directory);
    await journal.add(noteOf(1), frameOf(1));
    await journal.put({ ...noteOf(1), groups: [GROUP] });
    await journal.close();
    const file = join(directory, 'notes.jsonl');
    const whole = readFileSync(file);
    const lastLine = whole.length - whole.lastIndexOf(10) - 1;
    for (let cut = 1; cut <= lastLine; cut += 11) {
      writeFileSync(file, whole);
      truncateSync(file, whole.length - cut);
      const again = await openDaJournal(directory);
      assert.deepEqual(await again.load(), [noteOf(1)], `cut by ${cut}`);
      await again.put({ ...noteOf(1), groups: [GROUP] });
      await again.close();
      const third = await openDaJournal(directory);
      assert.deepEqual(await third.load(), [{ ...noteOf(1), groups: [GROUP] }]);
      await third.close();
    }
  });

  it('forgets a frame that was written without a note, and reports one that is damaged', async () => {
    const directory = nextDirectory();
    const journal = await openDaJournal(directory);
    await journal.add(noteOf(1), frameOf(1));
    await journal.close();
    writeFileSync(join(directory, '0000000099-0123456789abcdef.frame'), 'half');
    const [name] = readdirSync(directory).filter((each) => each.startsWith('0000000010'));
    appendFileSync(join(directory, name!), 'x');
    const again = await openDaJournal(directory);
    assert.equal(readdirSync(directory).filter((each) => each.endsWith('.frame')).length, 1);
    await assert.rejects(again.bytes(noteOf(1)), { code: 'DA_JOURNAL_CORRUPT' });
    await again.close();
  });

  it('keeps a bounded number of notes that are final', async () => {
    const directory = nextDirectory();
    const journal = await openDaJournal(directory);
    await journal.close();
    const lines: string[] = [];
    for (let n = 0; n < FINAL_NOTES_MAX + 5; n++) {
      lines.push(
        noteToJson({
          ...noteOf(n % 200, 'final'),
          commitment: sha256Hex(Buffer.from(`${n}`)),
          firstHeight: n,
        }),
      );
    }
    writeFileSync(join(directory, 'notes.jsonl'), lines.join('\n'));
    const again = await openDaJournal(directory);
    assert.equal((await again.load()).length, FINAL_NOTES_MAX);
    await again.close();
    const kept = readFileSync(join(directory, 'notes.jsonl'), 'utf8').split('\n');
    assert.equal(kept.filter((line) => line !== '').length, FINAL_NOTES_MAX);
  });

  it('writes big integers so that they come back', () => {
    const value = { a: 5n, b: ['6', 7n], c: '8', d: '0x9n' };
    assert.deepEqual(noteFromText(noteToJson(value)), value);
    assert.equal(noteFromText('{"a":'), null);
  });
});
