/** How long the event loop lets what is due wait. */
export interface LoopDelay {
  /** A smoothed figure of the recent past, in milliseconds. */
  measure: () => number
  /** The figure of the last measurement. */
  readonly latestMs: number
  start(): void
  stop(): void
}

/** Not yet started. */
export const createLoopDelay = (longestMs: number): LoopDelay => {
  let dueMs = 0
  let lateMs = 0
  let figureMs = 0
  let timer: NodeJS.Timeout | undefined

  // The histogram of node says nothing of a delay in which it was reset.
  const tick = (): void => {
    const nowMs = performance.now()
    lateMs = Math.max(lateMs, nowMs - dueMs)
    dueMs = nowMs + TICK_MS
  }

  const next = smooth(() => {
    const ms = lateMs
    lateMs = 0
    return ms
  }, longestMs)

  return {
    measure: () => (figureMs = next()),
    get latestMs() {
      return figureMs
    },
    start: () => {
      dueMs = performance.now() + TICK_MS
      timer = setInterval(tick, TICK_MS).unref()
    },
    stop: () => clearInterval(timer),
  }
}

const TICK_MS = 50

/**
 * The average of what is measured, in which a sample counts for less with each that follows. One counts
 * for `longest` at most: a process that stood still once is not overloaded.
 */
export const smooth = (measure: () => number, longest: number): (() => number) => {
  let average = 0
  return () => {
    average += (Math.min(measure(), longest) - average) * WEIGHT
    return average
  }
}

const WEIGHT = 0.3
