/** `fuelrail run --dev` and every command of `fuelrail dev`, as a person types them. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Finished, ROOT, runNode } from '../support/examplesRun.ts';
import { type NodeProcess, startNodeProcess } from '../support/nodeProcess.ts';

const BIN = join(ROOT, 'bin', 'fuelrail.js');
const BOB = `0x${'b0'.repeat(32)}`;
const id = (n: number): string => `0x${n.toString(16).padStart(64, '0')}`;

let node: NodeProcess;
let dir: string;

before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'fuelrail-dev-'));
  node = await startNodeProcess(['--dev']);
});
after(async () => {
  await node.stop();
  rmSync(dir, { recursive: true, force: true });
});

function dev(...args: string[]): Promise<Finished> {
  return runNode([BIN, 'dev', ...args, '--url', new URL(node.url).origin], dir);
}

async function works(text: RegExp, ...args: string[]): Promise<string> {
  const { code, output } = await dev(...args);
  assert.equal(code, 0, `${args.join(' ')}: ${output}`);
  assert.match(output, text, args.join(' '));
  return output.trim();
}

async function fails(exit: number, text: RegExp, ...args: string[]): Promise<void> {
  const { code, output } = await dev(...args);
  assert.equal(code, exit, `${args.join(' ')}: ${output}`);
  assert.match(output, text, args.join(' '));
}

test('history: snapshot, revert, drop, dump, load', async () => {
  await works(/height {8}0,/, 'status');
  const { snapshot } = JSON.parse(await works(/snapshot/, 'snapshot', '--json'));
  await works(/height {8}3,/, 'mine', '3');
  await works(/height {8}0,/, 'revert', String(snapshot));
  await works(/new coin 0x/, 'fund', BOB, '1.5');
  const state = join(dir, 'state');
  await works(/--snapshot/, 'dump', state);
  assert.ok(existsSync(join(state, 'state_config.json')));
  await works(/forgotten/, 'drop', String(snapshot));
  await works(/height {8}1,/, 'load', state);
  await fails(1, /DEV_UNKNOWN_SNAPSHOT/, 'revert', '7');
  await fails(2, /whole number/, 'revert', 'x');
  await fails(2, /cannot read/, 'load', join(dir, 'nothing'));
  const again = await startNodeProcess(['--dev', '--snapshot', state]);
  await again.stop();
});

test('time: set, advance, freeze, run, mine, auto-mine', async () => {
  await works(/shifted, 2033-05-18T03:33:20/, 'time', 'set', '2000000000');
  await works(/2040-01-01T00:00:00/, 'time', 'set', '2040-01-01T00:00:00Z');
  await works(/2040-01-01T01:00:00/, 'time', 'advance', '3600');
  await works(/at 2040-01-01T01:00:00/, 'mine');
  await works(/frozen/, 'time', 'freeze');
  await works(/shifted/, 'time', 'run');
  await works(/height {8}\d+/, 'mine', '2', '--interval', '60');
  await works(/dev mine only/, 'auto-mine', 'off');
  await works(/by themselves/, 'auto-mine', 'on');
  await fails(1, /DEV_TIME/, 'time', 'set', '5');
  await fails(2, /date/, 'time', 'set', 'tomorrow');
  await fails(2, /on or off/, 'auto-mine', 'maybe');
});

test('state: fund, coins, messages, contracts, impersonation', async () => {
  const coin = `0x${'11'.repeat(32)}0000`;
  const values = ['--owner', BOB, '--amount', '5', '--asset', id(7)];
  await works(/is there/, 'set-coin', coin, ...values);
  await works(/is there/, 'set-coin', coin, '--owner', BOB, '--amount', '5');
  await works(/is gone/, 'set-coin', coin, '--remove');
  const sender = ['--sender', BOB, '--recipient', BOB, '--amount', '5', '--data', '0xbeef'];
  await works(/is there/, 'set-message', id(1), ...sender);
  await works(/is gone/, 'set-message', id(1), '--remove');
  const file = join(dir, 'code.bin');
  writeFileSync(file, Uint8Array.of(0x24, 0, 0, 0));
  const contract = await works(/^0x[0-9a-f]{64}$/m, 'set-contract', file);
  await works(/is set/, 'set-slot', contract, id(1), '0xff');
  await works(/is empty/, 'set-slot', contract, id(1));
  await works(/has 9/, 'set-balance', contract, id(1), '9');
  await works(/no signature/, 'impersonate', BOB);
  await works(new RegExp(`impersonated {2}${BOB}`), 'status');
  await works(/asked for again/, 'stop-impersonating');
  await fails(2, /64 hex digits/, 'impersonate', 'bob');
  await fails(2, /is no amount/, 'fund', BOB, 'much');
  await fails(2, /--owner .* and is missing/, 'set-coin', coin);
});

test('a node without --dev, and none at all', async () => {
  const plain = await startNodeProcess(['--db-type', 'in-memory']);
  const at = new URL(plain.url).origin;
  const off = await runNode([BIN, 'dev', 'status', '--url', at], dir);
  await plain.stop();
  assert.equal(off.code, 1);
  assert.match(off.output, /--dev.*DEV_OFF/s);
  const none = await runNode([BIN, 'dev', 'status', '--url', 'http://127.0.0.1:9'], dir);
  assert.equal(none.code, 1);
  assert.match(none.output, /fuelrail run --dev/);
});

test('flags that do not go together', async () => {
  const run = (...flags: string[]): Promise<Finished> =>
    runNode([BIN, 'run', '--port', '0', ...flags], dir);
  const cases: readonly [string[], RegExp][] = [
    [['--dev', '--db-path', dir], /DEV_CONFLICT/],
    [['--dev', '--da-path', dir], /DEV_CONFLICT/],
    [['--fork', 'http://127.0.0.1:9'], /--fork needs --dev/],
    [['--dev', '--fork-offline'], /need --fork/],
    [['--dev', '--fork', 'mainnet'], /expected a URL/],
    [['--dev', '--fork', 'http://127.0.0.1:9', '--fork-offline'], /name that directory/],
    [['--dev', '--fork', 'http://127.0.0.1:9/v1/graphql'], /FORK_REMOTE/],
  ];
  for (const [flags, text] of cases) {
    const { code, output } = await run(...flags);
    assert.notEqual(code, 0, flags.join(' '));
    assert.match(output, text, flags.join(' '));
  }
});
