/** A checking thread that says it is ready and dies with its first task. */
import { parentPort } from 'node:worker_threads';
import { CodedError } from '../../primitives/errors.ts';

parentPort?.on('message', () => {
  throw new CodedError('TEST_DEATH', 'this thread dies on purpose');
});
parentPort?.postMessage({ kind: 'ready' });
