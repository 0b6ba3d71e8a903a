// All that CI runs and the slow rest: lint, build, tests with the slow ones, full vectors and the
// recorded chains where ../shared is present, package contents.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const shared = join(root, '..', 'shared', 'vectors');
const failed = [];

function step(name, command, args, env = {}) {
  console.log(`\n== ${name}`);
  const done = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  if (done.status !== 0) failed.push(name);
}

step('build', process.execPath, ['scripts/build.mjs']);
step('types of the pages', 'npx', ['tsc', '-p', 'node/explorer/page']);
step('lint', 'npx', ['biome', 'check', '.']);
step('contracts', process.execPath, ['scripts/contracts.mjs', '--check']);
step('static analysis of the contracts', process.execPath, ['scripts/slither.mjs']);
step('conditions of the contracts', process.execPath, ['scripts/contractCoverage.mjs']);
step('test', process.execPath, ['scripts/test.mjs', '--slow'], { FUELRAIL_SLOW: '1' });
if (existsSync(shared)) {
  step('vectors', process.execPath, ['dist/test/vectors/run.js', shared]);
  const chains = join(shared, 'chains');
  const all = readdirSync(chains)
    .filter((name) => name.endsWith('.json.gz'))
    .sort();
  for (const workers of ['0', '2']) {
    for (const name of all) {
      // Chains 1 and 2 were recorded under a V4 gas table on the 0.66 rules.
      const rules = /chain-[12]\./.test(name) ? '0.66' : 'auto';
      step(`replay ${name} workers=${workers}`, process.execPath, [
        'dist/test/vectors/replay.js',
        join(chains, name),
        '--workers',
        workers,
        '--vm-rules',
        rules,
      ]);
    }
  }
} else {
  console.log('\n== ../shared/vectors is not there: the sampled vectors in test/data were run');
}
step('pack', 'npm', ['pack', '--dry-run', '--silent', '--ignore-scripts']);
console.log(
  failed.length === 0 ? '\ncheck: all steps passed' : `\ncheck failed: ${failed.join(', ')}`,
);
process.exit(failed.length === 0 ? 0 : 1);
