import type { Clock } from '../clock.js'

/** One thing that must happen in time. */
export interface Deadline {
  /** Starts its time anew, with a limit of `ms` milliseconds. */
  touch(ms: number): void
  /** Nothing is due any more. */
  clear(): void
}

/** Many deadlines on one coarse timer: setting and moving one costs no timer of its own. */
export interface Deadlines {
  /** Calls `onExpired` once when `ms` milliseconds pass without a `touch`, at most 100 ms late. */
  start(ms: number, onExpired: () => void): Deadline
  /** How many are running. */
  readonly size: number
}

interface Entry {
  dueMs: number
  onExpired: () => void
}

export const createDeadlines = (clock: Clock): Deadlines => {
  const entries = new Set<Entry>()
  let timer: NodeJS.Timeout | undefined

  const sweep = (): void => {
    const nowMs = clock.monotonic()
    for (const entry of entries) {
      if (entry.dueMs > nowMs) continue
      entries.delete(entry)
      entry.onExpired()
    }
    if (entries.size > 0) return
    clearInterval(timer)
    timer = undefined
  }

  return {
    start: (ms, onExpired) => {
      const entry: Entry = { dueMs: clock.monotonic() + ms, onExpired }
      entries.add(entry)
      timer ??= setInterval(sweep, TICK_MS).unref()
      return {
        touch: (newMs) => {
          entry.dueMs = clock.monotonic() + newMs
        },
        clear: () => void entries.delete(entry),
      }
    },
    get size() {
      return entries.size
    },
  }
}

const TICK_MS = 100
