/** Where time comes from. Logic takes it as an argument, so that a test can decide it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  nowMs(): number;
}

/** The clock of the machine. */
export function systemClock(): Clock {
  return { nowMs: () => Date.now() };
}
