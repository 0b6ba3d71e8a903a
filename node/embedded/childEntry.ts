/** A node in a process of its own; it ends when its parent says so, or is gone. */
import { composeEmbedded, type EmbeddedOptions } from './compose.ts';
import { type Greeting, sentError } from './messages.ts';

const say = (greeting: Greeting): void => void process.send?.(greeting);

process.once('message', async (options: EmbeddedOptions) => {
  try {
    const { node, origin } = await composeEmbedded({ ...options, port: options.port ?? 0 });
    // The channel closes when the parent wants it, and when the parent dies.
    process.once('disconnect', () => void node.close().finally(() => process.exit(0)));
    // Ctrl-C goes to the whole group: the parent decides.
    process.on('SIGINT', () => {});
    say({ type: 'ready', origin, accounts: node.accounts });
  } catch (thrown) {
    say({ type: 'failed', error: sentError(thrown) });
    process.disconnect();
  }
});
process.once('disconnect', () => {
  // Before there is a node there is nothing to close.
  setTimeout(() => process.exit(1), EXIT_AT_LATEST_MS).unref();
});

/** A node that does not close by then is ended. */
const EXIT_AT_LATEST_MS = 5_000;
