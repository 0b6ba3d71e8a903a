/** Readers that leave early, disks that are full. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { guardOutput } from '../../../cli/output.ts';
import { ROOT } from '../../support/nodeProcess.ts';

const PROGRAM = join(ROOT, 'bin', 'fuelrail.js');

it('a pipe whose reader has left ends a command without a word', async () => {
  const child = spawn(process.execPath, [PROGRAM, 'run', '--help'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  let err = '';
  child.stderr.on('data', (part) => void (err += part));
  const code = await new Promise((resolve) => child.on('close', resolve));
  assert.equal(err, '');
  assert.equal(code, 0);
});

it('a full disk is an error with a code', {
  skip: existsSync('/dev/full') ? false : 'there is no /dev/full',
}, () => {
  const stdio = ['ignore', openSync('/dev/full', 'w'), 'pipe'] as const;
  const ran = spawnSync(process.execPath, [PROGRAM, 'completions', 'bash'], {
    stdio: [...stdio],
    encoding: 'utf8',
  });
  assert.match(ran.stderr, /^Error: cannot write the result: ENOSPC.* \[OUTPUT\]\n$/);
  assert.equal(ran.status, 1);
});

it('a node goes on when nobody reads along', () => {
  const gone = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
  const codesOf = (...args: string[]): number[] => {
    const codes: number[] = [];
    const output = new EventEmitter();
    guardOutput(args, output, (code) => void codes.push(code), new EventEmitter());
    output.emit('error', gone);
    return codes;
  };
  assert.deepEqual(codesOf('run', '--dev'), []);
  assert.deepEqual(codesOf('watch'), []);
  assert.deepEqual(codesOf('tx', 'show'), [0]);
});

it('a node whose log has lost its reader goes on, and ends in order', async () => {
  const child = spawn(
    process.execPath,
    [PROGRAM, 'run', '--db-type', 'in-memory', '--ip', '127.0.0.1', '--port', '0', '--debug'],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  await new Promise<void>((resolve) => {
    child.stderr.on('data', (part) => {
      log += part;
      if (log.includes('Binding GraphQL provider')) resolve();
    });
  });
  child.stderr.destroy();
  const ended = new Promise((resolve) => child.once('exit', resolve));
  // Says on the log that it stops; what it cannot say must not be its end.
  child.kill('SIGTERM');
  assert.equal(await ended, 0);
});
