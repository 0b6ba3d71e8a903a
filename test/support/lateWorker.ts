/** An execution thread that does not start while {@link NO_START} is set; else as `node/worker.ts`. */
import runTask from '../../node/worker.ts';

/** Name of an environment variable, for the thread that makes this one. */
export const NO_START = 'FUELRAIL_TEST_NO_START';

if (process.env[NO_START] !== undefined) throw new Error('told not to start');

export default runTask;
