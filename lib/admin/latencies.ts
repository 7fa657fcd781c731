/** Durations of the recent past, of which only so much is kept as percentiles need. */
export interface Latencies {
  observe(ms: number): void
  /** The duration that this share of them did not exceed, a tenth too long at most; `null` for none. */
  quantile(share: number): number | null
  /** How many there were in each of the buckets, which are the same in every process; empty for none. */
  counts(): Float64Array
  /** Adds what `counts` of others says. */
  add(counts: Float64Array): void
  clear(): void
}

export const createLatencies = (): Latencies => {
  // Most of a thousand targets are not asked in a second, and need none.
  let counts = NO_COUNTS
  let count = 0
  const add = (more: number, i: number): void => {
    if (counts === NO_COUNTS) counts = new Float64Array(BUCKETS)
    counts[i] = (counts[i] as number) + more // there are as many
    count += more
  }
  return {
    observe: (ms) => {
      const place = Math.ceil(Math.log2(ms / LEAST_MS) * STEPS)
      add(1, Math.min(Math.max(0, place), BUCKETS - 1))
    },
    quantile: (share) => {
      if (count === 0) return null
      let left = share * count
      const i = counts.findIndex((inBucket) => (left -= inBucket) <= 0)
      return LEAST_MS * 2 ** (i / STEPS)
    },
    counts: () => (count === 0 ? NO_COUNTS : counts.slice()),
    add: (others) => {
      for (const [i, inBucket] of others.entries()) add(inBucket, i)
    },
    clear: () => {
      if (count === 0) return
      counts.fill(0)
      count = 0
    },
  }
}

const LEAST_MS = 0.05
// To each doubling of a duration.
const STEPS = 8
const BUCKETS = 24 * STEPS
const NO_COUNTS = new Float64Array(0)
