/** A process that commits blocks until it is killed: `commitForever <directory>`. */
import { openChainStore } from '../../state/open.ts';
import { newChain, nextBlock, testGenesis } from './chainMaker.ts';

const [, , path] = process.argv;
const { initialise } = await openChainStore({ engine: 'disk', path: path! });
const store = await initialise(testGenesis());
const chain = newChain(1);
for (;;) {
  await store.commitBlock(nextBlock(chain, store, 20));
  // One line per acknowledged height: what the killer may rely on.
  process.stdout.write(`${store.latest.height}\n`);
}
