import type { ThrottleStore } from '../throttle/throttle-store.js'
import { toText } from './held-text.js'
import type { PostgresRunner } from './postgres-runner.js'

/** Attempts in PostgreSQL: a row for each key, in a table that a crash of the server empties. */
export const createPostgresThrottle = ({ rows }: PostgresRunner): ThrottleStore => ({
  count: async (key, windowMs) => {
    const [row] = await rows(
      'select counted, reset_ms from passport_gateway.count_attempt($1, $2)',
      toText(key),
      windowMs,
    )
    return { count: Number(row?.['counted']), resetMs: Number(row?.['reset_ms']) }
  },
})
