import { RANKS, type Log, type LogLevel } from '../lib/log.js'
import { UsageError } from './command-line.js'

export interface ReloadedLevel {
  current: () => LogLevel
  /** Reads it again. What cannot be used is logged, and the old level stays. */
  reload: (log: Log) => void
}

/** A level that can be read again; `read` throws a UsageError where that cannot be. */
export const createReloadedLevel = (level: LogLevel, read: () => LogLevel): ReloadedLevel => ({
  current: () => level,
  reload: (log) => {
    const next = readOrTell(read, log)
    if (next === undefined || next === level) return
    const change = { event: 'log_level_changed', from: level, to: next } as const
    // Told under the one that has more.
    const isWider = RANKS[next] < RANKS[level]
    if (isWider) level = next
    log(change)
    level = next
  },
})

/** What can be read again; `undefined`, and a line in the log, where it is not right. */
export const readOrTell = <T>(read: () => T, log: Log): T | undefined => {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    log({ event: 'config_reload_failed', cause: error.lines.join('; ') })
    return undefined
  }
}
