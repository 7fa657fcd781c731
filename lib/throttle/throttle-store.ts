/** How many attempts there were in a window of time. */
export interface Attempts {
  /** The one just counted included. */
  count: number
  /** Until the window ends, in milliseconds. */
  resetMs: number
}

/** Where attempts are counted. */
export interface ThrottleStore {
  /**
   * Counts an attempt under `key` in the window that runs for it; where none runs, one of `windowMs`
   * milliseconds begins. Atomic: no two attempts get the same count.
   */
  count(key: string, windowMs: number): Promise<Attempts>
}
