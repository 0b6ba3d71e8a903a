/** A program on a terminal of its own, with somebody who reads what it says and types answers. */
import { spawn, spawnSync } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';

/** Keys that are no characters. */
export const KEY = { enter: '\r', interrupt: '\x03', left: '\x1b[D' } as const;

export type Terminal = {
  /** Everything that was shown so far, without colours and cursor movements. */
  readonly shown: () => string;
  /** Waits for a text behind what was waited for before. @throws Error with all that was shown */
  expect(wanted: RegExp): Promise<string>;
  type(keys: string): Promise<void>;
  /** Waits for the end. @returns the exit code */
  ended(): Promise<number>;
};

const PATIENCE_MS = 20_000;
/** A prompt that was just drawn listens a moment later. */
const BEFORE_TYPING_MS = 150;

/** Null: the tool that gives programs a terminal is not there (util-linux `script`). */
export function whyNoTerminal(): string | null {
  const probe = spawnSync('script', ['-qec', 'exit 7', '/dev/null'], { input: '' });
  return probe.status === 7 ? null : "needs util-linux 'script', which gives programs a terminal";
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/** Starts `words` on a terminal of 100 columns. */
export function onTerminal(words: readonly string[], env: NodeJS.ProcessEnv): Terminal {
  const command = `stty cols 100 rows 50; exec ${words.map(quoted).join(' ')}`;
  const child = spawn('script', ['-qec', command, '/dev/null'], { env });
  let raw = '';
  let read = 0;
  const heard = new Set<() => void>();
  const hear = (chunk: Buffer): void => {
    raw += chunk.toString();
    for (const each of heard) each();
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const code = new Promise<number>((resolve) => {
    child.on('close', (status) => resolve(status ?? -1));
  });
  const shown = (): string => stripVTControlCharacters(raw).replaceAll('\r', '');
  const untilHeard = (): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        heard.delete(done);
        resolve();
      };
      heard.add(done);
    });
  return {
    shown,
    async expect(wanted) {
      const giveUpMs = performance.now() + PATIENCE_MS;
      for (;;) {
        const found = wanted.exec(shown().slice(read));
        if (found !== null) {
          read += found.index + found[0].length;
          return found[0];
        }
        if (performance.now() > giveUpMs) {
          child.kill();
          throw new Error(`waited in vain for ${wanted}; shown was:\n${shown()}`);
        }
        await Promise.race([untilHeard(), setTimeout(200), code]);
      }
    },
    async type(keys) {
      await setTimeout(BEFORE_TYPING_MS);
      child.stdin.write(keys);
    },
    async ended() {
      const late = setTimeout(PATIENCE_MS, null, { ref: false });
      const status = await Promise.race([code, late]);
      if (status !== null) return status;
      child.kill();
      throw new Error(`it did not end; shown was:\n${shown()}`);
    },
  };
}
