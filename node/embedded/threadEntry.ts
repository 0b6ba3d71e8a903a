/** A node in a worker thread: requests come and answers go by messages. */
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../../primitives/errors.ts';
import { composeEmbedded, type EmbeddedOptions } from './compose.ts';
import { type FromThread, sentError, type ToThread } from './messages.ts';

const port = parentPort;
assert(port !== null, 'this file is the entry of a worker thread');
const say = (message: FromThread): void => port.postMessage(message);

async function serve(): Promise<void> {
  const { node, origin } = await composeEmbedded(workerData as EmbeddedOptions);
  const streams = new Map<number, AsyncIterator<string>>();

  async function stream(id: number, parts: AsyncIterable<string>): Promise<void> {
    const iterator = parts[Symbol.asyncIterator]();
    streams.set(id, iterator);
    try {
      for (;;) {
        const { value, done } = await iterator.next();
        if (done) break;
        say({ type: 'part', id, text: value });
      }
    } catch {
      // The frames of a request that fails end; what was sent stays valid.
    } finally {
      streams.delete(id);
      say({ type: 'end', id });
    }
  }

  port?.on('message', async (message: ToThread) => {
    if (message.type === 'cancel') void streams.get(message.id)?.return?.();
    else if (message.type === 'close') {
      await node.close();
      say({ type: 'closed' });
      port?.close();
    } else {
      const { id, ...request } = message;
      const { status, headers, body } = await node.api.handle(request);
      const text = typeof body === 'string' ? body : null;
      say({ type: 'answer', id, status, headers, text });
      if (typeof body !== 'string') void stream(id, body);
    }
  });
  say({ type: 'ready', origin, accounts: node.accounts });
}

serve().catch((reason: unknown) => {
  say({ type: 'failed', error: sentError(reason) });
  port?.close();
});
