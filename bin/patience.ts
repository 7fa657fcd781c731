import type { Clock } from '../lib/clock.js'
import { AdminFailure, type AdminClient } from './admin-client.js'
import { createPause } from './pause.js'

export interface PatienceOptions {
  clock: Clock
  /** Gives up what is under way, and the waiting. */
  signal: AbortSignal
  /** Is told once of each failure that is waited out. */
  tell: (line: string) => void
}

/**
 * Makes a call again while no gateway can be reached or it answers 503, after pauses that double, for
 * 30 seconds. For calls alone that may be made twice.
 */
export const withPatience = (
  call: AdminClient,
  { clock, signal, tell }: PatienceOptions,
): AdminClient => {
  const pause = createPause(clock, signal)

  const attempt = (
    given: Parameters<AdminClient>[0],
    pauseMs: number,
    endMs?: number,
  ): ReturnType<AdminClient> =>
    call({ ...given, signal }).catch(async (error: unknown) => {
      const isTransient = error instanceof AdminFailure && error.isTransient
      if (!isTransient || signal.aborted) throw error
      if (endMs === undefined) tell(`${error.message}; it is tried again for ${LIMIT_MS / 1000} s`)
      const nowMs = clock.monotonic()
      const end = endMs ?? nowMs + LIMIT_MS
      if (nowMs >= end) throw error
      await pause(Math.min(pauseMs, end - nowMs))
      return attempt(given, Math.min(2 * pauseMs, LONGEST_PAUSE_MS), end)
    })

  return (given) => attempt(given, FIRST_PAUSE_MS)
}

const LIMIT_MS = 30_000
const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 8_000
