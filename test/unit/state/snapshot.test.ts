import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { hexToBytes } from '../../../primitives/bytes.ts';
import { addressOfSecret } from '../../../primitives/secp256k1.ts';
import { chainConfigToJson } from '../../../state/chainConfig.ts';
import { listOf, member, parseLargeJson } from '../../../state/jsonFields.ts';
import { localAccounts, localChain } from '../../../state/localChain.ts';
import { readSnapshot } from '../../../state/snapshot.ts';
import { stringifyLossless } from '../../../tx/json.ts';

type Json = Record<string, unknown>;

const root = mkdtempSync(join(tmpdir(), 'fuelrail-snapshot-'));
after(() => rmSync(root, { recursive: true, force: true }));
const ID = 'ab'.repeat(32);
let count = 0;

const metadata: Json = {
  chain_config: 'chainConfig.json',
  table_encoding: { Json: { filepath: 'stateConfig.json' } },
};
const chainConfig = chainConfigToJson(localChain().chainConfig) as Json;
const coin: Json = {
  tx_id: `0x${ID}`,
  output_index: 1,
  tx_pointer_block_height: 0,
  tx_pointer_tx_idx: 2,
  owner: ID.toUpperCase(),
  amount: 18446744073709551615n,
  asset_id: ID,
};
const message: Json = {
  sender: ID,
  recipient: ID,
  nonce: ID,
  amount: 5,
  data: '00ff',
  da_height: 0,
};
const contract: Json = {
  contract_id: ID,
  code: '0x0102',
  tx_id: ID,
  output_index: 0,
  tx_pointer_block_height: 0,
  tx_pointer_tx_idx: 0,
  states: [{ key: ID, value: '0102' }],
  balances: [{ asset_id: ID, amount: 3 }],
};
const state: Json = {
  coins: [coin],
  messages: [message],
  contracts: [contract],
  blobs: [{ blob_id: ID, payload: '' }],
  block_height: 0,
  da_block_height: 0,
};

type Files = { metadata?: unknown; chain?: unknown; state?: unknown; raw?: Record<string, string> };

function directory(files: Files): string {
  const dir = join(root, String(count++));
  mkdirSync(dir);
  const write = (name: string, value: unknown): void =>
    writeFileSync(join(dir, name), stringifyLossless(value, 1));
  write('metadata.json', files.metadata ?? metadata);
  write('chainConfig.json', files.chain ?? chainConfig);
  write('stateConfig.json', files.state ?? state);
  for (const [name, text] of Object.entries(files.raw ?? {})) writeFileSync(join(dir, name), text);
  return dir;
}

describe('parseLargeJson', () => {
  const read = (text: string): unknown => {
    const root = { file: 'f', path: '', value: parseLargeJson(text) };
    return member(root, 'a').value;
  };

  it('keeps large integers, also in lists', () => {
    assert.equal(read('{"a": 18446744073709551615}'), 18446744073709551615n);
    assert.equal(read('{"a":-12345678901234567}'), -12345678901234567n);
    assert.equal(read('{"a": 9007199254740991}'), 9007199254740991n);
    assert.equal(read('{"a": 5}'), 5);
    const list = {
      file: 'f',
      path: '',
      value: parseLargeJson('[1111111111111111111, 2222222222222222222 ,3]'),
    };
    assert.deepEqual(
      listOf(list, ({ value }) => value),
      [1111111111111111111n, 2222222222222222222n, 3],
    );
  });

  it('leaves text alone that looks like a member', () => {
    const text = 'x: 1111111111111111111, y';
    assert.equal(read(JSON.stringify({ a: text })), text);
  });

  it('takes no numbers that JSON does not have', () => {
    assert.throws(() => read('{"a": "\uf8ff12"}'), { code: 'JSON_INVALID' });
    assert.throws(() => read('{"a": "\\uF8FF12"}'), { code: 'JSON_INVALID' });
    for (const text of ['{"a": 00000000000000000001}', '{"a": 0x1111111111111111}', '{"a": ']) {
      assert.throws(() => parseLargeJson(text), { code: 'JSON_INVALID' });
    }
  });
});

describe('readSnapshot', () => {
  it('reads ids with and without 0x, and 64-bit numbers exactly', () => {
    const { stateConfig, chainConfig: config } = readSnapshot(
      directory({ raw: { 'state_transition_bytecode.wasm': '""' } }),
    );
    assert.deepEqual(stateConfig.coins, [
      {
        key: `0x${ID}0001`,
        owner: `0x${ID}`,
        amount: 18446744073709551615n,
        assetId: `0x${ID}`,
        txPointer: { blockHeight: 0, txIndex: 2 },
      },
    ]);
    assert.deepEqual([...stateConfig.messages[0]!.data], [0, 255]);
    assert.deepEqual([...stateConfig.contracts[0]!.code], [1, 2]);
    assert.equal(stateConfig.contracts[0]!.balances[0]!.amount, 3n);
    assert.equal(stateConfig.lastBlock, null);
    assert.deepEqual([...config.stateTransitionBytecode], [0x22, 0x22]);
    assert.deepEqual(config.consensusParameters, localChain().chainConfig.consensusParameters);
  });

  it('takes the secret of an owner in place of his address', () => {
    const [first] = localAccounts();
    assert.ok(first?.secret);
    assert.equal(addressOfSecret(hexToBytes(first.secret)), first.address);
    const { owner: _, ...rest } = coin;
    const coins = [{ ...rest, owner_secret: first.secret.slice(2) }];
    const { stateConfig } = readSnapshot(directory({ state: { ...state, coins } }));
    assert.equal(stateConfig.coins[0]!.owner, first.address);
  });

  it('works without blobs, bytecode and transition version', () => {
    const { blobs: _, ...withoutBlobs } = state;
    const { genesis_state_transition_version: __, ...chain } = chainConfig;
    const snapshot = readSnapshot(directory({ state: withoutBlobs, chain }));
    assert.deepEqual(snapshot.stateConfig.blobs, []);
    assert.equal(snapshot.chainConfig.genesisStateTransitionVersion, null);
    assert.equal(snapshot.chainConfig.stateTransitionBytecode.length, 0);
  });

  const badCoin = (change: Json): Files => ({
    state: { ...state, coins: [{ ...coin, ...change }] },
  });
  const cases: [string, Files, RegExp][] = [
    [
      'an asset id that is none',
      badCoin({ asset_id: 'whatever' }),
      /^stateConfig\.json: coins\[0\]\.asset_id is "whatever"; it must be 64 hex digits/,
    ],
    ['an empty transaction id', badCoin({ tx_id: '' }), /coins\[0\]\.tx_id is ""/],
    ['an empty owner', badCoin({ owner: '' }), /coins\[0\]\.owner is ""/],
    ['a missing amount', badCoin({ amount: undefined }), /coins\[0\]\.amount is missing/],
    [
      'an amount as text',
      badCoin({ amount: '5' }),
      /coins\[0\]\.amount is "5"; it must be a number/,
    ],
    ['an amount of 2^64', badCoin({ amount: 1n << 64n }), /amount is 18446744073709551616/],
    ['a negative amount', badCoin({ amount: -1 }), /amount is -1/],
    ['a fraction', badCoin({ amount: 1.5 }), /amount is 1\.5/],
    ['an output index of 2^16', badCoin({ output_index: 65536 }), /output_index is 65536/],
    [
      'a secret of zero',
      badCoin({ owner_secret: '00'.repeat(32) }),
      /owner_secret is not a secret/,
    ],
    [
      'odd hex digits',
      { state: { ...state, messages: [{ ...message, data: '123' }] } },
      /messages\[0\]\.data is "123"/,
    ],
    [
      'a missing list',
      { state: { ...state, contracts: undefined } },
      /contracts is missing; it must be a list/,
    ],
    [
      'a list that is none',
      { state: { ...state, coins: {} } },
      /coins is an object; it must be a list/,
    ],
    [
      'a bad slot',
      { state: { ...state, contracts: [{ ...contract, states: [{ key: 'x', value: '' }] }] } },
      /contracts\[0\]\.states\[0\]\.key is "x"/,
    ],
    [
      'a last block without root',
      {
        state: {
          ...state,
          last_block: {
            block_height: 1,
            da_block_height: 1,
            consensus_parameters_version: 0,
            state_transition_version: 0,
          },
        },
      },
      /last_block\.blocks_root is missing/,
    ],
    [
      'no consensus',
      { chain: { ...chainConfig, consensus: { PoW: {} } } },
      /^chainConfig\.json: consensus must have the member PoA or PoAV2/,
    ],
    [
      'bad parameters',
      { chain: { ...chainConfig, consensus_parameters: { V2: {} } } },
      /^chainConfig\.json: consensus_parameters\.tx_params must be an object/,
    ],
    [
      'tables in Parquet',
      { metadata: { ...metadata, table_encoding: { Parquet: {} } } },
      /^metadata\.json: table_encoding must have the member Json/,
    ],
    [
      'a file that is not there',
      { metadata: { ...metadata, chain_config: 'none.json' } },
      /^none\.json cannot be read/,
    ],
    [
      'text that is not JSON',
      { raw: { 'stateConfig.json': '{"coins": [' } },
      /^stateConfig\.json is not JSON/,
    ],
    [
      'JSON that is no object',
      { raw: { 'metadata.json': '3' } },
      /^metadata\.json is 3; it must be an object/,
    ],
  ];
  for (const [name, files, message] of cases) {
    it(`refuses ${name}`, () => {
      const dir = directory(files);
      assert.throws(() => readSnapshot(dir), { code: 'SNAPSHOT_INVALID', message });
    });
  }

  it('refuses a directory without metadata', () => {
    assert.throws(() => readSnapshot(join(root, 'nowhere')), {
      code: 'SNAPSHOT_INVALID',
      message: /^metadata\.json cannot be read/,
    });
  });
});
