import { createLatencies } from '../../lib/admin/latencies.js'
import type { Sample } from '../../lib/admin/sample.js'

/** How often durations were, as samples have them. */
export const latenciesOf = (...ms: number[]): Float64Array => {
  const latencies = createLatencies()
  for (const one of ms) latencies.observe(one)
  return latencies.counts()
}

/** A sample of a process that does nothing, and holds a little. */
export const sampleOf = (changes: Partial<Sample> = {}): Sample => ({
  ready: {
    status: 'ready',
    checks: [
      { name: 'store', ready: true },
      { name: 'loop_delay', ready: true },
    ],
  },
  statuses: [],
  latencies: latenciesOf(),
  refusals: [],
  newest: [],
  targets: [],
  open: { connections: 3, requests: 2, streams: 1 },
  hashing: { waiting: 1, running: 1 },
  memory: { rss: 100, heap: 10 },
  loopDelayMs: 1,
  cpuShare: 0.25,
  overload: 0,
  ...changes,
})
