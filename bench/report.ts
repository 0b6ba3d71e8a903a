/** Results of measurements: one JSON line each, so that runs can be kept and compared. */
import { execFileSync, type StdioOptions } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

export type Extra = Readonly<Record<string, string | number | null>>;

export type Report = {
  /**
   * One line: the median, the 99th percentile and the best of `samples`, with what else is known.
   * @param unit of the samples: 'ms', 'tx/s', …; for rates the best is the highest
   */
  add(name: string, unit: string, samples: readonly number[], extra?: Extra): void;
};

/** A bench file's default form. */
export type Bench = { run(report: Report): Promise<void> };

/** Value below which the share `part` (0…1) of the samples lies. */
export function percentile(samples: readonly number[], part: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = Math.min(sorted.length - 1, Math.max(0, Math.ceil(part * sorted.length) - 1));
  return sorted[at] ?? Number.NaN;
}

/** Three significant digits are more than a shared machine can hold. */
export function rounded(value: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(4)) : value;
}

function commitOf(): string | null {
  const cwd = dirname(fileURLToPath(import.meta.url));
  try {
    const stdio: StdioOptions = ['ignore', 'pipe', 'ignore'];
    const text = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd, stdio });
    return text.toString().trim();
  } catch {
    return null;
  }
}

export function createReport(write: (line: string) => void): Report {
  const cores = cpus();
  const where = {
    commit: commitOf(),
    cpu: `${cores[0]?.model.trim() ?? 'unknown'} x${cores.length}`,
    runtime: `node ${process.versions.node}`,
  };
  return {
    add(name, unit, samples, extra = {}) {
      const best = unit.endsWith('/s') ? Math.max(...samples) : Math.min(...samples);
      const line = {
        name,
        unit,
        n: samples.length,
        p50: rounded(percentile(samples, 0.5)),
        p99: rounded(percentile(samples, 0.99)),
        best: rounded(best),
        ...extra,
        load: rounded(loadavg()[0] ?? 0),
        ...where,
      };
      write(JSON.stringify(line));
    },
  };
}

/**
 * Runs each of `tasks` once a round, `rounds` times: what disturbs one, disturbs its neighbours
 * too. @returns the results of each task, in rounds
 */
export async function interleaved<T>(
  rounds: number,
  tasks: readonly (() => Promise<T>)[],
): Promise<T[][]> {
  const results = tasks.map((): T[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [at, task] of tasks.entries()) results[at]?.push(await task());
  }
  return results;
}

/** A whole number from the environment, for shorter or longer runs. */
export function setting(name: string, otherwise: number): number {
  const text = process.env[name];
  return text === undefined || !/^\d+$/.test(text) ? otherwise : Number(text);
}
