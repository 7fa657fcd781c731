// Work by a schedule, not by answers: what is slow to be answered holds up nothing else.
import { setTimeout as sleep } from 'node:timers/promises'

const never = () => false

/** Calls `launch` so many times a second, with the moment that each is due at; until it `isOver` before its time. */
export const bySchedule = async ({ seconds, ratePerSecond, isOver = never }, launch) => {
  const startMs = performance.now()
  const count = Math.round(seconds * ratePerSecond)
  for (let sent = 0; sent < count && !isOver(); await sleep(1)) {
    const nowMs = performance.now()
    const due = () => startMs + (sent * 1_000) / ratePerSecond
    for (let dueMs; sent < count && (dueMs = due()) <= nowMs; sent++) launch(dueMs)
  }
}
