import type { Clock } from '../clock.js'

/** What a store has not been told yet, because it was away. */
export interface Overdue {
  /** Tries `tell` until it succeeds, but not after `limitMs` milliseconds. */
  add(tell: () => Promise<void>, limitMs: number): void
}

/**
 * Tells a store later what it could not be told, one after another. Where too much is waiting, what
 * comes is forgotten: the store forgets by itself too, only later.
 */
export const createOverdue = (clock: Clock): Overdue => {
  const waiting = new Map<() => Promise<void>, number>()

  let isTelling = false

  const tellAll = async (): Promise<void> => {
    if (isTelling) return
    isTelling = true
    await clock.sleep(PAUSE_MS)
    for (const [tell, untilMs] of waiting) {
      // What fails goes last: it may be the only thing for which the store has no room.
      waiting.delete(tell)
      if (clock.monotonic() >= untilMs) continue
      const isTold = await tell().then(
        () => true,
        () => false,
      )
      if (isTold) continue
      waiting.set(tell, untilMs)
      await clock.sleep(PAUSE_MS)
    }
    isTelling = false
  }

  return {
    add: (tell, limitMs) => {
      if (waiting.size >= LIMIT_WAITING) return
      waiting.set(tell, clock.monotonic() + limitMs)
      void tellAll()
    },
  }
}

const LIMIT_WAITING = 1_000
const PAUSE_MS = 250
