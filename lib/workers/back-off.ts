/** How long to wait until something that ended is started again. */
export interface BackOff {
  /** @param livedMs for how long the last one lived, in milliseconds */
  nextMs(livedMs: number): number
}

/**
 * Not at all the first time, then a second, and twice as long each time after, half a minute at most; from
 * the begin again once one has lived for a minute.
 */
export const createBackOff = (): BackOff => {
  let next = 0
  return {
    nextMs: (livedMs) => {
      if (livedMs >= CALM_MS) next = 0
      const ms = next
      next = Math.min(Math.max(FIRST_MS, 2 * ms), MOST_MS)
      return ms
    },
  }
}

const FIRST_MS = 1_000
const MOST_MS = 30_000
const CALM_MS = 60_000
