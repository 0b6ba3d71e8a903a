/**
 * Where the CPU time of a signed transfer goes, from socket to disk: a node under a sampling
 * profiler, loaded by another process. Shares of the main thread's samples are scaled to the time
 * that the operating system counted for it; the other threads are listed as it counted them.
 */
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { bytesToHex } from '../../primitives/bytes.ts';
import { roomyParams, writeSnapshot } from '../../test/support/funded.ts';
import { ROOT } from '../../test/support/nodeProcess.ts';
import { workload } from '../data.ts';
import type { LoadResult } from './load.ts';

const CONNECTIONS = 64;
const SAMPLE_US = 500;
/** Of /proc: hundredths of a second, on every Linux that Node runs on. */
const TICK_US = 10_000;
const LOAD = fileURLToPath(new URL('./load.js', import.meta.url));
const READY = /Binding GraphQL provider to (\S+:\d+)\n/;

/** Function and file of a frame, stage. From the frame upwards, the first that fits counts. */
const RULES: readonly (readonly [RegExp, RegExp, string])[] = [
  [/^\(garbage collector\)$/, /^/, 'garbage collection'],
  [/^ecdsaRecover$/, /^/, 'signature recovery here'],
  [/^(writeLatin1String|writeUtf8String|writev|writeBuffer)$/, /^/, 'socket write'],
  [/^(_getSync|get)$/, /classic-level|engine\/disk/, 'disk reads'],
  [/./, /node\/check|node\/txChecks/, 'hand over to check threads'],
  [/^checkSignatures$/, /^/, 'hand over to check threads'],
  [/^txId$/, /^/, 'id'],
  [/^decodeTx$/, /^/, 'decode'],
  [/^checkTx$/, /validity/, 'rules'],
  [/^(maxGas|minGas|meteredBytes|accessListOf|verifyForPool)$/, /^/, 'rules'],
  [/./, /txpool\/(?!service)/, 'pool'],
  [/./, /statusHub/, 'status'],
  [/^readRequest$/, /^/, 'JSON'],
  [/./, /graphql/, 'GraphQL'],
  [/^transact$/, /^/, 'block: execute'],
  [/./, /executor\/(seal|mint)/, 'block: seal'],
  [/./, /executor\//, 'block: execute'],
  [/./, /state\//, 'block: commit'],
  [/./, /node\/da|\/da\//, 'block: DA frame'],
  [/./, /blockMaker/, 'block: announce'],
  [/./, /txpool\/service/, 'pool'],
  [/./, /httpDirect/, 'HTTP parse'],
  [/^(onStreamRead|emit|readableAddChunk)$/, /^/, 'socket read'],
  [/./, /cjs\/loader|esm\//, 'loading of modules'],
];
const IDLE = new Set(['(idle)', '(program)']);

type Frame = {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string };
  readonly children?: readonly number[];
};
type Profile = {
  readonly nodes: readonly Frame[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
};

/** Time of each stage in the profile. Unit: µs. */
function stagesOf({ nodes, samples, timeDeltas }: Profile): Map<string, number> {
  const parents = new Map<number, number>();
  const frames = new Map(nodes.map((node) => [node.id, node]));
  for (const { id, children = [] } of nodes) for (const child of children) parents.set(child, id);
  const known = new Map<number, string>();
  const stageOf = (id: number): string => {
    const before = known.get(id);
    if (before !== undefined) return before;
    const { functionName, url } = (frames.get(id) as Frame).callFrame;
    const rule = RULES.find(([name, file]) => name.test(functionName) && file.test(url));
    const parent = parents.get(id);
    const stage = rule?.[2] ?? (parent === undefined ? 'event loop and the rest' : stageOf(parent));
    known.set(id, stage);
    return stage;
  };
  const times = new Map<string, number>();
  samples.forEach((id, i) => {
    if (IDLE.has((frames.get(id) as Frame).callFrame.functionName)) return;
    const stage = stageOf(id);
    times.set(stage, (times.get(stage) ?? 0) + (timeDeltas[i] ?? 0));
  });
  return times;
}

/** CPU time of each thread so far, by thread id. Unit: µs. */
function threadTimes(pid: number): Map<number, number> {
  const tasks = readdirSync(`/proc/${pid}/task`);
  return new Map(
    tasks.map((task): [number, number] => {
      const stat = readFileSync(`/proc/${pid}/task/${task}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return [Number(task), (Number(fields[11]) + Number(fields[12])) * TICK_US];
    }),
  );
}

type Measured = {
  readonly load: LoadResult;
  readonly profile: Profile;
  /** Main thread, then the others, most first. */
  readonly threads: readonly number[];
};

async function measured(dir: string): Promise<Measured> {
  const profiles = join(dir, 'profiles');
  const child = spawn(
    process.execPath,
    [
      ...['--cpu-prof', '--cpu-prof-interval', String(SAMPLE_US), '--cpu-prof-dir', profiles],
      ...[join(ROOT, 'bin', 'fuel-core.js'), 'run', '--ip', '127.0.0.1', '--port', '0'],
      ...['--debug', '--utxo-validation', '--snapshot', dir, '--db-path', join(dir, 'db')],
      ...['--poa-interval-period', '100ms', '--tx-max-number', '200000'],
      ...['--tx-max-total-gas', '30000000000000', '--tx-max-total-bytes', '1000000000'],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const url = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.once('exit', () => reject(new Error(`the node ended: ${text}`)));
    child.stderr.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const ready = READY.exec(text);
      if (ready) resolve(`http://${ready[1]}/v1/graphql`);
    });
  });
  const pid = child.pid as number;
  const before = threadTimes(pid);
  const args = [LOAD, url, join(dir, 'txs'), String(CONNECTIONS)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const spent = [...threadTimes(pid)].map(([task, us]) => ({
    task,
    us: us - (before.get(task) ?? 0),
  }));
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
  // Threads write profiles of their own; the main one's name ends with the lowest number.
  const [first] = readdirSync(profiles).sort((a, b) => threadNumber(a) - threadNumber(b));
  const profile = JSON.parse(readFileSync(join(profiles, first as string), 'utf8')) as Profile;
  const others = spent.filter(({ task }) => task !== pid).map(({ us }) => us);
  const main = spent.find(({ task }) => task === pid)?.us ?? 0;
  return {
    load: JSON.parse(stdout) as LoadResult,
    profile,
    threads: [main, ...others.sort((a, b) => b - a)],
  };
}

/** CPU.date.time.pid.thread.sequence.cpuprofile */
function threadNumber(name: string): number {
  return Number(name.split('.')[4]);
}

/** Prints the table as Markdown. @returns exit code */
export async function stages(count: number): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), 'fuelrail-stages-'));
  try {
    const { chain, txs } = workload('transfers', count, roomyParams());
    writeSnapshot(dir, chain);
    writeFileSync(join(dir, 'txs'), txs.map(({ raw }) => bytesToHex(raw)).join('\n'));
    const { load, profile, threads } = await measured(dir);
    const { included } = load;
    const [main = 0, ...others] = threads;
    const times = stagesOf(profile);
    times.delete('loading of modules');
    const sum = [...times.values()].reduce((total, time) => total + time, 0);
    const perTx = (us: number): string => (us / included).toFixed(1);
    console.log(
      `${included} transfers, ${Math.round((1000 * included) / load.allInBlocksMs)} tx/s`,
    );
    console.log('| stage | µs of CPU per transfer |\n|---|---|');
    for (const [stage, time] of [...times].sort((a, b) => b[1] - a[1])) {
      console.log(`| ${stage} | ${perTx((time / sum) * main)} |`);
    }
    console.log(`| **main thread** | **${perTx(main)}** |`);
    const rest = others.reduce((total, us) => total + us, 0);
    console.log(`| busiest other thread (signatures) | ${perTx(others[0] ?? 0)} |`);
    console.log(
      `| other threads (compiler, collector, disk) | ${perTx(rest - (others[0] ?? 0))} |`,
    );
    return 0;
  } finally {
    rmSync(dir, { recursive: true });
  }
}
