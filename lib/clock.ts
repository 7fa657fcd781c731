/** Where time comes from, so that a test can move it. */
export interface Clock {
  /** Wall-clock time in milliseconds since the Unix epoch. */
  now(): number
  /** Milliseconds since an arbitrary moment; never goes back. */
  monotonic(): number
  /** Resolves after `ms` milliseconds; does not keep a process alive. */
  sleep(ms: number): Promise<void>
}

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => void setTimeout(resolve, ms).unref()),
}

/** Whole seconds since the Unix epoch: a NumericDate (RFC 7519 Section 2). */
export const unixSeconds = (clock: Clock): number => Math.floor(clock.now() / 1000)
