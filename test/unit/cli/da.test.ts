/** `fuelrail da`: which node is asked, and what a beginner is told. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { ROOT } from '../../support/nodeProcess.ts';

let server: Server;
let url: string;
let answer: { status: number; body: string };
const asked: string[] = [];

before(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(answer.status).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => void server.close());

type Ran = { code: number; out: string; err: string };

function run(env: Record<string, string>, ...args: string[]): Promise<Ran> {
  const child = spawn(process.execPath, [join(ROOT, 'bin', 'fuelrail.js'), 'da', ...args], {
    env: { ...process.env, FUELRAIL_NODE_URL: '', ...env },
  });
  const ran = { code: -1, out: '', err: '' };
  child.stdout.on('data', (part) => void (ran.out += part));
  child.stderr.on('data', (part) => void (ran.err += part));
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ ...ran, code: code ?? -1 }));
  });
}

it('status asks the node of FUELRAIL_NODE_URL, or of --url', async () => {
  answer = { status: 200, body: JSON.stringify({ posting: null, following: null }) };
  const byEnv = await run({ FUELRAIL_NODE_URL: url }, 'status');
  assert.deepEqual(byEnv, { code: 0, out: 'this node neither posts nor follows\n', err: '' });
  const block = { height: 7, stage: 'sealed', frame: null };
  answer = { status: 200, body: JSON.stringify(block) };
  const byFlag = await run({}, 'status', '--url', `${url}/v1/graphql`, '--block', '7', '--json');
  assert.deepEqual(JSON.parse(byFlag.out), block);
  assert.deepEqual(asked, ['/v1/fuelrail/da/status', '/v1/fuelrail/da/block/7']);
});

it('another kind of node, no node, no directory', async () => {
  answer = { status: 404, body: 'Not Found' };
  const other = await run({}, 'status', '--url', url);
  assert.equal(other.code, 1);
  assert.match(other.err, /^Error: .*only Fuelrail has this.*\[NOT_FUELRAIL\]\n$/);
  const none = await run({}, 'status', '--url', 'http://127.0.0.1:1');
  assert.match(none.err, /^Error: no node answers at .*start one with.*\[NODE_UNREACHABLE\]\n$/);
  const nowhere = await run({}, 'verify', '--db-path', join(tmpdir(), 'there-is-no-such-node'));
  assert.equal(nowhere.code, 1);
  assert.match(nowhere.err, /ENOENT.*check its name \[DA_UNAVAILABLE\]\n$/);
});

it('verify: what makes no sense is refused, not passed over', async () => {
  const refused = async (...args: string[]): Promise<string> => {
    const { code, err } = await run({}, 'verify', ...args);
    assert.equal(code, 2, args.join(' '));
    return err;
  };
  assert.match(await refused('--from', '7'), /needs --proofs.*\[CLI_CONFLICT\]/);
  assert.match(
    await refused('--from', '7', '--to', '6', '--proofs'),
    /--from 7 lies behind --to 6/,
  );
  assert.match(await refused('--from', 'x', '--proofs'), /--from.*\[CLI_BAD_VALUE\]/);
  assert.match(await refused('--layer', 'foo'), /choices are local, celestia, ethereum/);
  assert.match(await refused('--vm-rules', '0.65'), /choices are auto, 0\.66/);
});
