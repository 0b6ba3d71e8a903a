/** The recorded chains, serial and parallel: every comparison must hold. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPoolRunner } from '../../executor/pool.ts';
import { createSerialRunner } from '../../executor/serial.ts';
import { partitionByAccess } from '../../txpool/partition.ts';
import { dataFile } from '../support/dataFile.ts';
import { useEngineUnderTest } from '../support/engineOption.ts';
import { replay } from './replay.ts';

const CHAINS = [
  { file: 'chain-1.json.gz', rules: '0.66', checks: 3127 },
  { file: 'chain-2.json.gz', rules: '0.66', checks: 1218 },
  { file: 'chain-3.json.gz', rules: 'auto', checks: 3234 },
  { file: 'chain-4.json.gz', rules: 'auto', checks: 1195 },
  { file: 'chain-5.json.gz', rules: 'auto', checks: 1361 },
] as const;

useEngineUnderTest();
const workerUrl = new URL('../../node/worker.js', import.meta.url);

for (const workerCount of [0, 2]) {
  test(`recorded chains with ${workerCount} workers`, async () => {
    const runner =
      workerCount === 0
        ? createSerialRunner()
        : createPoolRunner(
            { workerCount, workerUrl, use: 'always', batchTxCountMax: 3 },
            { partition: partitionByAccess },
          );
    try {
      for (const { file, rules, checks } of CHAINS) {
        const result = await replay(dataFile(`chains/${file}`), runner, rules);
        assert.deepEqual(result.failures, [], file);
        assert.equal(result.passed, checks, file);
      }
    } finally {
      await runner.close();
    }
  });
}
