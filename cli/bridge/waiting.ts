/** Waiting for what takes minutes or days, showing where it stands and how long it still is. */
import { CodedError } from '../../primitives/errors.ts';
import { type ProgressOutput, statusLine } from '../progress.ts';

/** How often both chains are asked. */
const POLL_MS = 4_000;
const POLL_VARIABLE = 'FUELRAIL_BRIDGE_POLL_MS';
/** A terminal's line counts down this often. Unit: ms. */
const COUNT_MS = 1_000;
/** In a file the time left comes no more often than this; a new stage comes at once. Unit: ms. */
const PLAIN_EVERY_MS = 60_000;

/** Errors that pass by themselves. */
const PASSING: ReadonlySet<string> = new Set(['L1_UNAVAILABLE', 'NODE_UNREACHABLE', 'NODE_ANSWER']);

/** How something stands. */
export type Look<T> = {
  /** Names the stage: another text is another one. */
  readonly stage: string;
  /** One line; the time left is reckoned from now. */
  readonly text: () => string;
  readonly isDone: boolean;
  readonly value: T;
};

/** Where the lines go; the default is stderr, as stdout is for results. */
export type WaitOutput = ProgressOutput & { readonly sleep: (ms: number) => Promise<void> };

function stderrOutput(): WaitOutput {
  return {
    isTerminal: process.stderr.isTTY === true,
    write: (text) => void process.stderr.write(text),
    nowMs: () => performance.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
}

/**
 * Looks again and again until it is done. What cannot be asked for a while is asked again, except
 * for the first time: then it may be mistyped.
 * @throws whatever `look` does, if it does not pass
 */
export async function waitFor<T>(
  look: () => Promise<Look<T>>,
  out: WaitOutput = stderrOutput(),
): Promise<T> {
  const line = statusLine(out);
  const shown = new Shown(line.show, out);
  const pollMs = Number(process.env[POLL_VARIABLE] ?? POLL_MS);
  for (let isFirst = true; ; isFirst = false) {
    let text: () => string;
    try {
      const seen = await look();
      if (seen.isDone) {
        line.hide();
        return seen.value;
      }
      text = seen.text;
      shown.tell(seen.stage, text);
    } catch (error) {
      if (isFirst || !(error instanceof CodedError) || !PASSING.has(error.code)) throw error;
      text = () => `${error.message}; trying again`;
      shown.tell(error.code, text);
    }
    await shown.pause(pollMs, text);
  }
}

/** What was told last, and when. */
class Shown {
  readonly #show: (line: string) => void;
  readonly #out: WaitOutput;
  #stage: string | null = null;
  #text = '';
  #atMs = 0;

  constructor(show: (line: string) => void, out: WaitOutput) {
    this.#show = show;
    this.#out = out;
  }

  tell(stage: string, text: () => string): void {
    const { isTerminal, nowMs } = this.#out;
    const line = text();
    const isNew = stage !== this.#stage;
    const isDue = line !== this.#text && nowMs() - this.#atMs >= PLAIN_EVERY_MS;
    if (!isTerminal && !isNew && !isDue) return;
    [this.#stage, this.#text, this.#atMs] = [stage, line, nowMs()];
    this.#show(line);
  }

  /** A terminal's line goes on counting. */
  async pause(ms: number, text: () => string): Promise<void> {
    const { isTerminal, sleep } = this.#out;
    for (let left = ms; left > 0; left -= COUNT_MS) {
      await sleep(Math.min(left, COUNT_MS));
      if (isTerminal) this.#show(text());
    }
  }
}
