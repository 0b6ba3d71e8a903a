/**
 * The command line as a person uses it: at a terminal, answering its questions; and every other
 * command once, with the exit code that docs/cli.md promises.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { hexToBytes } from '../../primitives/bytes.ts';
import { getChainInfo } from '../../sdk/client/chain.ts';
import { createClient } from '../../sdk/client/graphql.ts';
import { submitAndWait } from '../../sdk/client/transactions.ts';
import { planTransfer, signTransfer } from '../../sdk/client/transfer.ts';
import { createNode, type EmbeddedNode } from '../../sdk/createNode.ts';
import { dataFile } from '../support/dataFile.ts';
import { ROOT } from '../support/nodeProcess.ts';
import { KEY, onTerminal, type Terminal, whyNoTerminal } from '../support/terminal.ts';

const PHRASE = 'test test test test test test test test test test test junk';
const OWNER = '0xe1ce3d6c151761f3dfade07963ee4e87ed63cb888f90a6518e3e15c5445895db';
const SECOND = /0x[0-9a-f]{64}/;
const PASSWORD = 'correct horse';
const PROGRAM = [process.execPath, join(ROOT, 'bin', 'fuelrail.js')];
const sway = (name: string, ending: string): string => dataFile(`sway/${name}/${name}${ending}`);

let node: EmbeddedNode;
let folder: string;
let walletPath: string;
/** Commands that were run, by their words. */
const used = new Set<string>();

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-'));
  walletPath = join(folder, 'wallet');
  node = await createNode({ port: 0 });
  const [rich] = node.accounts;
  assert.ok(rich);
  const client = createClient({ url: node.url });
  const { baseAssetId: assetId } = await getChainInfo(client);
  const payment = { to: OWNER, assetId, amount: 2_000_000_000n } as const;
  const plan = await planTransfer(client, rich.address, [payment]);
  assert.equal(
    (await submitAndWait(client, signTransfer(plan, hexToBytes(rich.secret)))).type,
    'success',
  );
});
after(async () => {
  await node.close();
  await rm(folder, { recursive: true });
});

/** No secret in the environment: whoever is asked must answer. */
const bareEnv = (): NodeJS.ProcessEnv => ({
  ...process.env,
  FUELRAIL_NODE_URL: node.url,
  TERM: 'xterm',
});

function note(args: readonly string[]): void {
  const words = args.filter((arg) => /^[a-z][a-z-]*$/.test(arg));
  used.add(words[0] ?? '');
  used.add(words.slice(0, 2).join(' '));
}

function atTerminal(...args: string[]): Terminal {
  note(args);
  return onTerminal([...PROGRAM, ...args], bareEnv());
}

type Ran = { code: number; out: string; err: string };

function run(...args: string[]): Promise<Ran> {
  note(args);
  const env = { ...bareEnv(), FUELRAIL_WALLET_PASSWORD: PASSWORD };
  const [program, ...first] = PROGRAM as [string, string];
  return new Promise((resolve) => {
    execFile(program, [...first, ...args], { env }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
}

/** Runs what must succeed. @returns its stdout */
async function good(...args: string[]): Promise<string> {
  const { code, out, err } = await run(...args);
  assert.equal(code, 0, `${args.join(' ')}: ${err}`);
  return out;
}

const json = async (...args: string[]): Promise<any> => JSON.parse(await good(...args, '--json'));

const terminal = { skip: whyNoTerminal() ?? false };

test('create: two passwords that differ, then the phrase is shown once', terminal, async () => {
  const t = atTerminal('wallet', 'create', '--path', join(folder, 'fresh'), '--words', '12');
  await t.expect(/New password/);
  await t.type(`alpha${KEY.enter}`);
  await t.expect(/Once more/);
  await t.type(`omega${KEY.enter}`);
  await t.expect(/not the same/);
  await t.expect(/New password/);
  await t.type(`lambda${KEY.enter}`);
  await t.expect(/Once more/);
  await t.type(`lambda${KEY.enter}`);
  await t.expect(/Write these 12 words down[^\n]*\n\n {2}([a-z]+ ){11}[a-z]+/);
  await t.expect(/account 0 {2}0x[0-9a-f]{64}/);
  assert.equal(await t.ended(), 0);
  assert.doesNotMatch(t.shown(), /alpha|omega|lambda/, 'passwords are not echoed');
});

test('import: the phrase and the password are asked for and not echoed', terminal, async () => {
  const t = atTerminal('wallet', 'import', '--path', walletPath);
  await t.expect(/Recovery phrase/);
  await t.type(`${PHRASE}${KEY.enter}`);
  await t.expect(/New password/);
  await t.type(`${PASSWORD}${KEY.enter}`);
  await t.expect(/Once more/);
  await t.type(`${PASSWORD}${KEY.enter}`);
  await t.expect(new RegExp(`account 0 {2}${OWNER}`));
  assert.equal(await t.ended(), 0);
  assert.doesNotMatch(t.shown(), /junk|horse/);
});

test('send: preview, question, password; a no and an interrupt do nothing', terminal, async () => {
  const to = `0x${'11'.repeat(32)}`;
  const start = async (): Promise<Terminal> => {
    const t = atTerminal('wallet', 'send', to, '0.25', '--path', walletPath);
    await t.expect(/0\.25 ETH to 0x1111/);
    await t.expect(/fee at most/);
    await t.expect(/Sign and send\?/);
    return t;
  };
  const refused = await start();
  await refused.type(KEY.enter);
  await refused.expect(/cancelled; nothing was done/);
  assert.equal(await refused.ended(), 1, 'the default answer is no');
  const interrupted = await start();
  await interrupted.type(KEY.interrupt);
  await interrupted.expect(/cancelled/);
  assert.equal(await interrupted.ended(), 1);
  const agreed = await start();
  await agreed.type('y');
  await agreed.expect(/Password of the wallet/);
  await agreed.type(`${PASSWORD}${KEY.enter}`);
  await agreed.expect(/done in block \d+/);
  assert.equal(await agreed.ended(), 0);
  const wrong = await start();
  await wrong.type('y');
  await wrong.expect(/Password of the wallet/);
  await wrong.type(`wrong${KEY.enter}`);
  await wrong.expect(/KEYSTORE_PASSWORD/);
  assert.equal(await wrong.ended(), 1);
});

test('export asks before it shows a secret', terminal, async () => {
  const t = atTerminal('wallet', 'export', '--path', walletPath);
  await t.expect(/Show the recovery phrase\?/);
  await t.type('y');
  await t.expect(/Password/);
  await t.type(`${PASSWORD}${KEY.enter}`);
  await t.expect(/test test .* junk/);
  assert.equal(await t.ended(), 0);
});

test('a QR code in the terminal', terminal, async () => {
  const t = atTerminal('wallet', 'address', '--qr', '--path', walletPath);
  await t.expect(/█/);
  await t.expect(new RegExp(OWNER));
  assert.equal(await t.ended(), 0);
});

test('a contract: deployed, asked, called, traced, reported', async () => {
  // Without a terminal the steps above did not happen.
  await writeFile(join(folder, 'phrase'), PHRASE);
  const path = ['--path', join(folder, 'scripted')];
  await good('wallet', 'import', '--phrase-file', join(folder, 'phrase'), ...path);
  const deployed = await json('deploy', sway('counter', '.bin'), '--yes', ...path);
  const id = deployed.contractId as string;
  assert.match(id, SECOND);
  const again = await run('deploy', sway('counter', '.bin'), '--yes', ...path);
  assert.equal(again.code, 1);
  assert.match(again.err, /CONTRACT_EXISTS/);
  assert.match(again.err, /--salt random/);

  const abi = ['--abi', sway('counter', '-abi.json')];
  assert.match(await good('call', id, 'count', ...abi, '--dry-run'), /^result 0$/m);
  const tried = await good('call', id, 'increment', '3', ...abi, '--dry-run');
  assert.match(tried, /increment\(by: 3\), gas \d+[\s\S]*^storage\n.* → 0x0000000000000003/m);
  const called = await json('call', id, 'increment', '7', ...abi, '--yes', ...path);
  assert.equal(called.result, '7');
  assert.deepEqual(called.call.steps[0].decoded, { type: 'u64', value: '7' });
  const traced = await good('trace', called.id, ...abi);
  assert.match(traced, /increment\(by: 7\), gas \d+\n│ ├ log u64 7\n│ └ returned 7/);
  assert.match(traced, /^storage$/m);
  const report = await json('gas-report', called.id);
  assert.deepEqual(
    report.methods.map((each: { method: string | null }) => each.method),
    ['increment', null],
  );
  const { blockHeight } = called;
  const table = await good('gas-report', '--from-block', String(blockHeight), '--opcodes');
  assert.match(table, /\.increment +1 +\d+ +\d+\.\d % +\d+\n {2}\w+ +\d+/);

  for (const [args, code, text] of [
    [['call', id, ...abi], 2, /which method\?[\s\S]*increment\(by: u64\) -> u64/],
    [['call', id, 'incremant', '1', ...abi], 2, /it has count, increment/],
    [['call', id, 'increment', ...abi], 2, /takes 1 argument\(s\), not 0/],
    [['call', id, 'increment', 'x', ...abi], 2, /'by' is a u64, not "x"/],
    [['call', id, 'increment', '1', '--amount', '1', ...abi], 2, /not marked #\[payable\]/],
    [['call', '0x12', 'count', ...abi], 2, /a contract id is 0x and 64 hex digits/],
    [['call', `0x${'12'.repeat(32)}`, 'count', ...abi, '--dry-run'], 1, /CONTRACT_MISSING/],
    [
      ['call', id, 'count', '--abi', sway('counter', '.bin')],
      2,
      /counter\.bin: the text is not JSON/,
    ],
    [['deploy', 'no/such.bin', ...path], 2, /no\/such\.bin: there is no such file/],
    [
      ['deploy', sway('amm', '.bin'), '--configurables', '{"FEE": 1}', ...path],
      2,
      /no configurable 'FEE'/,
    ],
    [['trace'], 2, /which transaction\?/],
    [['trace', '--raw', '0x00'], 1, /TX_DECODE/],
    [['trace', '0x12'], 2, /a transaction id is 0x and 64 hex digits/],
    [['trace', `0x${'12'.repeat(32)}`], 1, /NOT_FOUND/],
    [['gas-report', '--from-block', '4000000'], 2, /the newest block is/],
    [['wallet', 'create', '--words', '13', ...path], 2, /choices are 12, 15, 18, 21, 24/],
    [['tx', 'show', '0x12'], 2, /a transaction id is 0x and 64 hex digits/],
  ] as const) {
    const ran = await run(...args);
    assert.equal(ran.code, code, `${args.join(' ')}: ${ran.err}${ran.out}`);
    assert.match(ran.err, text, args.join(' '));
    assert.doesNotMatch(ran.err, /at .*\.js:/, 'no stack');
  }
});

test('the rest of the commands, once', async () => {
  const path = ['--path', join(folder, 'scripted')];
  const [tx] = (await json('wallet', 'history', ...path)).history as { id: string }[];
  assert.ok(tx);
  for (const args of [
    ['wallet', 'list', ...path],
    ['wallet', 'list', '--path', folder],
    ['wallet', 'accounts', '--derive', '3', ...path],
    ['wallet', 'balance', ...path],
    ['wallet', 'coins', ...path],
    ['tx', 'show', tx.id],
    ['tx', 'status', tx.id],
    ['tx', 'watch', tx.id],
    ['block'],
    ['explain', 'block', 'latest'],
    ['explain', 'tx', tx.id],
    ['explain', 'pool'],
    ['vm', 'profile', '7240006450451001594100017340000124040000'],
    ['asset', 'id', `0x${'12'.repeat(32)}`],
    ['asset', 'show', `0x${'12'.repeat(32)}`],
    ['predicate', 'estimate', sway('multisig_predicate', '.bin'), '[0, 1, 2]'],
  ]) {
    assert.ok((await good(...args)).length > 0, args.join(' '));
  }
  const root = readFileSync(sway('multisig_predicate', '-bin-root'), 'utf8').trim();
  assert.equal(
    (await good('predicate', 'address', sway('multisig_predicate', '.bin'))).trim(),
    root,
  );
  const { signature } = await json('wallet', 'sign', 'hello', ...path);
  await good('wallet', 'verify', signature, 'hello', '--address', OWNER);
  const raw = '{ transaction(id: "ID") { rawPayload } }'.replace('ID', tx.id);
  const client = createClient({ url: node.url });
  const { transaction } = await client.request<{ transaction: { rawPayload: string } }>(raw);
  assert.match(await good('tx', 'decode', transaction.rawPayload), new RegExp(tx.id));
  const taken = await run('trace', '--raw', transaction.rawPayload);
  assert.match(taken.err, /TRACE_REFUSED/, 'it is in a block already');
  for (const shell of ['bash', 'zsh', 'fish']) await good('completions', shell);
  const unknown = await run('completions', 'tcsh');
  assert.deepEqual([unknown.code, /bash, zsh and fish/.test(unknown.err)], [2, true]);
});

test('every command has help with an example, and was run here or in a test of its own', async () => {
  /** Driven elsewhere: their tests need Ethereum, a disk, or a process of their own. */
  const elsewhere: Readonly<Record<string, string>> = {
    run: 'node.test.ts',
    bridge: 'l1Cli.slow.test.ts',
    watch: 'l1Watch.slow.test.ts',
    da: 'daFollow.test.ts',
    dev: 'the tests of node/dev',
    proof: 'the tests of node/stateTree',
  };
  const script = await good('completions', 'fish');
  const at = (path: string): string[] =>
    [...script.matchAll(new RegExp(`_at '${path}'" -a (\\S+)`, 'g'))].map((m) => m[1] as string);
  const missing: string[] = [];
  for (const command of at('')) {
    if (elsewhere[command] !== undefined || command === 'help') continue;
    const below = at(command);
    const leaves = below.length === 0 ? [command] : below.map((each) => `${command} ${each}`);
    for (const leaf of leaves) if (!used.has(leaf)) missing.push(leaf);
  }
  const needTerminal = ['wallet create', 'wallet send', 'wallet export', 'wallet address'];
  const skipped = terminal.skip === false ? [] : needTerminal;
  assert.deepEqual(
    missing.filter((leaf) => !skipped.includes(leaf)),
    [],
  );
  for (const command of ['deploy', 'call', 'trace', 'gas-report', 'wallet', 'completions']) {
    assert.match(await good(command, '--help'), /Examples?:/, command);
  }
});

test('forc-wallet opens our keystore, and we open its', {
  skip:
    terminal.skip || process.env['FORC_WALLET'] === undefined
      ? 'name the program in FORC_WALLET'
      : false,
}, async () => {
  const forc = process.env['FORC_WALLET'] as string;
  const url = ['--node-url', node.url];
  const ours = atTerminal('wallet', 'accounts', '--derive', '2', '--path', walletPath);
  await ours.expect(/Password/);
  await ours.type(`${PASSWORD}${KEY.enter}`);
  assert.equal(await ours.ended(), 0);
  const addresses = ours.shown().match(/0x[0-9a-f]{64}/g) ?? [];
  assert.equal(addresses.length, 2);
  for (const address of addresses) {
    const t = onTerminal([forc, ...url, '--path', walletPath, 'account', 'new'], bareEnv());
    await t.expect(/password/i);
    await t.type(`${PASSWORD}${KEY.enter}`);
    // Its addresses are in mixed case, which is a checksum.
    await t.expect(new RegExp(address, 'i'));
    assert.equal(await t.ended(), 0, t.shown());
  }
  const theirs = join(folder, 'theirs');
  const made = onTerminal([forc, ...url, '--path', theirs, 'import'], bareEnv());
  await made.expect(/mnemonic/i);
  await made.type(`${PHRASE}${KEY.enter}`);
  await made.expect(/password/i);
  await made.type(`${PASSWORD}${KEY.enter}`);
  await made.expect(/confirm|again/i);
  await made.type(`${PASSWORD}${KEY.enter}`);
  assert.equal(await made.ended(), 0, made.shown());
  assert.ok((await readFile(theirs)).length > 0);
  const opened = await json('wallet', 'accounts', '--derive', '2', '--path', theirs);
  assert.deepEqual(
    opened.accounts.map((each: { address: string }) => each.address),
    addresses,
  );
});
