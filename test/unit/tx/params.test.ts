/** Consensus parameters: all versions through JSON and postcard; gas prices of old tables. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CodedError } from '../../../primitives/errors.ts';
import { dependentCost, gasCost, gasToFee } from '../../../tx/fees.ts';
import { GAS_ENTRIES, unitGasCosts } from '../../../tx/gasTable.ts';
import { parseLosslessJson, stringifyLossless } from '../../../tx/json.ts';
import {
  consensusParametersToJson,
  parseConsensusParameters,
  parseGasCosts,
} from '../../../tx/paramsJson.ts';
import { decodeParamsPostcard, encodeParamsPostcard } from '../../../tx/paramsPostcard.ts';
import { NO_BLOCK_SIZE_LIMIT } from '../../../tx/paramsShape.ts';
import { standardParams } from '../../../tx/paramsStandard.ts';
import { testDataUrl } from '../../vectors/host.ts';

const VERSIONS = [1, 2, 3, 4, 5, 6, 7] as const;

test('the standard parameters are the reference’s', () => {
  const json = JSON.parse(readFileSync(testDataUrl('params-standard.json'), 'utf8'));
  assert.deepEqual(parseConsensusParameters(json), standardParams());
  assert.deepEqual(consensusParametersToJson(standardParams()), json);
});

test('every version survives JSON and postcard', () => {
  for (const version of VERSIONS) {
    for (const outer of [1, 2] as const) {
      const params = {
        ...standardParams(),
        version: outer,
        chainId: 0xffff_ffff_ffff_ffffn,
        gasCosts: unitGasCosts(version),
        blockTransactionSizeLimit: outer === 1 ? NO_BLOCK_SIZE_LIMIT : 5n,
      };
      const text = stringifyLossless(consensusParametersToJson(params));
      assert.deepEqual(parseConsensusParameters(parseLosslessJson(text)), params);
      const bytes = encodeParamsPostcard(params);
      assert.deepEqual(decodeParamsPostcard(bytes), params);
      for (let cut = 0; cut < bytes.length; cut += 7) {
        assert.throws(() => decodeParamsPostcard(bytes.subarray(0, cut)), CodedError);
      }
    }
  }
});

test('a missing entry costs 1; entries of other versions are ignored', () => {
  const table = parseGasCosts({ V4: { add: 3, niop: 9 } });
  assert.equal(table.costs.get('add'), 3n);
  assert.equal(table.costs.get('sub'), 1n);
  assert.equal(table.costs.has('niop'), false);
  assert.equal(table.costs.size, GAS_ENTRIES[4].length);
});

test('flat prices of old tables count as growing ones with no slope', () => {
  const gasCosts = parseGasCosts({ V1: { aloc: 4, cfei: 6, ed19: 8 } });
  const params = { ...standardParams(), gasCosts };
  assert.deepEqual(gasCost(params, 'aloc'), { type: 'heavy', base: 4n, gasPerUnit: 0n });
  assert.deepEqual(gasCost(params, 'cfe'), { type: 'heavy', base: 6n, gasPerUnit: 0n });
  assert.equal(gasCost(params, 'bldd'), undefined);
});

test('fields are named in errors', () => {
  const json = consensusParametersToJson(standardParams()) as { V2: Record<string, unknown> };
  const broken = { V2: { ...json.V2, base_asset_id: '12' } };
  assert.throws(() => parseConsensusParameters(broken), /base_asset_id/);
  assert.throws(() => parseConsensusParameters({ V3: {} }), { code: 'PARAMS_INVALID' });
});

test('fees round up, costs saturate', () => {
  assert.equal(gasToFee(1n, 1n, 92_000n), 1n);
  assert.equal(gasToFee(0n, 5n, 92_000n), 0n);
  assert.equal(gasToFee(184_000n, 1n, 92_000n), 2n);
  assert.equal(dependentCost({ type: 'light', base: 2n, unitsPerGas: 10n }, 25n), 4n);
  const steep = { type: 'heavy', base: 2n, gasPerUnit: 1n << 63n } as const;
  assert.equal(dependentCost(steep, 4n), 0xffff_ffff_ffff_ffffn);
});
