/**
 * Full load for minutes on a node with a database on disk: every lane of coins pays itself again
 * and again, as fast as the node answers. One JSON line each ten seconds, then a summary. It fails
 * when memory or the p99 of the last third is out of proportion to that of the first.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { STAGES } from '../../node/stages.ts';
import { bytesToHex } from '../../primitives/bytes.ts';
import {
  type Coin,
  coinOf,
  fundedChain,
  roomyParams,
  scriptOf,
  signed,
  writeSnapshot,
} from '../../test/support/funded.ts';
import { startNodeProcess } from '../../test/support/nodeProcess.ts';
import { percentile, rounded } from '../report.ts';
import { Client, SUBMIT } from './client.ts';
import { metricsOf } from './metricsOf.ts';

const CONNECTIONS = 64;
/** A coin is spent again after all others: the one before is in a block by then. */
const COINS = 20_000;
const COIN_AMOUNT = 10n ** 15n;
const MAX_FEE = 100_000n;
const INTERVAL_MS = 10_000;
const MIB = 1024 * 1024;
/** Growth from the first to the last third that is still noise. */
const GROWTH_MAX = 1.5;

type Interval = {
  readonly second: number;
  readonly tps: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly refused: number;
  readonly rssMiB: number;
  readonly poolLength: number;
  readonly daLength: number;
  /** Of the main thread's time since the last line. */
  readonly mainBusy: number;
};

class Lanes {
  readonly #coins: Coin[];
  readonly #params = roomyParams();
  #next = 0;

  constructor(coins: readonly Coin[]) {
    this.#coins = [...coins];
  }

  /** A payment of the next coin to its owner; `accepted` puts its output in the coin's place. */
  take(): { readonly tx: string; accepted(): void } {
    const at = this.#next;
    this.#next = (at + 1) % this.#coins.length;
    const coin = this.#coins[at] as Coin;
    const amount = coin.amount - MAX_FEE;
    const assetId = this.#params.baseAssetId;
    const script = scriptOf(coin, this.#params, {
      policies: { maxFee: MAX_FEE },
      outputs: [{ type: 'coin', to: coin.key.address, amount, assetId }],
    });
    const { id, raw } = signed(script, coin.key, this.#params.chainId);
    const accepted = (): void => {
      this.#coins[at] = { key: coin.key, utxoId: { txId: id, outputIndex: 0 }, amount };
    };
    return { tx: bytesToHex(raw), accepted };
  }
}

async function run(url: string, lanes: Lanes, minutes: number): Promise<Interval[]> {
  const client = new Client(url, CONNECTIONS);
  const endMs = performance.now() + minutes * 60_000;
  const intervals: Interval[] = [];
  let latencies: number[] = [];
  let refused = 0;
  const connection = async (): Promise<void> => {
    while (performance.now() < endMs) {
      const { tx, accepted } = lanes.take();
      const sentMs = performance.now();
      const answer = await client.post(SUBMIT, { tx }).catch((error) => `"errors" ${error}`);
      latencies.push(performance.now() - sentMs);
      if (answer.includes('"errors"')) refused += 1;
      else accepted();
    }
  };
  const observe = async (): Promise<void> => {
    const step = INTERVAL_MS / 1000;
    // The last, broken interval would count a pause as latency.
    for (let second = step; performance.now() + INTERVAL_MS <= endMs; second += step) {
      await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
      const seen = latencies;
      latencies = [];
      const metrics = await metricsOf(url);
      const metric = (name: string): number => metrics.get(name) ?? 0;
      const interval = {
        second,
        tps: rounded((1000 * seen.length) / INTERVAL_MS),
        p50Ms: rounded(percentile(seen, 0.5)),
        p99Ms: rounded(percentile(seen, 0.99)),
        refused,
        rssMiB: rounded(metric('process_resident_memory_bytes') / MIB),
        poolLength: metric('queue_length{queue="pool"}'),
        daLength: metric('queue_length{queue="da"}'),
        mainBusy: rounded(metric('main_thread_busy_ratio')),
      };
      intervals.push(interval);
      console.log(JSON.stringify(interval));
    }
  };
  await Promise.all([observe(), ...Array.from({ length: CONNECTIONS }, connection)]);
  client.close();
  return intervals;
}

function mean(rows: readonly Interval[], pick: (row: Interval) => number): number {
  return rows.reduce((sum, row) => sum + pick(row), 0) / rows.length;
}

/** @returns exit code: 1 when something grew */
export async function soak(minutes: number): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), 'fuelrail-soak-'));
  try {
    const coins = Array.from({ length: COINS }, (_, n) => coinOf(n, COIN_AMOUNT));
    writeSnapshot(dir, fundedChain(coins));
    const node = await startNodeProcess([
      ...['--debug', '--utxo-validation', '--snapshot', dir, '--db-path', join(dir, 'db')],
      ...['--poa-interval-period', '100ms', '--tx-max-number', '200000'],
      ...['--tx-max-total-gas', '30000000000000', '--tx-max-total-bytes', '1000000000'],
    ]);
    try {
      const intervals = await run(node.url, new Lanes(coins), minutes);
      const metrics = await metricsOf(node.url);
      const busy = STAGES.map((stage) => {
        const seconds = metrics.get(`stage_busy_seconds_total{stage="${stage}"}`) ?? 0;
        return [stage, rounded(seconds / (minutes * 60))];
      });
      // The first ones warm up.
      const rows = intervals.slice(Math.min(2, Math.max(0, intervals.length - 3)));
      const third = Math.max(1, Math.floor(rows.length / 3));
      const [first, last] = [rows.slice(0, third), rows.slice(-third)];
      const growth = (pick: (row: Interval) => number): number =>
        rounded(mean(last, pick) / mean(first, pick));
      const summary = {
        minutes,
        transactions: Math.round(intervals.reduce((sum, { tps }) => sum + tps * 10, 0)),
        tps: rounded(mean(rows, ({ tps }) => tps)),
        p99Growth: growth(({ p99Ms }) => p99Ms),
        rssGrowth: growth(({ rssMiB }) => rssMiB),
        rssMaxMiB: Math.max(...rows.map(({ rssMiB }) => rssMiB)),
        refused: intervals.at(-1)?.refused ?? 0,
        utilisation: Object.fromEntries(busy),
      };
      console.log(JSON.stringify(summary));
      return summary.p99Growth > GROWTH_MAX || summary.rssGrowth > GROWTH_MAX ? 1 : 0;
    } finally {
      await node.stop('SIGKILL');
    }
  } finally {
    rmSync(dir, { recursive: true });
  }
}
