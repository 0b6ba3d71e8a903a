/** What happens when the output of a command cannot be written. */

/** A standard stream, as far as it is used here; for tests. */
export type GuardedOutput = {
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
};

/**
 * A reader that has seen enough (`… | head -1`) ends a command without a word; a full disk ends it
 * with one. Commands that stay (a node, a watcher) go on: nobody reads along, that is all. The log
 * of a node may lose its reader too, and an error that nobody reads is no other error.
 * @param args the command line
 * @param exit ends the process with this code
 */
export function guardOutput(
  args: readonly string[],
  output: GuardedOutput = process.stdout,
  exit: (code: number) => void = (code) => process.exit(code),
  errors: GuardedOutput = process.stderr,
): void {
  errors.on('error', () => {});
  const stays = /^(run|watch)$/.test(args[0] ?? '');
  output.on('error', (error) => {
    const isGone = error.code === 'EPIPE';
    if (stays && isGone) return;
    if (!isGone)
      process.stderr.write(`Error: cannot write the result: ${error.message} [OUTPUT]\n`);
    exit(isGone ? 0 : 1);
  });
}
