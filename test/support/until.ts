import assert from 'node:assert/strict';

/** Far above what is waited for takes: only what never comes fails, also on a busy machine. */
const WAIT_LIMIT_MS = 60_000;
const POLL_MS = 2;

/**
 * Waits until something holds.
 * @param what is waited for: the text of the failure, or what makes it
 * @param holds is asked again and again
 * @param limitMs after which it fails
 */
export async function until(
  what: string | (() => string),
  holds: () => boolean | Promise<boolean>,
  limitMs: number = WAIT_LIMIT_MS,
): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > endMs) {
      assert.fail(typeof what === 'string' ? `never: ${what}` : what());
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
