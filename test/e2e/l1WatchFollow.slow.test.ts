/**
 * A watcher that trusts no node: takes the chain from its DA layer, executes every block again, goes
 * on where it stopped, convicts, and raises the alarm when blocks are held back.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { DA_DEFAULTS } from '../../node/daSettings.ts';
import { batchOf, commitArguments } from '../../settlement/index.ts';
import { ANVIL_KEYS, anvilPath } from '../support/anvil.ts';
import { randomOf } from '../support/chainMaker.ts';
import { writeSnapshot } from '../support/funded.ts';
import { seedOf } from '../support/mutate.ts';
import { ROOT } from '../support/nodeProcess.ts';
import {
  BOND,
  CHALLENGER,
  forged,
  grow,
  OPERATOR,
  openRollup,
  rollupSnapshot,
} from '../support/rollup.ts';
import { SETTLEMENT } from '../support/settlementContracts.ts';

type Ran = { readonly code: number; readonly out: string; readonly err: string };

test('watching by the DA layer alone', { skip: anvilPath() === null }, async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'watch-follow-'));
  t.after(() => rmSync(home, { recursive: true }));
  const [layer, genesis] = [join(home, 'layer'), join(home, 'genesis')];
  mkdirSync(genesis);
  writeSnapshot(genesis, rollupSnapshot());
  const da = { ...DA_DEFAULTS, layer: { type: 'local', directory: layer } } as const;
  const rollup = await openRollup(t, randomOf(seedOf('follow', 9)), null, { da });
  const { anvil, settlement } = rollup;
  await grow(rollup);
  const blocks = await rollup.committable();
  const split = blocks.length - 3;
  const parent = blocks[split - 1]!.header.id;
  const end = blocks.at(-1)!.header.id;
  const count = (): Promise<bigint> => anvil.read(settlement, SETTLEMENT, 'batchCount');
  const watch = (...more: string[]): Promise<Ran> => {
    const args = ['--ethereum', anvil.url, '--settlement', settlement, '--once'];
    args.push('--follow-da', 'local', '--da-path', layer, '--da-poll', '50ms');
    args.push('--snapshot', genesis, '--db-path', join(home, 'watch'), ...more);
    const all = [join(ROOT, 'bin', 'fuelrail.js'), 'watch', ...args];
    const env = { ...process.env, FUELRAIL_L1_WATCH_KEY: ANVIL_KEYS[CHALLENGER] };
    return new Promise((resolve) => {
      execFile(process.execPath, all, { env }, (error, out, err) => {
        resolve({ code: error === null ? 0 : Number(error.code), out, err });
      });
    });
  };

  await t.test('the true chain is in order', async () => {
    await rollup.commit(blocks.slice(0, split));
    const ran = await watch();
    assert.equal(ran.out, '1 batches in order, 0 alarms\n', ran.err);
    assert.equal(ran.code, 0);
  });

  await t.test('a lie is convicted by a watcher that was started again', async () => {
    const batch = batchOf(blocks.slice(split));
    const [before, height, root, , ...rest] = commitArguments(batch, parent, Uint8Array.of(2));
    const args = [before, height, root, parent, ...rest];
    await anvil.send('lie', OPERATOR, settlement, SETTLEMENT, 'commitBatch', args, BOND);
    assert.equal(await count(), 2n);
    const posted: string[] = [];
    const hook = createServer((request, response) => {
      request.on('data', (chunk: Buffer) => posted.push(chunk.toString()));
      request.on('end', () => response.end());
    });
    await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
    t.after(() => hook.close());
    const { port } = hook.address() as AddressInfo;
    const ran = await watch('--webhook', `http://127.0.0.1:${port}/`);
    assert.deepEqual(
      posted.map((text) => JSON.parse(text) as unknown),
      [{ type: 'fraud', batch: 1, statement: 'wrongEnd' }],
    );
    assert.match(ran.out + ran.err, /1 batches were found in order before/);
    assert.match(ran.out + ran.err, /"type":"fraud","batch":1,"statement":"wrongEnd"/);
    assert.equal(ran.code, 3);
    assert.equal(await count(), 1n);
  });

  await t.test('blocks that are not on the layer are an alarm, after a while', async () => {
    const last = blocks.at(-1)!;
    const invented = forged(last, last.transactions, { time: last.header.time + 1n });
    await rollup.commit([...blocks.slice(split, -1), invented], parent);
    const patient = await watch();
    assert.equal(patient.out, '1 batches in order, 0 alarms\n', patient.err);
    const ran = await watch('--data-grace', '0s');
    assert.match(ran.out + ran.err, /"type":"dataMissing","batch":1/);
    assert.equal(ran.code, 3);
    assert.notEqual(invented.header.id, end);
  });

  await t.test('what was kept is damaged: everything is audited again', async () => {
    const kept = join(home, 'watch', 'watch-memory');
    for (const name of readdirSync(kept)) {
      if (/\.(log|ldb)$/.test(name)) writeFileSync(join(kept, name), 'nothing of it');
    }
    const ran = await watch('--data-grace', '10m');
    assert.doesNotMatch(ran.out + ran.err, /found in order before/);
    assert.equal(ran.out, '1 batches in order, 0 alarms\n', ran.err);
  });
});
