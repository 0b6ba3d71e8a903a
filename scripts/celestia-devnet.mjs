// A real Celestia on loopback for trying the adapter out; ends with Ctrl-C and leaves nothing behind.
//   FUELRAIL_CELESTIA_APPD=<celestia-appd> FUELRAIL_CELESTIA_NODE=<celestia> \
//     node scripts/celestia-devnet.mjs
// Prints what `fuelrail run --da-layer celestia` and `npm run e2e:celestia` need. Run `npm run build` first.
import {
  CELESTIA_PAYER_KEY,
  CelestiaDevnet,
  celestiaBinaries,
} from '../dist/test/support/celestiaDevnet.js';

const binaries = celestiaBinaries();
if (binaries === null) {
  console.error('set FUELRAIL_CELESTIA_APPD and FUELRAIL_CELESTIA_NODE to the two binaries');
  process.exit(2);
}
const devnet = await CelestiaDevnet.start(binaries);
console.log(`export FUELRAIL_CELESTIA_URL=${devnet.url}
export FUELRAIL_CELESTIA_CONSENSUS_URL=${devnet.consensusUrl}
export FUELRAIL_DA_TOKEN=${devnet.token}
# a key with funds, for --da-consensus-url:
export FUELRAIL_DA_KEY=${CELESTIA_PAYER_KEY}
# logs: ${devnet.directory}`);
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => devnet.stop().then(() => process.exit(0)));
}
