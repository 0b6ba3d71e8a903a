/** Completions as a shell uses them, and docs/cli.md against the commands that there are. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { completionScript } from '../../../cli/completions.ts';
import { createProgram } from '../../../cli/main.ts';
import { dataFile } from '../../support/dataFile.ts';

const program = createProgram('fuelrail');
const has = (shell: string): boolean => spawnSync(shell, ['-c', 'exit 0']).status === 0;

/** What bash offers behind these words. */
function offered(...words: string[]): string[] {
  const list = words.map((word) => `'${word}'`).join(' ');
  const script = `${completionScript(program, 'bash')}
COMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _fuelrail; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const ran = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  assert.equal(ran.stderr, '');
  return ran.stdout.split('\n').filter((line) => line !== '');
}

it('bash: commands, commands below them, options, files behind options', {
  skip: has('bash') ? false : 'there is no bash',
}, () => {
  assert.deepEqual(offered('fuelrail', 'gas'), ['gas-report']);
  assert.deepEqual(offered('fuelrail', 'tx', 'sh'), ['show']);
  assert.deepEqual(offered('fuelrail', 'wallet', 'send', '--pay'), ['--payments']);
  assert.deepEqual(offered('fuelrail', 'wallet', 'send', '0x12', '1', '--dry'), ['--dry-run']);
  const folder = dataFile('sway');
  const files = offered('fuelrail', 'call', '0x12', 'm', '--abi', `${folder}/coun`);
  assert.deepEqual(files, [join(folder, 'counter')]);
});

for (const shell of ['bash', 'zsh', 'fish']) {
  it(`${shell} takes the script`, { skip: has(shell) ? false : `there is no ${shell}` }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'completions-'));
    const file = join(folder, 'script');
    writeFileSync(file, completionScript(program, shell));
    const ran = spawnSync(shell, ['-n', file], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    assert.deepEqual([ran.status, ran.stderr], [0, '']);
  });
}

it('an unknown shell', () => {
  assert.throws(() => completionScript(program, 'tcsh'), { code: 'CLI_USAGE' });
});

it('docs/cli.md names every command', () => {
  const docs = readFileSync(join(dataFile('..'), '..', 'docs', 'cli.md'), 'utf8');
  const rows = docs.split('\n').filter((line) => line.startsWith('| `'));
  for (const command of program.commands) {
    const row = rows.find((line) => new RegExp(`\`${command.name()}[ \`]`).test(line));
    assert.ok(row, `${command.name()} has a row`);
    if (row.includes(`${command.name()} …`)) continue;
    for (const below of command.commands) {
      const named = rows.some(
        (line) => line.includes(command.name()) && line.includes(below.name()),
      );
      assert.ok(named, `${command.name()} ${below.name()} is named`);
    }
  }
});
