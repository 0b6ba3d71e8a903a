// Runs the tests of a fuels-ts checkout that need a node and no compiler, unmodified, against ours.
//   node scripts/fuels-ts-suite.mjs <built fuels-ts checkout> [test file …]
// A shim goes where the checkout looks for its fuel-core executable; its git ignores that folder.
// CONTRIBUTING.md tells how to build a checkout. NODE_UNDER_TEST names another executable.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const FILES = [
  'src/account.test.ts',
  'src/consolidate-coins.test.ts',
  'src/providers/provider.test.ts',
  'src/providers/resource-cache.test.ts',
  'src/providers/transaction-summary/assemble-transaction-summary-from-serialized.test.ts',
  'src/providers/transaction-summary/assemble-transaction-summary.test.ts',
  'src/providers/utils/handle-gql-error-message.test.ts',
  'src/providers/utils/serialization.test.ts',
  'src/providers/utils/transaction-response-serialization.test.ts',
  'src/test-util.test.ts',
  'src/test-utils/launchNode.test.ts',
  'src/test-utils/setup-test-provider-and-wallets.test.ts',
  'src/utils/consolidate-coins.test.ts',
  'src/wallet/wallet-unlocked.test.ts',
  'src/wallet/wallet.test.ts',
  'test/auto-retry-fetch.test.ts',
  'test/block-sensitive-operations.test.ts',
  'test/fuel-wallet-connector.send-transaction.test.ts',
  'test/fuel-wallet-connector.test.ts',
  'test/optimistic-concurrency-handling.test.ts',
  'test/predicate-functions.test.ts',
].map((file) => `packages/account/${file}`);

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const [checkoutArg, ...wanted] = process.argv.slice(2);
if (!checkoutArg) {
  console.error('usage: node scripts/fuels-ts-suite.mjs <built fuels-ts checkout> [test file …]');
  process.exit(2);
}
const checkout = resolve(checkoutArg);
const node = resolve(process.env.NODE_UNDER_TEST ?? join(root, 'bin', 'fuel-core'));
const shim = join(checkout, 'internal/fuel-core/fuel-core-binaries/fuel-core');
mkdirSync(dirname(shim), { recursive: true });
// The suite compares whole error messages and was written for the 0.44 family: report that.
const version = process.env.FUELRAIL_NODE_VERSION ?? '0.44.0';
writeFileSync(shim, `#!/bin/sh\nFUELRAIL_NODE_VERSION=${version} exec "${node}" "$@"\n`);
chmodSync(shim, 0o755);
const vitest = ['exec', 'vitest', '--run', '--coverage.enabled=false'];
const config = ['--config', 'vitest.node.config.mts', '--project', 'node'];
const run = spawnSync('pnpm', [...vitest, ...config, ...(wanted.length > 0 ? wanted : FILES)], {
  cwd: checkout,
  stdio: 'inherit',
  env: { ...process.env, CI: 'true' },
});
process.exit(run.status ?? 1);
