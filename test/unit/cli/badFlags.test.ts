/** Any text in any flag, and in the environment: settings or a coded error, nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALL_FLAGS, runSettings } from '../../../cli/runConfig.ts';
import { CodedError } from '../../../primitives/errors.ts';
import { randomOf } from '../../support/chainMaker.ts';
import { type Random, seedOf } from '../../support/mutate.ts';

const TEXTS: readonly string[] = [
  '',
  ' ',
  '0',
  '-0',
  '1',
  '-1',
  '00000000001',
  '18446744073709551615',
  '18446744073709551616',
  '9'.repeat(400),
  '1e9',
  '0x10',
  'NaN',
  'Infinity',
  'true',
  'TRUE',
  'yes',
  '1s',
  '1.5h 3m',
  `${'9'.repeat(30)}d`,
  '-1s',
  '127.0.0.1',
  '::1',
  '999.1.1.1',
  'in-memory',
  'rocks-db',
  ',,,',
  `${'ab'.repeat(32)},${'AB'.repeat(32)}`,
  `0x${'00'.repeat(32)}`,
  `0x${'ff'.repeat(34)}`,
  '\u0000',
  '💥',
  '../../..',
  '__proto__',
];

function textOf(random: Random): string {
  if (random(4) > 0) return TEXTS[random(TEXTS.length)] as string;
  return String.fromCharCode(...Array.from({ length: random(20) }, () => 32 + random(95)));
}

/** Numbers in settings are usable: no NaN, nothing infinite or negative. */
function checkNumbers(value: unknown, path: string): void {
  if (typeof value === 'number') {
    assert.ok(Number.isFinite(value) && value >= 0, `${path}: ${value}`);
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) checkNumbers(member, `${path}.${key}`);
}

function settingsOrCoded(given: Map<string, string>, env: Record<string, string>): boolean {
  try {
    const settings = runSettings(given, env);
    checkNumbers(settings.config, 'config');
    return true;
  } catch (thrown) {
    const what = `${JSON.stringify([...given])} ${JSON.stringify(env)}`;
    if (thrown instanceof assert.AssertionError) throw new Error(`${thrown.message} from ${what}`);
    const shown = thrown instanceof Error ? thrown.stack : String(thrown);
    assert.ok(thrown instanceof CodedError, `${what}: ${shown}`);
    assert.match(thrown.code, /^CLI_/, what);
    return false;
  }
}

test('each flag with each text', () => {
  for (const [name] of ALL_FLAGS) {
    for (const text of TEXTS) settingsOrCoded(new Map([[name, text]]), {});
  }
});

test('random flags together, and a random environment', () => {
  const random = randomOf(seedOf('bad flags', 8));
  let accepted = 0;
  for (let i = 0; i < 5_000; i++) {
    const given = new Map<string, string>();
    const env: Record<string, string> = {};
    for (let count = random(4); count > 0; count--) {
      const row = ALL_FLAGS[random(ALL_FLAGS.length)];
      if (row !== undefined) given.set(row[0], textOf(random));
    }
    for (let count = random(4); count > 0; count--) {
      const name = ALL_FLAGS[random(ALL_FLAGS.length)]?.[3];
      if (name != null) env[name] = textOf(random);
    }
    if (settingsOrCoded(given, env)) accepted += 1;
  }
  assert.ok(accepted > 500 && accepted < 5_000, `${accepted} of 5000 were accepted`);
});
