/** What `fuelrail watch` does. */
import { rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { NodeConfig } from '../../node/config.ts';
import { createLog, logOptionsFromEnv } from '../../node/log.ts';
import type { Watch, WatchOptions } from '../../node/watch.ts';
import { attributeOf, FOLLOW_FLAGS } from '../flagOptions.ts';
import { parseB256, parseDurationMs, parseU64 } from '../flagValue.ts';
import { parseL1Address } from '../relayerFlags.ts';
import { runSettings } from '../runConfig.ts';
import { usage } from '../wallet/errors.ts';
import { blocksOf } from './context.ts';

/** Environment variable with the key that sends statements. */
export const WATCH_KEY_VARIABLE: string = 'FUELRAIL_L1_WATCH_KEY';

/** Environment twin of `--follow-da`. */
const FOLLOW_VARIABLE = 'FUELRAIL_FOLLOW_DA';
/** Blocks may be on Ethereum a while before they are final on their layer. */
const LAYER_GRACE = '10m';
/** Exit code when there was something wrong. */
const ALARM_EXIT_CODE = 3;
const WEI_PER_GWEI = 1_000_000_000n;
/** An alarm must not wait for a webhook that hangs. */
const WEBHOOK_TIMEOUT_MS = 10_000;

export type WatchFlags = {
  readonly ethereum?: string;
  readonly settlement?: string;
  readonly deployHeight: string;
  readonly url: string;
  readonly dbPath?: string;
  readonly snapshot?: string;
  readonly operator?: string;
  readonly followDa?: string;
  readonly dataGrace?: string;
  readonly metricsFile?: string;
  readonly poll: string;
  readonly maxFee: string;
  readonly bumpAfter: string;
  readonly webhook?: string;
  readonly once?: boolean;
};

type Log = WatchOptions['log'];

/** For a collector that reads text files, replaced as a whole after every look. */
async function writeMetrics(path: string | undefined, opened: Watch): Promise<void> {
  if (path === undefined) return;
  const { audited, alarms, selfTest } = opened.progress();
  const rows: readonly (readonly [string, string, number])[] = [
    ['batches', 'Batches that were audited and are in order', audited],
    ['alarms', 'Alarms since the start', alarms],
    [
      'self_test',
      '1: the auditor finds what it plants; 0: not tried, or it does not',
      selfTest ? 1 : 0,
    ],
    ['look_seconds', 'When Ethereum was last looked at', Math.floor(Date.now() / 1000)],
  ];
  const text = rows.map(([name, help, value]) => {
    const full = `fuelrail_watch_${name}`;
    return `# HELP ${full} ${help}\n# TYPE ${full} gauge\n${full} ${value}\n`;
  });
  await writeFile(`${path}.new`, text.join(''));
  await rename(`${path}.new`, path);
}

async function optionsOf(
  flags: WatchFlags,
  log: Log,
  onAlarm: WatchOptions['onAlarm'],
): Promise<WatchOptions> {
  if (flags.ethereum === undefined) usage('name an Ethereum endpoint: --ethereum http://…');
  if (flags.settlement === undefined) usage('name the contract: --settlement 0x…');
  const key = process.env[WATCH_KEY_VARIABLE];
  const blocks = await blocksOf(flags.url);
  const followed = flags.followDa ?? process.env[FOLLOW_VARIABLE];
  const grace = flags.dataGrace ?? (followed === undefined ? '0s' : LAYER_GRACE);
  const operator = flags.operator === undefined ? null : await blocksOf(flags.operator);
  return {
    url: flags.ethereum,
    settlement: parseL1Address('settlement', flags.settlement),
    deployHeight: parseU64('deploy-height', flags.deployHeight),
    secret: key === undefined || key === '' ? null : parseB256(WATCH_KEY_VARIABLE, key),
    journalPath: flags.dbPath === undefined ? null : join(resolve(flags.dbPath), 'watch.jsonl'),
    memoryPath: flags.dbPath === undefined ? null : join(resolve(flags.dbPath), 'watch-memory'),
    bumpAfterMs: parseDurationMs('bump-after', flags.bumpAfter),
    maxFeeCap: parseU64('max-fee', flags.maxFee) * WEI_PER_GWEI,
    blocks: followed === undefined ? blocks : (inbox) => following(flags, followed, inbox),
    dataGraceMs: parseDurationMs('data-grace', grace),
    operator,
    snapshotPath: flags.snapshot === undefined ? null : resolve(flags.snapshot),
    log,
    onAlarm,
  };
}

/** Settings of a node of the watcher's own: the flags about the DA layer are those of `run`. */
function following(flags: WatchFlags, layer: string, inbox: string): NodeConfig {
  const given = new Map<string, string>([
    ['follow-da', layer],
    ['enable-relayer', 'true'],
    ['relayer', flags.ethereum ?? ''],
    ['relayer-v2-listening-contracts', inbox],
    ['relayer-da-deploy-height', flags.deployHeight],
    ['state-tree', 'true'],
    ['utxo-validation', 'true'],
  ]);
  if (flags.snapshot !== undefined) given.set('snapshot', flags.snapshot);
  if (flags.dbPath === undefined) given.set('db-type', 'in-memory');
  else given.set('db-path', join(flags.dbPath, 'chain'));
  const values = flags as unknown as Readonly<Record<string, string | undefined>>;
  for (const row of FOLLOW_FLAGS) {
    const value = values[attributeOf(row)];
    if (value !== undefined) given.set(row[0], value);
  }
  const isDa = (name: string): boolean => name.startsWith('FUELRAIL_DA_');
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => isDa(name)));
  return runSettings(given, env).config;
}

async function post(url: string, alarm: unknown, log: Log): Promise<void> {
  try {
    await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(alarm),
      signal: AbortSignal.timeout(WEBHOOK_TIMEOUT_MS),
    });
  } catch (reason) {
    log.error(`The webhook did not take an alarm: ${String(reason)}`);
  }
}

/** `watch` */
export async function watch(flags: WatchFlags): Promise<void> {
  const log = createLog('watch', logOptionsFromEnv(process.env));
  const posts: Promise<void>[] = [];
  const options = await optionsOf(flags, log, (alarm) => {
    if (flags.webhook !== undefined) posts.push(post(flags.webhook, alarm, log));
  });
  const { openWatch } = await import('../../node/watch.ts');
  const opened = await openWatch(options);
  if (options.secret === null) log.warn(`Watching only: ${WATCH_KEY_VARIABLE} is not set`);
  const look = async (): Promise<void> => {
    await opened.step();
    await writeMetrics(flags.metricsFile, opened);
  };
  try {
    if (flags.once === true) await look();
    else await untilStopped({ ...opened, step: look }, parseDurationMs('poll', flags.poll), log);
    await Promise.all(posts);
  } finally {
    await opened.close();
  }
  const { audited, alarms } = opened.progress();
  process.stdout.write(`${audited} batches in order, ${alarms} alarms\n`);
  if (alarms > 0) process.exitCode = ALARM_EXIT_CODE;
}

async function untilStopped(opened: Watch, pollMs: number, log: Log): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  let told = -1;
  while (!stop.signal.aborted) {
    try {
      await opened.step();
    } catch (reason) {
      log.error(`Cannot look at Ethereum, trying again: ${String(reason)}`);
    }
    const { audited } = opened.progress();
    if (audited !== told) log.info(`${audited} batches are in order`);
    told = audited;
    await new Promise<void>((wake) => {
      const timer = setTimeout(wake, pollMs);
      stop.signal.addEventListener('abort', () => {
        clearTimeout(timer);
        wake();
      });
    });
  }
}
