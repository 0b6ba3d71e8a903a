/**
 * Which engine runs programs in this thread. The choice never changes a result, only its speed.
 *
 * Nothing here reads the environment: who starts a thread hands the choice on.
 */

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
};

/** What the engine of this thread did since it was configured. */
export type EngineReport = {
  readonly setting: EngineSetting;
  readonly seed: number;
};

const DEFAULT_SEED = 1;

const chosen: { setting: EngineSetting; seed: number } = { setting: 'auto', seed: DEFAULT_SEED };

/** Sets the engine of this thread from the next execution on. */
export function configureEngine(choice: EngineChoice): void {
  chosen.setting = choice.setting;
  chosen.seed = choice.seed ?? DEFAULT_SEED;
  state = chosen.seed;
}

export function engineReport(): EngineReport {
  return { setting: chosen.setting, seed: chosen.seed };
}

/** What the run loop asks for. `draw` gives numbers from 0 to 2^32 − 1, the same for each seed. */
export function engineChoice(): { setting: EngineSetting; draw: () => number } {
  return { setting: chosen.setting, draw };
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
