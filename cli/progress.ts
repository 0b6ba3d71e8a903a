/**
 * Progress of long work: one line with bar, rate and time left on a terminal, a plain line now and
 * then where the output goes to a file. On stderr, so that results stay clean.
 */

export type Progress = {
  /** Some of the work is done. */
  advance(count: number): void;
  /** So much of it is done in all. */
  reached(count: number): void;
  /** Makes place on a terminal for other output; the line comes back by itself. */
  hide(): void;
  /** Removes the line from a terminal, or writes the last plain one. */
  end(): void;
};

/** A line of one's own that is written over on a terminal, and one below the other in a file. */
export type StatusLine = { show(line: string): void; hide(): void };

export type ProgressOptions = {
  /** null: not known beforehand. */
  readonly total: number | null;
  /** What is counted, such as `blocks`. */
  readonly unit: string;
  /** Before everything else on the line. */
  readonly label?: string;
};

/** Where lines go and what time it is; for tests. Times in ms. */
export type ProgressOutput = {
  readonly isTerminal: boolean;
  readonly write: (text: string) => void;
  readonly nowMs: () => number;
};

/** A terminal's line is drawn again no more often than this. Unit: ms. */
export const DRAW_EVERY_MS: number = 100;
/** Plain lines come no more often than this. Unit: ms. */
export const PLAIN_EVERY_MS: number = 5_000;
/** Rates are of about this time. Unit: ms. */
const WINDOW_MS = 10_000;
/** Work that is done sooner says nothing. Unit: ms. */
export const QUIET_MS: number = 500;
const BAR_CELLS = 20;

function stderrOutput(): ProgressOutput {
  return {
    isTerminal: process.stderr.isTTY === true,
    write: (text) => void process.stderr.write(text),
    nowMs: () => performance.now(),
  };
}

export function statusLine(
  { isTerminal, write }: Pick<ProgressOutput, 'isTerminal' | 'write'> = stderrOutput(),
): StatusLine {
  return {
    show: (line) => write(isTerminal ? `\r\x1b[K${line}` : `${line}\n`),
    hide: () => {
      if (isTerminal) write('\r\x1b[K');
    },
  };
}

/** Starts now. */
export function progressOnTerminal(
  options: ProgressOptions,
  output: ProgressOutput = stderrOutput(),
): Progress {
  return new ProgressLine(options, output);
}

/** `1 h 3 min`, `2 min 5 s`, `7 s` */
export function durationText(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

class ProgressLine implements Progress {
  readonly #options: ProgressOptions;
  readonly #out: ProgressOutput;
  readonly #line: StatusLine;
  readonly #startedMs: number;
  #done = 0;
  #drawnMs: number;
  #isShown = false;
  #marks: { atMs: number; done: number }[];

  constructor(options: ProgressOptions, out: ProgressOutput) {
    this.#options = options;
    this.#out = out;
    this.#line = statusLine(out);
    this.#startedMs = out.nowMs();
    this.#drawnMs = this.#startedMs;
    this.#marks = [{ atMs: this.#startedMs, done: 0 }];
  }

  advance(count: number): void {
    this.reached(this.#done + count);
  }

  reached(count: number): void {
    this.#done = count;
    const nowMs = this.#out.nowMs();
    this.#mark(nowMs);
    const { isTerminal } = this.#out;
    const everyMs = isTerminal ? DRAW_EVERY_MS : PLAIN_EVERY_MS;
    if (nowMs - this.#startedMs < QUIET_MS || nowMs - this.#drawnMs < everyMs) return;
    this.#drawnMs = nowMs;
    this.#isShown = true;
    this.#line.show(this.#text(nowMs));
  }

  hide(): void {
    if (this.#isShown) this.#line.hide();
  }

  end(): void {
    if (!this.#isShown) return;
    this.#isShown = false;
    if (this.#out.isTerminal) this.#line.hide();
    else this.#line.show(this.#text(this.#out.nowMs()));
  }

  #mark(atMs: number): void {
    const last = this.#marks.at(-1);
    if (last !== undefined && atMs - last.atMs < WINDOW_MS / 10) return;
    this.#marks.push({ atMs, done: this.#done });
    while (this.#marks.length > 2 && atMs - (this.#marks[0]?.atMs ?? 0) > WINDOW_MS) {
      this.#marks.shift();
    }
  }

  #text(nowMs: number): string {
    const { total, unit, label } = this.#options;
    const first = this.#marks[0] ?? { atMs: this.#startedMs, done: 0 };
    const rate = (this.#done - first.done) / Math.max(0.001, (nowMs - first.atMs) / 1000);
    const rateText = `${rate >= 10 ? rate.toFixed(0) : rate.toFixed(1)} ${unit}/s`;
    const parts = [label === undefined ? '' : `${label} `];
    if (total === null) parts.push(`${this.#done} ${unit}, ${rateText}`);
    else {
      const share = total === 0 ? 1 : Math.min(1, this.#done / total);
      const full = Math.round(share * BAR_CELLS);
      const left = rate > 0 ? `, about ${durationText((total - this.#done) / rate)} left` : '';
      parts.push(
        `[${'#'.repeat(full)}${'.'.repeat(BAR_CELLS - full)}] ${Math.floor(share * 100)} %, `,
        `${this.#done} of ${total} ${unit}, ${rateText}${share >= 1 ? '' : left}`,
      );
    }
    return parts.join('');
  }
}
