/** How fast a long derivation goes, and when it will be done. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { blocksLine, duration, ProgressMeter } from '../../../node/progress.ts';

it('blocks: how many, how fast, how long', () => {
  assert.equal(
    blocksLine(300, 1020, 100, 2_000),
    'block 300 of 1020, 100 blocks/s, about 8 s left',
  );
  assert.equal(
    blocksLine(5, 9_000, 4, 4_000),
    'block 5 of 9000, 0.3 blocks/s, about 9 h 59 min left',
  );
  assert.equal(blocksLine(5, 9, 5, 5_000), 'block 5 of 9, 0.0 blocks/s', 'it stands still');
  assert.deepEqual([7, 125, 3_780].map(duration), ['7 s', '2 min 5 s', '1 h 3 min']);
});

it('a derivation: share of the layer, rates of the last seconds, time left', () => {
  let ms = 0;
  const meter = new ProgressMeter(() => ms);
  meter.begin(100n);
  assert.equal(meter.etaSeconds(100n, 200n), null, 'nothing is known yet');
  for (let i = 0; i < 25; i++) {
    ms += 1_000;
    meter.add(10, 2_000_000);
  }
  const etaSeconds = meter.etaSeconds(125n, 200n);
  assert.equal(etaSeconds, 75);
  assert.equal(
    meter.line({ height: 250, layerHeight: 125n, layerTip: 200n, etaSeconds }),
    '[#####...............] 25 %, block 250, 10 blocks/s, 2.00 MB/s, about 1 min 15 s left',
  );
});
