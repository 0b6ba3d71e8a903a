/** Flags of `run`: every row parses, values are checked, mistakes are named. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDurationMs, parseFlag } from '../../../cli/flagValue.ts';
import { ALL_FLAGS, runSettings } from '../../../cli/runConfig.ts';
import { type FlagKind, RUN_FLAGS } from '../../../cli/runFlags.ts';
import type { NodeConfig } from '../../../node/config.ts';
import { CodedError } from '../../../primitives/errors.ts';

const ZEROS = '00'.repeat(32);
const SAMPLE: Readonly<Record<FlagKind, string>> = {
  switch: 'true',
  bool: 'true',
  u64: '7',
  i64: '-7',
  duration: '1s',
  path: './somewhere',
  ip: '127.0.0.1',
  dbType: 'In-Memory',
  list: '',
  text: 'auto',
};

/** Where a text of the kind is not enough. */
const SAMPLE_OF: Readonly<Record<string, string>> = {
  'consensus-key': ZEROS,
  'coinbase-recipient': ZEROS,
  'da-layer': 'none',
  'follow-da': 'local',
};

function coded(code: string): (thrown: unknown) => boolean {
  return (thrown) => thrown instanceof CodedError && thrown.code === code;
}

test('every flag of the table parses on its own', () => {
  for (const [name, kind] of ALL_FLAGS) {
    // These need others beside them.
    if (/^(enable-relayer|l1-chain-state|l1-settlement|fork.*)$/.test(name)) continue;
    const text = SAMPLE_OF[name] ?? SAMPLE[kind];
    assert.doesNotThrow(() => runSettings(new Map([[name, text]]), {}), name);
  }
});

test('there is a row for each of the 187 options of the reference', () => {
  assert.equal(new Set(RUN_FLAGS.map(([name]) => name)).size, 187);
});

test('what harnesses send becomes the settings they mean', () => {
  const { config } = runSettings(
    new Map([
      ['ip', '0.0.0.0'],
      ['port', '0'],
      ['db-type', 'in-memory'],
      ['min-gas-price', '1'],
      ['starting-gas-price', '1'],
      ['poa-instant', 'true'],
      ['utxo-validation', 'true'],
      ['debug', 'true'],
      ['graphql-request-body-bytes-limit', '18446744073709551615'],
    ]),
    {},
  );
  assert.equal(config.dbPath, null);
  assert.deepEqual(config.trigger, { type: 'instant' });
  assert.equal(config.gasPrice.startingExecPrice, 1n);
  assert.equal(config.graphql.bodyBytesMax, Number.MAX_SAFE_INTEGER);
  assert.ok(config.consensusKey?.startsWith('0xfbe49178'));
});

test('triggers: one of three', () => {
  const interval = runSettings(new Map([['poa-interval-period', '400ms']]), {});
  assert.deepEqual(interval.config.trigger, { type: 'interval', blockTimeMs: 400 });
  const never = runSettings(new Map([['poa-instant', 'false']]), {});
  assert.deepEqual(never.config.trigger, { type: 'never' });
  const open = runSettings(new Map([['poa-open-period', '2s']]), {});
  assert.deepEqual(open.config.trigger, { type: 'open', periodMs: 2000 });
  const both = new Map([
    ['poa-instant', 'true'],
    ['poa-interval-period', '1s'],
  ]);
  assert.throws(() => runSettings(both, {}), coded('CLI_CONFLICT'));
});

test('without --debug there is no signing key and validation stays on', () => {
  const { config, notices } = runSettings(new Map(), {});
  assert.equal(config.consensusKey, null);
  assert.equal(config.utxoValidation, true);
  assert.ok(notices.some((line) => line.includes('always on')));
});

test('the environment sets what the command line leaves open, and junk in it is left aside', () => {
  assert.equal(runSettings(new Map(), { PORT: '4123' }).config.port, 4123);
  assert.equal(runSettings(new Map([['port', '1']]), { PORT: '4123' }).config.port, 1);
  const junk = runSettings(new Map(), { DEBUG: 'express:*', PORT: 'abc' });
  assert.equal(junk.config.port, 4000);
  assert.equal(junk.config.debug, false);
  assert.equal(junk.notices.filter((line) => line.includes('left aside')).length, 2);
});

test('no notice contains the word that makes harnesses give up', () => {
  const given = new Map(
    ALL_FLAGS.filter(([, , , , effect]) => effect === 'unsupported').map(
      ([name, kind]) => [name, SAMPLE[kind]] as const,
    ),
  );
  for (const line of runSettings(given, { DEBUG: '*' }).notices)
    assert.doesNotMatch(line, /error/i);
});

test('bad values are named with what was expected', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['port', '65536'],
    ['port', '-1'],
    ['ip', 'localhost!'],
    ['db-type', 'postgres'],
    ['poa-interval-period', '5 bananas'],
    ['consensus-key', '0x12'],
    ['poa-instant', 'perhaps'],
    ['tx-blacklist-coins', '0x1234'],
    ['vm-rules', '0.99'],
  ];
  for (const [name, text] of cases) {
    assert.throws(() => runSettings(new Map([[name, text]]), {}), coded('CLI_BAD_VALUE'), name);
  }
});

test('a relayer needs its endpoint, and an endpoint the relayer', () => {
  const url = 'http://127.0.0.1:8545';
  const portal = `0x${'AB'.repeat(20)}`;
  const conflicts = [[['enable-relayer', 'true']], [['relayer', url]]] as const;
  for (const flags of conflicts) {
    assert.throws(() => runSettings(new Map(flags), {}), coded('CLI_CONFLICT'));
  }
  const bad = [
    ['relayer', 'nowhere'],
    ['relayer-v2-listening-contracts', '0x1234'],
  ] as const;
  for (const [name, text] of bad) {
    assert.throws(() => runSettings(new Map([[name, text]]), {}), coded('CLI_BAD_VALUE'), name);
  }
  const given = [
    ['enable-relayer', 'true'],
    ['relayer', `${url},http://localhost:1`],
    ['relayer-v2-listening-contracts', portal],
    ['relayer-da-deploy-height', '17'],
    ['relayer-log-page-size', '0'],
    ['relayer-min-duration', '250ms'],
  ] as const;
  const { relayer } = runSettings(new Map(given), {}).config;
  assert.deepEqual(relayer, {
    urls: [url, 'http://localhost:1'],
    contracts: [portal.toLowerCase()],
    deployHeight: 17n,
    pageSize: 1,
    maxLogsPerPage: 10_000,
    minRoundMs: 250,
    syncingPollMs: 5_000,
    syncingLogMs: 60_000,
  });
  assert.equal(runSettings(new Map(), { RELAYER: url }).config.relayer, null);
});

test('a committer needs contract, key and endpoint', () => {
  const contract = `0x${'cd'.repeat(20)}`;
  const rpc = 'http://127.0.0.1:8545';
  const settings = (...flags: [string, string][]) => runSettings(new Map(flags), {}).config;
  assert.equal(settings(['l1-committer-key', ZEROS]).committer, null);
  assert.throws(
    () => settings(['l1-chain-state', contract], ['l1-rpc', rpc]),
    coded('CLI_CONFLICT'),
  );
  for (const [name, text] of [
    ['l1-rpc', 'nowhere'],
    ['l1-chain-state', '0x12'],
    ['l1-committer-key', '0x12'],
  ] as const) {
    const given = new Map([
      ['l1-chain-state', contract],
      ['l1-committer-key', ZEROS],
      ['l1-rpc', rpc],
      [name, text],
    ]);
    assert.throws(() => runSettings(given, {}), coded('CLI_BAD_VALUE'), name);
  }
  const { committer } = settings(
    ['l1-chain-state', contract],
    ['l1-committer-key', ZEROS],
    ['enable-relayer', 'true'],
    ['relayer', `${rpc},http://localhost:1`],
    ['l1-max-fee', '3'],
  );
  assert.deepEqual(committer, {
    url: rpc,
    chainState: contract,
    secret: `0x${ZEROS}`,
    maxFeeCap: 3_000_000_000n,
    bumpAfterMs: 60_000,
    pollMs: 12_000,
  });
  const own: [string, string][] = [
    ['l1-settlement', contract],
    ['l1-committer-key', ZEROS],
    ['l1-rpc', rpc],
    ['l1-batch-blocks', '0'],
    ['l1-batch-wait', '3s'],
  ];
  const { rollup } = settings(...own);
  assert.deepEqual(
    [rollup?.settlement, rollup?.blocksPerBatch, rollup?.maxWaitMs],
    [contract, 1, 3_000],
  );
  assert.throws(() => settings(...own, ['l1-chain-state', contract]), coded('CLI_CONFLICT'));
});

test('durations: sums of units, nothing else', () => {
  assert.equal(parseDurationMs('x', '1m 30s'), 90_000);
  assert.equal(parseDurationMs('x', '250ms'), 250);
  for (const text of ['', '5', 's', '1s!', '1.2.3s x']) {
    assert.throws(() => parseDurationMs('x', text), coded('CLI_BAD_VALUE'), text);
  }
});

test('u64: saturates at the top, refuses signs and fractions', () => {
  assert.equal(parseFlag('x', 'u64', '18446744073709551616'), 2n ** 64n - 1n);
  assert.equal(parseFlag('x', 'u64', '18446744073709551615'), 2n ** 64n - 1n);
  for (const text of ['-1', '1.5', '0x10', '']) {
    assert.throws(() => parseFlag('x', 'u64', text), coded('CLI_BAD_VALUE'), text);
  }
});

test('very long durations stay within what timers can wait', () => {
  const flags = ['api-request-timeout', 'tx-pool-ttl', 'poa-interval-period'];
  const { config } = runSettings(new Map(flags.map((name) => [name, '10000d'])), {});
  const intervalMs = config.trigger.type === 'interval' ? config.trigger.blockTimeMs : 0;
  const longest = 2 ** 31 - 1;
  assert.equal(config.graphql.requestTimeoutMs, longest);
  assert.deepEqual([config.pool.ttlMs, intervalMs], [longest, longest]);
});

test('fairness of the pool: longest wait and share of a contract', () => {
  const poolWith = (...given: [string, string][]) => runSettings(new Map(given), {}).config.pool;
  assert.equal(poolWith().maxWaitMs, 30_000);
  assert.equal(poolWith().contractGasPercentMax, 0);
  assert.equal(poolWith(['tx-max-wait', '0s']).maxWaitMs, 0);
  assert.equal(poolWith(['tx-max-wait', '1m']).maxWaitMs, 60_000);
  assert.equal(poolWith(['tx-contract-gas-percentage', '25']).contractGasPercentMax, 25);
  assert.throws(() => poolWith(['tx-contract-gas-percentage', '101']), coded('CLI_BAD_VALUE'));
});

test('the flags of a DA layer become its settings, and say what is missing', () => {
  const da = (flags: [string, string][]): NodeConfig['da'] =>
    runSettings(new Map(flags), {}).config.da;
  assert.deepEqual(da([]).layer, { type: 'local', directory: null });
  assert.equal(da([]).follow, false);
  const followed = da([
    ['follow-da', 'celestia'],
    ['da-url', 'http://127.0.0.1:26658'],
    ['da-namespace', '0x0102030405060708090a'],
    ['da-gas-price', '0.004'],
    ['da-start-height', '77'],
    ['da-backlog', '5'],
  ]);
  assert.equal(followed.follow, true);
  assert.equal(followed.startHeight, 77n);
  assert.equal(followed.policy.backlogBlocksMax, 5);
  assert.deepEqual(followed.layer, {
    type: 'celestia',
    url: 'http://127.0.0.1:26658',
    token: null,
    namespace: '0x0102030405060708090a',
    gasPrice: 0.004,
    direct: null,
  });
  const conflicts: [string, string][][] = [
    [['da-layer', 'celestia']],
    [['da-layer', 'ethereum']],
    [
      ['da-layer', 'celestia'],
      ['da-url', 'http://127.0.0.1:1'],
      ['da-consensus-url', 'http://127.0.0.1:2'],
    ],
  ];
  for (const flags of conflicts) assert.throws(() => da(flags), coded('CLI_CONFLICT'));
  const bad: [string, string][][] = [
    [['da-layer', 'moon']],
    [
      ['da-layer', 'celestia'],
      ['da-url', 'nowhere'],
    ],
    [
      ['da-layer', 'celestia'],
      ['da-url', 'http://127.0.0.1:1'],
      ['da-namespace', '0x01'],
    ],
    [
      ['da-layer', 'celestia'],
      ['da-url', 'http://127.0.0.1:1'],
      ['da-gas-price', 'free'],
    ],
  ];
  for (const flags of bad) assert.throws(() => da(flags), coded('CLI_BAD_VALUE'));
});

test('a state tree is kept when asked for, or when batches are committed; not with --dev', () => {
  const tree = (...flags: [string, string][]): NodeConfig['stateTree'] =>
    runSettings(new Map(flags), {}).config.stateTree;
  assert.equal(tree(), null);
  assert.deepEqual(tree(['state-tree', 'true']), { historyBlocks: 10_000 });
  const longer = tree(['state-tree', 'true'], ['state-tree-history', '0']);
  assert.deepEqual(longer, { historyBlocks: 1 }, 'the newest block is always there');
  const own: [string, string][] = [
    ['l1-settlement', `0x${'12'.repeat(20)}`],
    ['l1-rpc', 'http://127.0.0.1:8545'],
    ['l1-committer-key', ZEROS],
  ];
  assert.deepEqual(tree(...own), { historyBlocks: 10_000 });
  assert.throws(() => tree(['state-tree', 'true'], ['dev', 'true']), coded('CLI_CONFLICT'));
  assert.throws(() => tree(...own, ['dev', 'true']), coded('CLI_CONFLICT'));
});
