/** `fuelrail proof`: mistakes are named before anything is asked; a tree in the making is waited for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  proveCoin,
  proveContract,
  proveMessage,
  type TreeStatus,
  waitForTree,
} from '../../../cli/bridge/proof.ts';

const ID = `0x${'12'.repeat(32)}`;
const NOWHERE = { url: 'http://127.0.0.1:1/v1/graphql' };

test('mistakes are named, and a node that is not there', async () => {
  await assert.rejects(proveCoin(ID, NOWHERE), { code: 'CLI_USAGE', message: /UTXO id/ });
  await assert.rejects(proveMessage('0x12', NOWHERE), { code: 'CLI_BAD_VALUE' });
  const both = { ...NOWHERE, slot: ID, asset: ID };
  await assert.rejects(proveContract(ID, both), { code: 'CLI_USAGE', message: /choose one/ });
  const far = { ...NOWHERE, height: 'x' };
  await assert.rejects(proveContract(ID, far), { code: 'CLI_BAD_VALUE' });
  await assert.rejects(proveContract(ID, NOWHERE), { code: 'NODE_UNREACHABLE' });
});

/** A tree that gets on by `pace` blocks a second; what is written meanwhile. */
async function waited(
  height: number | null,
  tree: { from: number | null; tip: number; pace: number; fails?: string },
  isTerminal = true,
): Promise<{ asked: number; lines: string[] }> {
  let ms = 0;
  let asked = 0;
  const lines: string[] = [];
  const ask = async (): Promise<TreeStatus> => {
    asked += 1;
    const at = Math.min(tree.tip, (tree.from ?? -1) + Math.floor((ms / 1000) * tree.pace));
    const failure = asked > 2 ? (tree.fails ?? null) : null;
    return { height: at < 0 ? null : at, lag: tree.tip - at, failure };
  };
  const pause = async (): Promise<void> => {
    ms += 250;
  };
  const write = (text: string): void => void lines.push(text);
  await waitForTree(height, ask, pause, { isTerminal, write, nowMs: () => ms });
  return { asked, lines };
}

test('a tree that is not there yet is waited for, with rate and time left', async () => {
  const { lines } = await waited(900, { from: 100, tip: 1000, pace: 200 });
  const shown = lines.join('');
  assert.match(
    shown,
    /state tree \[#+\.+\] 50 %, 400 of 800 blocks, 200 blocks\/s, about 2 s left/,
  );
  assert.equal(lines.at(-1), '\r\x1b[K', 'the line is gone before the result');
  const plain = await waited(null, { from: null, tip: 9000, pace: 0.1 }, false);
  assert.match(plain.lines.join(''), /^state tree \[\.+\] 0 %, 0 of 1 blocks, 0\.0 blocks\/s\n/);
});

test('nothing is waited for that is there, or that will not come', async () => {
  const tree = { from: 100, tip: 1000, pace: 200 };
  assert.deepEqual(await waited(null, tree), { asked: 1, lines: [] });
  assert.deepEqual(await waited(100, tree), { asked: 1, lines: [] });
  assert.deepEqual(await waited(1001, tree), { asked: 1, lines: [] });
  await assert.rejects(waited(900, { ...tree, fails: 'disk full' }), {
    code: 'STATE_TREE_FAILED',
    message: /disk full/,
  });
});
