/** A second process that runs the same serial block whenever it is told to: how far do cores scale? */
import { serialBlocks } from './lanesSetup.ts';

const [name = '', count = '', work = ''] = process.argv.slice(2);
const run = serialBlocks(name, Number(count), Number(work));

process.on('message', () => {
  void run().then((ms) => process.send?.(ms));
});
process.send?.(0);
