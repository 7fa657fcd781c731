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
  /** Whether it gets none as long as others can take them. */
  isOut(): boolean
  /** Notes that it gets a request; whether that is its trial, of which there is one at a time. */
  begin(): boolean
  /** Notes that the trial came to nothing. */
  abandonTrial(): void
  /** Whether it is ejected now. */
  isEjected(): boolean
  /** Whether the last that it did was good. */
  didWell(): boolean
  succeeded(): void
  failed(): void
}

/** Keeps the records of a service's targets, `count` of them. */
export interface Ejection {
  /** `onEjected` is called when the target is ejected, with for how long in milliseconds. */
  createRecord(onEjected: (forMs: number) => void): TargetRecord
}

/**
 * Passive outlier ejection: a target that fails several times in a row gets no requests for a while,
 * and then another chance, with one request at a time; one more failure sends it out again, for twice
 * as long. The cap protects against requests that fail everywhere: of few targets, one always stays.
 * One that only the cap spares is avoided too, for `baseMs` at a time.
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
    let ejectedUntilMs = -Infinity
    let sparedUntilMs = -Infinity
    let isOnTrial = false
    let isTried = false

    const isBefore = (untilMs: number): boolean =>
      untilMs !== -Infinity && clock.monotonic() < untilMs

    const eject = (nowMs: number): void => {
      forMs = Math.min(forMs === 0 ? baseMs : forMs * 2, longestMs)
      ejectedUntilMs = nowMs + forMs
      onEjected(forMs)
    }

    const record: TargetRecord = {
      isOut: () => isBefore(ejectedUntilMs) || isBefore(sparedUntilMs) || (isOnTrial && isTried),
      begin: () => {
        if (!isOnTrial || isTried) return false
        isTried = true
        return true
      },
      abandonTrial: () => {
        isTried = false
      },
      isEjected: () => isBefore(ejectedUntilMs),
      didWell: () => inARow === 0,
      succeeded: () => {
        inARow = 0
        isOnTrial = false
        isTried = false
        sparedUntilMs = -Infinity
        // Only one that has been well for as long as it was out begins anew.
        if (forMs > 0 && clock.monotonic() >= ejectedUntilMs + forMs) forMs = 0
      },
      failed: () => {
        inARow++
        const isEnough = inARow >= failures || isOnTrial
        if (!isEnough || record.isEjected()) return
        isOnTrial = true
        isTried = false
        const nowMs = clock.monotonic()
        if (records.filter((one) => one.isEjected()).length < most) eject(nowMs)
        else sparedUntilMs = nowMs + baseMs
      },
    }
    records.push(record)
    return record
  }

  return { createRecord }
}
