/** `fuelrail explain` against a node in this process. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { main } from '../../../cli/main.ts';
import { bytesToHex } from '../../../primitives/bytes.ts';
import { type ExplainNode, explainNode } from '../../support/explainNode.ts';

let world: ExplainNode;
let url: string;

before(async () => {
  world = await explainNode('hot-contract', { count: 8, work: 20 });
  const { port } = await world.node.listen();
  url = `http://127.0.0.1:${port}`;
  await world.block(0, 4);
  for (const { raw } of world.made.txs.slice(5, 7)) await world.node.services.txs.submit(raw);
});
after(() => world.node.close());

/** Runs a command line; what it wrote and its exit code. */
async function run(...args: string[]): Promise<{ out: string; err: string; code: number }> {
  const [out, err]: [string[], string[]] = [[], []];
  const { stdout, stderr } = process;
  const [writeOut, writeErr] = [stdout.write, stderr.write];
  const codeBefore = process.exitCode;
  process.exitCode = 0;
  stdout.write = ((text: string) => out.push(text) > 0) as never;
  stderr.write = ((text: string) => err.push(text) > 0) as never;
  try {
    await main(['explain', ...args, '--url', url], 'fuelrail');
  } finally {
    stdout.write = writeOut;
    stderr.write = writeErr;
  }
  const code = Number(process.exitCode);
  process.exitCode = codeBefore;
  return { out: out.join(''), err: err.join(''), code };
}

describe('fuelrail explain', () => {
  it('block: for people and for programs', async () => {
    const { out, code } = await run('block', 'latest');
    assert.equal(code, 0);
    assert.match(out, /^Block 1 0x.*: 5 transactions, 1 disjoint sets, 4 conflicts/);
    assert.match(out, /5 of 5 transactions share contract 0x/);
    assert.match(out, /Longest chain\n +index/);
    const json = JSON.parse((await run('block', '1', '--json')).out);
    assert.equal(json.txs.length, 5);
  });

  it('tx: by id, in a block and in the pool', async () => {
    const ids = world.made.txs.map(({ id }) => id);
    assert.match((await run('tx', ids[5]!)).out, /in the pool[^]*Disputes keys with/);
    const block = JSON.parse((await run('block', '1', '--json')).out);
    const { out } = await run('tx', block.txs[1].id);
    assert.match(out, /in block 1 at index 1, set of 5, on the longest chain/);
    assert.match(out, /Waited for\n.*\n +0 {2}0x/);
  });

  it('pool', async () => {
    const { out } = await run('pool');
    assert.match(out, /^Pool: 2 transactions in 1 disjoint sets/);
  });

  it('what if: by index, by id, with a file', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'fuelrail-explain-'));
    try {
      const file = join(dir, 'tx');
      writeFileSync(file, `${bytesToHex(world.made.txs[7]!.raw)}\n`);
      const flags = ['--drop', '0', '--reorder', '4,3', '--declare', '2=', '--add', file];
      const { out, code } = await run('block', '1', ...flags, '--workers', '3');
      assert.equal(code, 0);
      assert.match(out, /transactions +5 +5/);
      assert.match(out, /simulated, 3 workers/);
      assert.match(out, /dropped/);
      assert.match(out, /ContractNotInInputs/);
      assert.match(out, /keeps its id and counts as signed/);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it('wrong calls end with 2, what the node refuses with 1', async () => {
    assert.equal((await run('block', '1', '--drop', '99')).code, 2);
    assert.equal((await run('block', '1', '--declare', 'x')).code, 2);
    assert.equal((await run('block', '1', '--add', '/nowhere')).code, 2);
    const unknown = await run('block', '99');
    assert.deepEqual([unknown.code, unknown.err.includes('[EXPLAIN_UNKNOWN_BLOCK]')], [1, true]);
    const here = url;
    url = 'http://127.0.0.1:1';
    const none = await run('pool');
    url = here;
    assert.deepEqual([none.code, none.err.includes("start one with 'fuelrail run'")], [1, true]);
  });
});
