/**
 * The engine under test: `--engine auto|interpreter|jit|random [--engine-seed N]`, or the
 * environment variables FUELRAIL_VM_ENGINE and FUELRAIL_VM_ENGINE_SEED.
 */
import { configureEngine, type EngineChoice, engineSettingOf } from '../../vm/engine.ts';

const SEED_MAX = 0xffff_ffff;

function argument(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name);
  return at === -1 ? undefined : args[at + 1];
}

/**
 * The engine that is asked for; `interpreter` when nothing is said.
 * @throws Error naming a setting or seed that does not exist
 */
export function engineChoiceOf(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): EngineChoice {
  const name = argument(args, '--engine') ?? env['FUELRAIL_VM_ENGINE'] ?? 'interpreter';
  const setting = engineSettingOf(name);
  if (setting === null) {
    throw new Error(`unknown engine ${name}: auto, interpreter, jit or random`);
  }
  const seed = Number(argument(args, '--engine-seed') ?? env['FUELRAIL_VM_ENGINE_SEED'] ?? 1);
  if (!Number.isInteger(seed) || seed < 0 || seed > SEED_MAX) {
    throw new Error(`--engine-seed is a whole number from 0 to ${SEED_MAX}`);
  }
  return { setting, seed };
}

/** Sets the engine of this thread, and says which it is unless it is the usual one. */
export function useEngineUnderTest(args: readonly string[] = []): EngineChoice {
  const choice = engineChoiceOf(args, process.env);
  configureEngine(choice);
  if (choice.setting !== 'interpreter') {
    console.log(`engine ${choice.setting}, seed ${choice.seed ?? 1}`);
  }
  return choice;
}
