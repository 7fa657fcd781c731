/** Where the levels of a resource begin. */
export interface Thresholds {
  softLimit: number
  /** At least `softLimit`. */
  hardLimit: number
}

/** How far one resource is used up. */
export interface Gauge {
  /** 0 as long as there is room, 1 from the soft limit on, 2 from the hard one on. */
  readonly level: number
  /** Takes a sample. */
  take(value: number): void
}

/**
 * A level begins with a sample that reaches its limit. It ends when several in a row are a tenth below:
 * one that ended at its limit would begin again with what it had kept away.
 */
export const createGauge = (thresholds: Thresholds): Gauge => {
  let level = 0
  let lowerSamples = 0
  return {
    get level() {
      return level
    },
    take: (value) => {
      const kept = Math.min(level, levelAt(value / RELEASE_SHARE, thresholds))
      const next = Math.max(levelAt(value, thresholds), kept)
      lowerSamples = next < level ? lowerSamples + 1 : 0
      if (next < level && lowerSamples < RELEASE_SAMPLES) return
      level = next
      lowerSamples = 0
    },
  }
}

const RELEASE_SHARE = 0.9
const RELEASE_SAMPLES = 4

const levelAt = (value: number, { softLimit, hardLimit }: Thresholds): number => {
  if (value >= hardLimit) return 2
  return value >= softLimit ? 1 : 0
}
