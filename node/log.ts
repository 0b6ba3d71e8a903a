/**
 * Logs go to stderr only: harnesses read the readiness line there and never drain stdout.
 * Human form as fuel-core prints it; `HUMAN_LOGGING=false` gives one JSON object a line;
 * `RUST_LOG` chooses the lowest level that is printed.
 */
import { writeSync } from 'node:fs';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

export interface Log {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
  debug(message: string): void;
}

const ORDER: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error'];
const COLOUR: Readonly<Record<LogLevel, string>> = {
  trace: '\u001b[35m',
  debug: '\u001b[34m',
  info: '\u001b[32m',
  warn: '\u001b[33m',
  error: '\u001b[31m',
};

export type LogOptions = {
  readonly human: boolean;
  readonly colour: boolean;
  readonly lowest: LogLevel | 'off';
  readonly write: (line: string) => void;
  readonly now: () => number;
};

/** One write call a line, so that a marker and what follows it arrive in one chunk. */
export function writeStderr(line: string): void {
  try {
    writeSync(2, line);
  } catch {
    process.stderr.write(line);
  }
}

/** The level that a `RUST_LOG` text asks for; the first bare level counts. */
export function lowestLevel(filter: string | undefined): LogLevel | 'off' {
  for (const part of (filter ?? '').toLowerCase().split(',')) {
    const level = part.trim();
    if (level === 'off') return 'off';
    const found = ORDER.find((name) => name === level);
    if (found !== undefined) return found;
  }
  return 'info';
}

export function logOptionsFromEnv(env: Readonly<Record<string, string | undefined>>): LogOptions {
  return {
    human: env['HUMAN_LOGGING'] !== 'false',
    colour: process.stderr.isTTY === true && env['NO_COLOR'] === undefined,
    lowest: lowestLevel(env['RUST_LOG']),
    write: writeStderr,
    now: Date.now,
  };
}

/** `target` names the part that speaks. */
export function createLog(target: string, options: LogOptions): Log {
  const lowest = options.lowest === 'off' ? ORDER.length : ORDER.indexOf(options.lowest);
  const emit = (level: LogLevel, message: string): void => {
    if (ORDER.indexOf(level) < lowest) return;
    const time = new Date(options.now()).toISOString().replace('Z', '000Z');
    if (!options.human) {
      const record = { timestamp: time, level: level.toUpperCase(), fields: { message }, target };
      options.write(`${JSON.stringify(record)}\n`);
      return;
    }
    const name = level.toUpperCase().padStart(5);
    const shown = options.colour ? `${COLOUR[level]}${name}\u001b[0m` : name;
    options.write(`${time} ${shown} ${target}: ${message}\n`);
  };
  return {
    info: (message) => emit('info', message),
    warn: (message) => emit('warn', message),
    error: (message) => emit('error', message),
    debug: (message) => emit('debug', message),
  };
}

/** For embedding: says nothing. */
export const SILENT_LOG: Log = {
  info: () => {},
  warn: () => {},
  error: () => {},
  debug: () => {},
};
