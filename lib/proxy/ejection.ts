import type { Clock } from '../clock.js'

export interface EjectionOptions {
  /** Failures in a row after which a target is left out. */
  failures: number
  /** For how long the first time, in milliseconds; each time after that twice as long. */
  baseMs: number
  /** For how long at most, in milliseconds. */
  longestMs: number
  /** The most of a service's targets that may be out at once, in percent. */
  maxPercent: number
}

/** What is known of one target from the requests that it got. */
export interface TargetRecord {
  /** Whether it is left out now. */
  isOut(): boolean
  succeeded(): void
  failed(): void
}

/** Keeps the records of a service's targets, `count` of them. */
export interface Ejection {
  /** `onEjected` is called when the target is left out, with for how long in milliseconds. */
  createRecord(onEjected: (forMs: number) => void): TargetRecord
}

/**
 * Passive outlier ejection: a target that fails several times in a row gets no requests for a while,
 * and then another chance; one more failure sends it out again, for twice as long. The cap protects
 * against requests that fail everywhere: of few targets, one always stays.
 */
export const createEjection = (
  clock: Clock,
  count: number,
  { failures, baseMs, longestMs, maxPercent }: EjectionOptions,
): Ejection => {
  const most = Math.min(Math.floor((count * maxPercent) / 100), count - 1)
  const records: TargetRecord[] = []

  const createRecord = (onEjected: (forMs: number) => void): TargetRecord => {
    let inARow = 0
    let forMs = 0
    let outUntilMs = -Infinity

    const eject = (nowMs: number): void => {
      forMs = forMs === 0 ? baseMs : Math.min(forMs * 2, longestMs)
      outUntilMs = nowMs + forMs
      inARow = failures - 1
      onEjected(forMs)
    }

    const record: TargetRecord = {
      isOut: () => outUntilMs !== -Infinity && clock.monotonic() < outUntilMs,
      succeeded: () => {
        inARow = 0
        // Only one that has been well for as long as it was out begins anew.
        if (forMs > 0 && clock.monotonic() >= outUntilMs + forMs) forMs = 0
      },
      failed: () => {
        inARow++
        if (inARow < failures || record.isOut()) return
        if (records.filter((one) => one.isOut()).length < most) eject(clock.monotonic())
      },
    }
    records.push(record)
    return record
  }

  return { createRecord }
}
