/**
 * Which engine runs programs in this thread. The choice never changes a result, only its speed.
 *
 * Nothing here reads the environment: who starts a thread hands the choice on.
 */

import { CodeCache } from './jit/cache.ts';
import type { RunCounts, RunPlan } from './jit/run.ts';
import type { ModuleStore } from './jit/stored.ts';

/**
 * `auto`: interpreted first, compiled once it is worth it. `interpreter`: never compiled.
 * `jit`: compiled before the first instruction, synchronously. `random`: as `jit`, and the engines
 * take turns at random points in mid-run, drawn from a seed: for tests.
 */
export type EngineSetting = 'auto' | 'interpreter' | 'jit' | 'random';

/** All settings, in the order of the documentation. */
export const ENGINE_SETTINGS: readonly EngineSetting[] = ['auto', 'interpreter', 'jit', 'random'];

export type EngineChoice = {
  readonly setting: EngineSetting;
  /** Only for `random`; from 0 to 2^32 − 1. Absent: 1. */
  readonly seed?: number;
  /** Folder in which the host keeps translated code; only handed on to other threads. */
  readonly modulesPath?: string;
};

/** What the engine of this thread did since the thread began, and what it keeps. */
export type EngineReport = {
  readonly setting: EngineSetting;
  readonly seed: number;
  /** Modules that were compiled, and their bytes in all. */
  readonly modules: number;
  readonly moduleBytes: number;
  /** Time of this thread that compiling took. Unit: ms. */
  readonly compileMs: number;
  /** Modules that the host compiled in its own threads. */
  readonly inBackground: number;
  /** Code that was found in the cache. */
  readonly cacheHits: number;
  /** Code that had to make room. */
  readonly cacheEvicted: number;
  /** What the cache holds. Unit: bytes, estimated; see CACHE_BYTES_MAX. */
  readonly cacheBytes: number;
  /** Code that cannot be compiled. */
  readonly refused: number;
  /** Modules whose translation an earlier process kept. */
  readonly fromStore: number;
  /** Stays in compiled code. */
  readonly stays: number;
  /** Stays that ended at an instruction for the interpreter. */
  readonly exitsForStep: number;
  /** Stays that ended because gas ran short, after a slice of gas, or in other code. */
  readonly exitsForSlice: number;
};

const DEFAULT_SEED = 1;

const chosen: { setting: EngineSetting; seed: number; modulesPath?: string } = {
  setting: 'auto',
  seed: DEFAULT_SEED,
};

/** Sets the engine of this thread from the next execution on. */
export function configureEngine(choice: EngineChoice): void {
  chosen.setting = choice.setting;
  chosen.seed = choice.seed ?? DEFAULT_SEED;
  state = chosen.seed;
}

/** The present choice, for another thread. */
export function engineChoice(): EngineChoice {
  return { ...chosen };
}

/**
 * Keeps translated code of this thread, and takes what was kept; null: it does neither.
 * @param modulesPath for {@link engineChoice}
 */
export function useModuleStore(store: ModuleStore | null, modulesPath?: string): void {
  cache.useStore(store);
  if (modulesPath === undefined) delete chosen.modulesPath;
  else chosen.modulesPath = modulesPath;
}

export function engineReport(): EngineReport {
  const { counts } = cache;
  return {
    setting: chosen.setting,
    seed: chosen.seed,
    modules: counts.modules,
    moduleBytes: counts.moduleBytes,
    compileMs: counts.compileMs,
    inBackground: counts.inBackground,
    cacheHits: counts.hits,
    cacheEvicted: counts.evicted,
    cacheBytes: cache.bytes,
    refused: counts.refused,
    fromStore: counts.fromStore,
    stays: runCounts.stays,
    exitsForStep: runCounts.steps,
    exitsForSlice: runCounts.slices,
  };
}

const cache = new CodeCache();
const runCounts: RunCounts = { stays: 0, steps: 0, slices: 0 };

/** How programs run under the present choice; null: the interpreter alone. */
export function enginePlan(step: RunPlan['step']): RunPlan | null {
  const { setting } = chosen;
  return setting === 'interpreter' ? null : { cache, counts: runCounts, setting, draw, step };
}

let state = DEFAULT_SEED;

/** Mulberry32. */
function draw(): number {
  state = (state + 0x6d2b79f5) | 0;
  let z = Math.imul(state ^ (state >>> 15), 1 | state);
  z = (z + Math.imul(z ^ (z >>> 7), 61 | z)) ^ z;
  return (z ^ (z >>> 14)) >>> 0;
}

/** The setting that a text names; null: it names none. */
export function engineSettingOf(text: string): EngineSetting | null {
  return ENGINE_SETTINGS.find((each) => each === text) ?? null;
}
