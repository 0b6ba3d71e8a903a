/** What is said while a large genesis is imported. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { genesisOf, IMPORT_TOLD_FROM, importTeller } from '../../../node/genesisOf.ts';
import { genesisBlock } from '../../../state/genesis.ts';
import type { Snapshot } from '../../../state/snapshot.ts';
import { parseStateConfig } from '../../../state/stateConfig.ts';

/** Lines for a genesis of so many coins; a thousand entries take a second. */
function told(coinCount: number): string[] {
  const chain = genesisOf(null, null);
  const [coin] = chain.stateConfig.coins;
  assert.ok(coin);
  const coins = Array.from({ length: coinCount }, (_, n) => ({
    tx_id: n.toString(16).padStart(64, '0'),
    output_index: 0,
    tx_pointer_block_height: 0,
    tx_pointer_tx_idx: 0,
    owner: coin.owner,
    amount: 1,
    asset_id: coin.assetId,
  }));
  const state = { coins, messages: [], contracts: [] };
  const lines: string[] = [];
  let ms = 0;
  const telling = importTeller({ info: (line) => void lines.push(line) }, () => ms);
  const tell: typeof telling.tell = (stage, done, total) => {
    ms += 1_000;
    telling.tell(stage, done, total);
  };
  const stateConfig = parseStateConfig('state.json', state, tell);
  const snapshot: Snapshot = { ...chain, stateConfig };
  genesisBlock(snapshot, tell);
  telling.writing(snapshot);
  ms += 4_000;
  telling.done();
  return lines;
}

it('a small genesis is not talked about', () => {
  assert.deepEqual(told(IMPORT_TOLD_FROM - 1), []);
});

it('a large one: share, rate and time left while it is read and hashed, then what is written', () => {
  assert.equal(IMPORT_TOLD_FROM, 20_000, 'a line every three seconds, a thousand entries each');
  const lines = told(IMPORT_TOLD_FROM);
  assert.equal(
    lines[0],
    'Importing the genesis: [###.................] 3000 of 20000 entries read, 1000/s, about 17 s left',
  );
  const hashed = lines.filter((line) => line.includes('entries hashed'));
  assert.ok(hashed.length >= 6, `${hashed.length} lines`);
  assert.match(lines.at(-3) ?? '', /\[#{19,20}\.?\] \d+ of 20000 entries hashed/);
  assert.deepEqual(lines.slice(-2), [
    'Writing the genesis: 20000 coins, 0 messages, 0 contracts',
    'Genesis imported in 44.0 s, 455 entries/s',
  ]);
});
