/**
 * Server-sent events as the SDKs read them: `data:` directly followed by one line of JSON and a
 * blank line, and a comment of exactly these characters while nothing happens.
 */

/** Without an event for this long, the comment is sent. */
export const KEEP_ALIVE_MS = 15_000;
export const KEEP_ALIVE_FRAME = ':keep-alive-text\n\n';

/** JSON has no raw line breaks, so one line is enough. */
export function eventFrame(json: string): string {
  return `data:${json}\n\n`;
}

/** Frames of the events. `return` aborts the source, also while it is being waited for. */
export function eventFrames(
  start: (signal: AbortSignal) => AsyncIterator<string>,
  keepAliveMs: number = KEEP_ALIVE_MS,
): AsyncIterableIterator<string> {
  const abort = new AbortController();
  const source = start(abort.signal);
  let waiting: Promise<IteratorResult<string>> | null = null;
  let ended = false;

  async function next(): Promise<IteratorResult<string>> {
    if (ended) return { value: undefined, done: true };
    waiting ??= source.next();
    let timer: NodeJS.Timeout | undefined;
    const quiet = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), keepAliveMs);
    });
    try {
      const result = await Promise.race([waiting, quiet]);
      if (result === null) return { value: KEEP_ALIVE_FRAME, done: false };
      waiting = null;
      if (!result.done) return { value: eventFrame(result.value), done: false };
      ended = true;
      return { value: undefined, done: true };
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next,
    async return() {
      ended = true;
      abort.abort();
      // Not awaited: a source that is waiting for an event returns when it sees the signal.
      void source.return?.()?.catch(() => {});
      return { value: undefined, done: true };
    },
  };
}
