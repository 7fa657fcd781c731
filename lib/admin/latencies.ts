/** Durations of the recent past, of which only so much is kept as percentiles need. */
export interface Latencies {
  observe(ms: number): void
  /** The duration that this share of them did not exceed, a tenth too long at most; `null` for none. */
  quantile(share: number): number | null
  /** How many there were in each of the buckets, which are the same in every process. */
  counts(): Float64Array
  /** Adds what `counts` of others says. */
  add(counts: Float64Array): void
  clear(): void
}

export const createLatencies = (): Latencies => {
  const counts = new Float64Array(BUCKETS)
  let count = 0
  return {
    observe: (ms) => {
      count++
      const place = Math.ceil(Math.log2(ms / LEAST_MS) * STEPS)
      const i = Math.min(Math.max(0, place), BUCKETS - 1)
      counts[i] = (counts[i] as number) + 1
    },
    quantile: (share) => {
      if (count === 0) return null
      let left = share * count
      const i = counts.findIndex((inBucket) => (left -= inBucket) <= 0)
      return LEAST_MS * 2 ** (i / STEPS)
    },
    counts: () => counts.slice(),
    add: (others) => {
      for (const [i, inBucket] of others.entries()) {
        counts[i] = (counts[i] as number) + inBucket // there are as many
        count += inBucket
      }
    },
    clear: () => {
      counts.fill(0)
      count = 0
    },
  }
}

const LEAST_MS = 0.05
// To each doubling of a duration.
const STEPS = 8
const BUCKETS = 24 * STEPS
