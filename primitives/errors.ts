/** Scalars only: a context crosses threads and goes into logs. */
export type ErrorContext = Readonly<Record<string, string | number | bigint | boolean>>;

/**
 * An operating error: the world failed, or a caller gave bad input. The code is API: it goes
 * unchanged into GraphQL `extensions.code`, the CLI's exit text, logs and metric labels. The
 * message says what to do and may change.
 */
export class CodedError extends Error {
  readonly code: string;
  readonly context: ErrorContext;

  constructor(code: string, message: string, context: ErrorContext = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'CodedError';
    this.code = code;
    this.context = context;
  }
}

/** A broken invariant: a bug of ours. Stays on in production. */
export class AssertionError extends Error {
  constructor(why: string) {
    super(`assertion failed: ${why}`);
    this.name = 'AssertionError';
  }
}

/** @throws AssertionError when `condition` is false. */
export function assert(condition: unknown, why: string): asserts condition {
  if (!condition) throw new AssertionError(why);
}

/** Closes a `switch` over a union. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable value ${String(value)}`);
}
