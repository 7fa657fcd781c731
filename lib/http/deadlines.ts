import type { Clock } from '../clock.js'

/** One thing that must happen in time. */
export interface Deadline {
  /** Starts its time anew, with a limit of `ms` milliseconds. */
  touch(ms: number): void
  /** Nothing is due any more. */
  clear(): void
}

/** Many deadlines on one timer: setting and moving one costs no timer of its own, and waiting nothing. */
export interface Deadlines {
  /** Calls `onExpired` once when `ms` milliseconds pass without a `touch`, at most 100 ms late. */
  start(ms: number, onExpired: () => void): Deadline
  /** How many are running. */
  readonly size: number
}

/** Where entries are kept. */
interface Wheel {
  nowMs(): number
  link(entry: Entry, nowMs: number): void
  unlink(entry: Entry): void
  remove(entry: Entry): void
}

class Entry implements Deadline {
  /** The tick at which it is looked at next: that of `dueMs`, or an earlier one. */
  tick = 0
  isRunning = true
  previous: Entry | undefined = undefined
  next: Entry | undefined = undefined
  dueMs: number
  readonly onExpired: () => void
  readonly #wheel: Wheel

  constructor(wheel: Wheel, dueMs: number, onExpired: () => void) {
    this.#wheel = wheel
    this.dueMs = dueMs
    this.onExpired = onExpired
  }

  touch(ms: number): void {
    const nowMs = this.#wheel.nowMs()
    this.dueMs = nowMs + ms
    if (!this.isRunning || tickOf(this.dueMs) >= this.tick) return
    this.#wheel.unlink(this)
    this.#wheel.link(this, nowMs)
  }

  clear(): void {
    if (this.isRunning) this.#wheel.remove(this)
  }
}

/**
 * A timer wheel: each tick looks only at the entries in its slot. A deadline that is moved to a
 * later time stays where it is until its slot comes up, so moving one is a mere assignment.
 */
export const createDeadlines = (clock: Clock): Deadlines => {
  const slots = Array.from<Entry | undefined>({ length: SLOTS })
  let size = 0
  let sweptTick = 0
  let tickedMs = 0
  let timer: NodeJS.Timeout | undefined

  const link = (entry: Entry, nowMs: number): void => {
    const furthest = tickOf(nowMs) + SLOTS - 1
    entry.tick = Math.min(tickOf(entry.dueMs), furthest)
    const slot = entry.tick % SLOTS
    const first = slots[slot]
    entry.next = first
    if (first) first.previous = entry
    slots[slot] = entry
  }

  const unlink = (entry: Entry): void => {
    const { previous, next } = entry
    if (previous) previous.next = next
    else slots[entry.tick % SLOTS] = next
    if (next) next.previous = previous
    // A dead entry that points to others would keep them in memory until the next full collection.
    entry.previous = entry.next = undefined
  }

  const remove = (entry: Entry): void => {
    entry.isRunning = false
    unlink(entry)
    size--
  }

  const wheel: Wheel = { nowMs: () => clock.monotonic(), link, unlink, remove }

  const collectDue = (nowMs: number): Entry[] => {
    const nowTick = tickOf(nowMs)
    const due: Entry[] = []
    for (let tick = Math.max(sweptTick, nowTick - SLOTS + 1); tick <= nowTick; tick++) {
      let next: Entry | undefined
      for (let entry = slots[tick % SLOTS]; entry; entry = next) {
        next = entry.next
        if (entry.dueMs <= nowMs) due.push(entry)
        else if (tickOf(entry.dueMs) > tick) {
          unlink(entry)
          link(entry, nowMs)
        }
      }
    }
    sweptTick = nowTick
    return due
  }

  // A process that stood still must first read what has come meanwhile: deadlines are not for that.
  const tick = (): void => {
    const nowMs = clock.monotonic()
    const isLate = nowMs - tickedMs > LATE_MS
    tickedMs = nowMs
    if (isLate) setImmediate(sweep)
    else sweep()
  }

  const sweep = (): void => {
    for (const entry of collectDue(clock.monotonic())) {
      if (!entry.isRunning) continue // another that expired has cleared it
      remove(entry)
      entry.onExpired()
    }
    if (size > 0) return
    clearInterval(timer)
    timer = undefined
  }

  return {
    start: (ms, onExpired) => {
      const nowMs = clock.monotonic()
      const entry = new Entry(wheel, nowMs + ms, onExpired)
      if (!timer) {
        sweptTick = tickOf(nowMs)
        tickedMs = nowMs
        timer = setInterval(tick, TICK_MS).unref()
      }
      size++
      link(entry, nowMs)
      return entry
    },
    get size() {
      return size
    },
  }
}

const TICK_MS = 100
const SLOTS = 512
const LATE_MS = 5 * TICK_MS

const tickOf = (ms: number): number => Math.floor(ms / TICK_MS)
