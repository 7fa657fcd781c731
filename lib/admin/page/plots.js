import { byId, setText } from './elements.js'
import { milliseconds, rate } from './figures.js'
import { createPlot } from './plot.js'
import { linearScale, logScale } from './plot-scale.js'

/** @import { Snapshot } from './contract.d.ts' */

const CLASSES = ['2xx', '3xx', '4xx', '5xx']

/** @param {Snapshot} snapshot */
const others = ({ requests }) =>
  Object.entries(requests.by_status).reduce(
    (sum, [name, value]) => (CLASSES.includes(name) ? sum : sum + value),
    0,
  )

/** @param {string} name */
const ofClass = (name) => ({
  id: `s${name}`,
  label: name,
  valueOf: (/** @type {Snapshot} */ { requests }) => requests.by_status[name] ?? 0,
})

/**
 * The two plots on top.
 * @returns {(snapshots: readonly Snapshot[]) => void}
 */
export const createPlots = () => {
  const drawRequests = createPlot({
    id: 'requests-plot',
    title: 'Requests per second by status',
    isStacked: true,
    format: rate,
    formatTick: String,
    scaleFor: (values) => linearScale(Math.max(0, ...values)),
    series: [
      ofClass('2xx'),
      ofClass('3xx'),
      { id: 'other', label: 'other', valueOf: others },
      ofClass('4xx'),
      ofClass('5xx'),
    ],
  })
  const drawLatency = createPlot({
    id: 'latency-plot',
    title: 'Latency',
    isStacked: false,
    format: milliseconds,
    formatTick: (ms) => (ms >= 1000 ? `${ms / 1000} s` : `${Number(ms.toPrecision(1))} ms`),
    scaleFor: (values) => logScale(Math.min(...values, 1), Math.max(...values, 1)),
    series: [
      { id: 'p50', label: 'p50', valueOf: ({ requests }) => requests.p50_ms },
      { id: 'p95', label: 'p95', valueOf: ({ requests }) => requests.p95_ms },
      { id: 'p99', label: 'p99', valueOf: ({ requests }) => requests.p99_ms },
    ],
  })
  const total = byId('requests-total')
  const slowest = byId('latency-p99')

  return (snapshots) => {
    drawRequests(snapshots)
    drawLatency(snapshots)
    const newest = snapshots.at(-1)
    setText(total, rate(newest?.requests.per_second))
    setText(slowest, milliseconds(newest?.requests.p99_ms))
  }
}
