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
  previous: Entry | undefined
  next: Entry | undefined
}

export const createDeadlines = (clock: Clock): Deadlines => {
  let first: Entry | undefined
  let size = 0
  let timer: NodeJS.Timeout | undefined

  const add = (entry: Entry): void => {
    size++
    if (first) first.previous = entry
    first = entry
    timer ??= setInterval(sweep, TICK_MS).unref()
  }

  const remove = (entry: Entry): boolean => {
    const { previous, next } = entry
    if (first !== entry && !previous) return false
    if (previous) previous.next = next
    else first = next
    if (next) next.previous = previous
    // A dead entry that points to others would keep them in memory until the next full collection.
    entry.previous = entry.next = undefined
    size--
    return true
  }

  const sweep = (): void => {
    const nowMs = clock.monotonic()
    const due: Entry[] = []
    for (let entry = first; entry; entry = entry.next) if (entry.dueMs <= nowMs) due.push(entry)
    // One that expires may clear another.
    for (const entry of due) if (remove(entry)) entry.onExpired()
    if (size > 0) return
    clearInterval(timer)
    timer = undefined
  }

  return {
    start: (ms, onExpired) => {
      const dueMs = clock.monotonic() + ms
      const entry: Entry = { dueMs, onExpired, previous: undefined, next: first }
      add(entry)
      return {
        touch: (newMs) => {
          entry.dueMs = clock.monotonic() + newMs
        },
        clear: () => void remove(entry),
      }
    },
    get size() {
      return size
    },
  }
}

const TICK_MS = 100
