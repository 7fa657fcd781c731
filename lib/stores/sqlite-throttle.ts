import type { Attempts } from '../throttle/throttle-store.js'
import { toText } from './held-text.js'
import type { SqliteHandle } from './sqlite-handle.js'

const SWEEP_ROWS = 4

/** What is done for attempts, within a transaction that somebody else opens. */
export const createSqliteThrottle = (handle: SqliteHandle, nowMs: () => number) => ({
  count: (key: string, windowMs: number): Attempts => {
    const atMs = nowMs()
    // A window that ends later than a new one would was begun by a clock that has been set back.
    const row = handle.get(
      `insert into throttle (key, attempts, ends_at_ms) values (?1, 1, ?2 + ?3)
      on conflict (key) do update set
        attempts = case when ends_at_ms > ?2 and ends_at_ms <= ?2 + ?3 then attempts + 1 else 1 end,
        ends_at_ms = case when ends_at_ms > ?2 and ends_at_ms <= ?2 + ?3 then ends_at_ms
          else ?2 + ?3 end
      returning attempts, ends_at_ms`,
      toText(key),
      atMs,
      windowMs,
    )
    handle.run(
      `delete from throttle where key in (select key from throttle
        where ends_at_ms <= ? order by ends_at_ms limit ?)`,
      atMs,
      SWEEP_ROWS,
    )
    return { count: Number(row?.['attempts']), resetMs: Number(row?.['ends_at_ms']) - atMs }
  },
})
