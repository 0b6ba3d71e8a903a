/** `fuelrail explain` against a node in this process. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Command } from 'commander';
import { addExplainCommand } from '../../../cli/commands/explain.ts';
import { bytesToHex } from '../../../primitives/bytes.ts';
import { CodedError } from '../../../primitives/errors.ts';
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

/** Runs a command line; what it wrote and the code of its error. */
async function run(...args: string[]): Promise<{ out: string; code: string | null; text: string }> {
  let out = '';
  const program = new Command().exitOverride();
  addExplainCommand(program, (text) => {
    out += text;
  });
  try {
    await program.parseAsync(['explain', ...args, '--url', url], { from: 'user' });
    return { out, code: null, text: '' };
  } catch (error) {
    assert.ok(error instanceof CodedError, String(error));
    return { out, code: error.code, text: error.message };
  }
}

describe('fuelrail explain', () => {
  it('block: for people and for programs', async () => {
    const { out, code } = await run('block', 'latest');
    assert.equal(code, null);
    assert.match(out, /^Block 1 0x.*: 5 transactions, 1 disjoint sets, 4 conflicts/);
    assert.match(out, /5 of 5 transactions share contract 0x/);
    assert.match(out, /Longest chain\n +index/);
    const json = JSON.parse((await run('block', '1', '--json')).out);
    assert.equal(json.txs.length, 5);
  });

  it('tx: by id, in a block and in the pool', async () => {
    const ids = world.made.txs.map(({ id }) => id);
    assert.match((await run('tx', ids[5]!)).out, /in the pool[\s\S]*Disputes keys with/);
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
      assert.equal(code, null);
      assert.match(out, /transactions +5 +5/);
      assert.match(out, /simulated, 3 workers/);
      assert.match(out, /dropped/);
      assert.match(out, /ContractNotInInputs/);
      assert.match(out, /keeps its id and counts as signed/);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it('wrong calls and refusals say what to do', async () => {
    // Codes that begin with CLI_ end the program with 2, others with 1.
    assert.equal((await run('block', '1', '--drop', '99')).code, 'CLI_USAGE');
    assert.equal((await run('block', '1', '--declare', 'x')).code, 'CLI_USAGE');
    assert.equal((await run('block', '1', '--workers', '2,x')).code, 'CLI_USAGE');
    assert.equal((await run('block', '1', '--add', '/nowhere')).code, 'CLI_USAGE');
    assert.equal((await run('block', '99')).code, 'EXPLAIN_UNKNOWN_BLOCK');
    const here = url;
    url = 'http://127.0.0.1:1';
    const none = await run('pool');
    url = here;
    assert.equal(none.code, 'NODE_UNREACHABLE');
    assert.match(none.text, /start one with 'fuelrail run'/);
  });
});
