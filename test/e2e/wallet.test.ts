/** The wallet's commands as a script uses them, against a node in this process. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { hexToBytes } from '../../primitives/bytes.ts';
import { createClient } from '../../sdk/client/graphql.ts';
import { submitAndWait } from '../../sdk/client/transactions.ts';
import { planTransfer, signTransfer } from '../../sdk/client/transfer.ts';
import { createNode, type EmbeddedNode } from '../../sdk/createNode.ts';
import { dataFile } from '../support/dataFile.ts';
import { ROOT } from '../support/nodeProcess.ts';

const PHRASE = 'test test test test test test test test test test test junk';
const OWNER = '0xe1ce3d6c151761f3dfade07963ee4e87ed63cb888f90a6518e3e15c5445895db';
const OTHER = `0x${'11'.repeat(32)}`;
const THIRD = `0x${'22'.repeat(32)}` as const;

let node: EmbeddedNode;
let folder: string;

type Ran = { code: number; out: string; err: string };

function wallet(...args: string[]): Promise<Ran> {
  return command('wallet', ...args, '--path', join(folder, 'w'));
}

function command(...args: string[]): Promise<Ran> {
  const env = {
    ...process.env,
    FUELRAIL_NODE_URL: node.url,
    FUELRAIL_WALLET_PASSWORD: 'pw',
    FUELRAIL_WALLET_PHRASE: PHRASE,
  };
  const all = [join(ROOT, 'bin', 'fuelrail.js'), ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, all, { env }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
}

type Shown = {
  address: string;
  balances: { amount: string }[];
  status: string;
  id: string;
  history: { id: string; status: string }[];
  signature: string;
  valid: boolean;
};

async function json(...args: string[]): Promise<Shown> {
  const ran = await wallet(...args, '--json');
  assert.equal(ran.code, 0, ran.err);
  return JSON.parse(ran.out) as Shown;
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wallet-'));
  node = await createNode({ port: 0 });
  const [rich] = node.accounts;
  assert.ok(rich);
  const client = createClient({ url: node.url });
  const chain = await planTransfer(client, rich.address, [
    { to: OWNER, assetId: (await baseAsset()) as `0x${string}`, amount: 1_000_000_000n },
  ]);
  const status = await submitAndWait(client, signTransfer(chain, hexToBytes(rich.secret)));
  assert.equal(status.type, 'success');
});

async function baseAsset(): Promise<string> {
  const query = '{ chain { consensusParameters { baseAssetId } } }';
  type Answer = { chain: { consensusParameters: { baseAssetId: string } } };
  const { chain } = await createClient({ url: node.url }).request<Answer>(query);
  return chain.consensusParameters.baseAssetId;
}

after(async () => {
  await node.close();
  await rm(folder, { recursive: true });
});

test('import, plan, pay, pay many', async () => {
  assert.equal((await json('import')).address, OWNER);
  assert.equal((await stat(join(folder, 'w'))).mode & 0o077, 0, 'for the owner only');
  assert.equal((await json('balance')).balances[0]?.amount, '1000000000');

  const planned = await json('send', OTHER, '0.25', '--dry-run');
  assert.equal(planned.status, 'not sent');
  const sent = await json('send', OTHER, '0.25', '--yes');
  assert.equal(sent.id, planned.id, 'the plan is what is sent');
  assert.equal((await json('balance', '--address', OTHER)).balances[0]?.amount, '250000000');

  await writeFile(join(folder, 'pay.csv'), `# wages\n${OTHER},0.1\n\n${THIRD}, 0.2\n`);
  await json('send', '--payments', join(folder, 'pay.csv'), '--yes');
  assert.equal((await json('balance', '--address', THIRD)).balances[0]?.amount, '200000000');
});

test('a beginner hears what to do, and the exit code says whose mistake it was', async () => {
  for (const [args, code, text] of [
    [['send', OTHER, '5', '--yes'], 1, /FUNDS_MISSING/],
    [['send', OTHER, '0.1'], 2, /add --yes/],
    [['send', 'fuel1qqq', '1', '--yes'], 2, /old fuel1… form/],
    [['send', OTHER, '0.0000000001', '--yes'], 2, /has 9 decimals/],
    [['send'], 2, /to whom/],
    [['create'], 2, /--phrase-out/],
    [['import'], 1, /WALLET_EXISTS/],
    [['export'], 2, /--out/],
    [['balance', '--url', 'http://127.0.0.1:9'], 1, /fuelrail run/],
  ] as const) {
    const ran = await wallet(...args);
    assert.equal(ran.code, code, `${args.join(' ')}: ${ran.err}`);
    assert.match(ran.err, text);
    assert.doesNotMatch(ran.err + ran.out, /junk|at .*\.js:/);
  }
});

test('a contract: deployed, called, traced', async () => {
  const file = (ending: string): string => dataFile(`sway/counter/counter${ending}`);
  const path = ['--path', join(folder, 'w')];
  const deployed = await command('deploy', file('.bin'), '--yes', '--json', ...path);
  assert.equal(deployed.code, 0, deployed.err);
  const { contractId } = JSON.parse(deployed.out) as { contractId: string };
  const abi = ['--abi', file('-abi.json')];
  const call = ['call', contractId, 'increment', '7', ...abi, ...path, '--yes', '--json'];
  const called = await command(...call);
  assert.equal(called.code, 0, called.err);
  const { id, result } = JSON.parse(called.out) as { id: string; result: string };
  assert.equal(result, '7');
  const traced = await command('trace', id, ...abi);
  assert.match(traced.out, /increment\(by: 7\), gas \d+\n│ ├ log u64 7\n│ └ returned 7/);
});

test('messages: signed, verified, and a stranger is named', async () => {
  const { signature } = await json('sign', 'hello');
  assert.equal((await json('verify', signature, 'hello', '--address', OWNER)).valid, true);
  const other = await wallet('verify', signature, 'hello', '--address', OTHER);
  assert.equal(other.code, 1);
  assert.match(other.err, new RegExp(OWNER));
});

test('the phrase leaves the wallet only into a private file', async () => {
  const file = join(folder, 'phrase');
  await json('export', '--out', file);
  assert.equal((await readFile(file, 'utf8')).trim(), PHRASE);
  assert.equal((await stat(file)).mode & 0o077, 0);
  const again = await wallet('export', '--out', file);
  assert.equal(again.code, 1, 'never overwrites');
});

test('pay all, look back', async () => {
  await json('send', THIRD, '--max', '--yes');
  const { balances: rest } = await json('balance');
  assert.ok(BigInt(rest[0]?.amount ?? '0') < 10n, 'only what was too much for the fee');

  const { history } = await json('history');
  assert.equal(history.length, 6);
  assert.deepEqual(new Set(history.map(({ status }) => status)), new Set(['success']));
});

test('transactions and blocks are found, shown and decoded', async () => {
  const { history } = await json('history');
  const id = history[0]?.id ?? '';
  const shown = await command('tx', 'show', id);
  assert.match(shown.out, /^success in block \d+/m);
  assert.match(shown.out, /^receipt 1: SCRIPT_RESULT result 0/m);
  const watched = await command('tx', 'watch', id, '--json');
  assert.equal((JSON.parse(watched.out) as { type: string }).type, 'success');
  const block = JSON.parse((await command('block', '--json')).out) as { transactionIds: string[] };
  assert.ok(block.transactionIds.includes(id), 'the newest block holds the newest transaction');

  for (const [args, code, text] of [
    [['tx', 'show', `0x${'00'.repeat(32)}`], 1, /NOT_FOUND/],
    [['tx', 'status', '0x12'], 2, /64 hex digits/],
    [['tx', 'decode', '0x00'], 1, /TX_DECODE/],
    [['tx', 'decode', 'no/such/file'], 2, /neither 0x-hex nor a readable file/],
    [['block', '4000000'], 1, /does not know block/],
    [['block', 'x'], 2, /a height, an id or 'latest'/],
  ] as const) {
    const ran = await command(...args);
    assert.equal(ran.code, code, ran.err);
    assert.match(ran.err, text);
  }
});
