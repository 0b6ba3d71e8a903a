/**
 * The adapter against what real nodes answered (celestia-app 9.0.8, celestia-node 0.32.1): the same
 * steps as on the devnet, request by request. Recorded by
 * `FUELRAIL_RECORD=1 npm run e2e:celestia` with the binaries named.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { type PostedChain, readChain } from '../../../support/celestiaChain.ts';
import { SCENES } from '../../../support/celestiaScenes.ts';
import { CelestiaTape } from '../../../support/celestiaTape.ts';
import { testDataUrl } from '../../../vectors/host.ts';

async function replayed(name: string, use: (tape: CelestiaTape) => Promise<void>): Promise<void> {
  const bytes = readFileSync(testDataUrl(`celestia/${name}.json.br`));
  const tape = await CelestiaTape.replay(bytes);
  try {
    await use(tape);
  } finally {
    await tape.stop();
  }
}

/** Damages the data of every blob in the answers to a method. */
function onBlobs(method: string, damage: (data: string) => string): CelestiaTape['damage'] {
  const one = (blob: { data: string }): unknown => ({ ...blob, data: damage(blob.data) });
  return (asked, result) => {
    if (asked !== method || result === null) return result;
    return Array.isArray(result) ? result.map(one) : one(result as { data: string });
  };
}

type Row = { shares: string[]; proof: { nodes: string[] } };

/** Damages the rows that proofs are made of. */
function onRows(damage: (row: Row) => unknown): CelestiaTape['damage'] {
  return (asked, result) =>
    asked === 'share.GetNamespaceData' ? (result as Row[]).map(damage) : result;
}

describe('recorded Celestia', () => {
  for (const [name, scene] of Object.entries(SCENES)) it(name, () => replayed(name, scene));

  it('gives a chain of a thousand transactions back', () =>
    replayed('chain', async (tape) => {
      const chain = tape.facts as PostedChain;
      assert.ok(chain.txCount >= 1_000);
      await readChain(tape, chain);
    }));

  const cut = (text: string, bytes: number): string =>
    Buffer.from(text, 'base64').subarray(0, -bytes).toString('base64');
  const changed = (text: string): string => {
    const bytes = Buffer.from(text, 'base64');
    bytes[0]! ^= 1;
    return bytes.toString('base64');
  };
  const damages: [string, RegExp, CelestiaTape['damage']][] = [
    ['a listed blob is cut by a byte', /DA_CORRUPT/, onBlobs('blob.GetAll', (b) => cut(b, 1))],
    ['a listed blob is changed', /DA_CORRUPT/, onBlobs('blob.GetAll', changed)],
    ['a blob is cut by a share', /DA_CORRUPT/, onBlobs('blob.Get', (b) => cut(b, 482))],
    ['a blob is null', /DA_CORRUPT/, (method, result) => (method === 'blob.Get' ? null : result)],
    [
      'a share of its row is changed',
      /DA_CORRUPT|ERR_ASSERTION/,
      onRows(({ shares, proof }) => ({
        shares: shares.map(changed),
        proof,
      })),
    ],
    [
      'the proof of its row lacks a node',
      /DA_CORRUPT|ERR_ASSERTION/,
      onRows(({ shares, proof }) => ({
        shares,
        proof: { ...proof, nodes: proof.nodes.slice(1) },
      })),
    ],
  ];
  for (const [what, code, damage] of damages) {
    it(`is not believed when ${what}`, () =>
      replayed('postAndProve', async (tape) => {
        tape.damage = damage;
        await assert.rejects(SCENES['postAndProve']!(tape), (error: { code: string }) =>
          code.test(error.code),
        );
      }));
  }

  it('knows nothing but what was recorded', () =>
    replayed('refusals', async (tape) => {
      const answer = await fetch(tape.url, {
        method: 'POST',
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'blob.Get', params: [1] }),
      });
      assert.match(await answer.text(), /not recorded/);
    }));
});
