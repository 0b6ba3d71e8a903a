/**
 * The chain's clock under development controls. Untouched it says nothing, and blocks get the time
 * they would get anyway. Unit: Unix seconds.
 */
import { CodedError } from '../../primitives/errors.ts';
import { tai64ToUnix, unixSecondsToTai64 } from '../../primitives/tai64.ts';
import type { Tai64 } from '../../primitives/types.ts';

/** Largest time that can be set: year 9999. */
export const UNIX_SECONDS_MAX = 253_402_300_799;

/** Everything that a snapshot keeps of a clock. */
export type ClockState = {
  /** What is added to the machine's clock; null: the clock was never touched. Unit: ms. */
  readonly offsetMs: number | null;
  /** Where a frozen clock stands. Unit: Unix ms. */
  readonly frozenAtMs: number | null;
  /** The next block gets exactly this time. */
  readonly exact: number | null;
};

const UNTOUCHED: ClockState = { offsetMs: null, frozenAtMs: null, exact: null };

export class DevClock {
  readonly #machineMs: () => number;
  #state: ClockState = UNTOUCHED;

  constructor(machineMs: () => number) {
    this.#machineMs = machineMs;
  }

  state(): ClockState {
    return this.#state;
  }
  restore(state: ClockState): void {
    this.#state = state;
  }

  /** Unix seconds, whole. */
  now(): number {
    return Math.floor(this.#nowMs() / 1000);
  }

  /** What a dry run sees; null: the clock was never touched. */
  peek(latest: Tai64): Tai64 | null {
    if (this.#state.offsetMs === null) return null;
    const told = unixSecondsToTai64(this.#state.exact ?? this.now());
    return told > latest ? told : latest;
  }

  /** Time for a block on top of one of `latest`; null: the clock was never touched. */
  next(latest: Tai64): Tai64 | null {
    const told = this.peek(latest);
    if (this.#state.exact !== null) this.#state = { ...this.#state, exact: null };
    return told;
  }

  /**
   * The next block gets this time, and the clock goes on from it.
   * @throws CodedError DEV_TIME
   */
  set(unixSeconds: number, latest: Tai64): void {
    checkSeconds(unixSeconds, latest);
    const { frozenAtMs } = this.#state;
    this.#state = {
      offsetMs: unixSeconds * 1000 - this.#machineMs(),
      frozenAtMs: frozenAtMs === null ? null : unixSeconds * 1000,
      exact: unixSeconds,
    };
  }

  /** @throws CodedError DEV_TIME */
  advance(seconds: number, latest: Tai64): void {
    if (!Number.isSafeInteger(seconds) || seconds < 0) {
      throw new CodedError('DEV_TIME', 'seconds is a whole number from 0: time only goes forward');
    }
    const from = this.#state.exact ?? Math.max(this.now(), Number(tai64ToUnix(latest)));
    this.set(from + seconds, latest);
  }

  /** Stops or starts the clock; it goes on from where it stood. */
  freeze(on: boolean): void {
    const nowMs = this.#nowMs();
    this.#state = {
      ...this.#state,
      offsetMs: nowMs - this.#machineMs(),
      frozenAtMs: on ? nowMs : null,
    };
  }

  /** A block was given a time of its own: the clock does not stay behind it. */
  reached(time: Tai64): void {
    const unixMs = Number(tai64ToUnix(time)) * 1000;
    if (this.#state.offsetMs === null || unixMs <= this.#nowMs()) return;
    this.#state = {
      ...this.#state,
      offsetMs: unixMs - this.#machineMs(),
      frozenAtMs: this.#state.frozenAtMs === null ? null : unixMs,
    };
  }

  #nowMs(): number {
    const { frozenAtMs, offsetMs } = this.#state;
    return frozenAtMs ?? this.#machineMs() + (offsetMs ?? 0);
  }
}

function checkSeconds(unixSeconds: number, latest: Tai64): void {
  if (!Number.isSafeInteger(unixSeconds) || unixSeconds < 0 || unixSeconds > UNIX_SECONDS_MAX) {
    throw new CodedError(
      'DEV_TIME',
      `unixSeconds is a whole number from 0 to ${UNIX_SECONDS_MAX} (seconds, not milliseconds)`,
    );
  }
  const floor = Number(tai64ToUnix(latest));
  if (unixSeconds >= floor) return;
  throw new CodedError(
    'DEV_TIME',
    `time does not go back: the newest block has ${floor}, so set ${floor} or later`,
    { floor },
  );
}
