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

describe('recorded Celestia', () => {
  for (const [name, scene] of Object.entries(SCENES)) it(name, () => replayed(name, scene));

  it('gives a chain of a thousand transactions back', () =>
    replayed('chain', async (tape) => {
      const chain = tape.facts as PostedChain;
      assert.ok(chain.txCount >= 1_000);
      await readChain(tape, chain);
    }));

  it('knows nothing but what was recorded', () =>
    replayed('refusals', async (tape) => {
      const answer = await fetch(tape.url, {
        method: 'POST',
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'blob.Get', params: [1] }),
      });
      assert.match(await answer.text(), /not recorded/);
    }));
});
