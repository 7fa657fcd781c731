import { byId, drawn, element, setText } from './elements.js'
import { figure, mebibytes, milliseconds, percent, rate } from './figures.js'
import { linePath, stretches } from './plot-paths.js'
import { WINDOW_MS } from './recent.js'

/** @import { Snapshot } from './contract.d.ts' */

/** @param {Snapshot} snapshot */
const refusedPerSecond = ({ refusals }) => refusals.reduce((sum, one) => sum + one.per_second, 0)

/**
 * @typedef {object} Resource
 * @property {string} label
 * @property {(snapshot: Snapshot) => number} valueOf
 * @property {(value: number) => string} format
 * @property {(snapshot: Snapshot) => string} aside
 */

/** @type {Resource[]} */
const RESOURCES = [
  {
    label: 'In flight',
    valueOf: ({ open }) => open.requests,
    format: figure,
    aside: () => 'requests',
  },
  {
    label: 'WebSockets',
    valueOf: ({ open }) => open.streams,
    format: figure,
    aside: () => 'open',
  },
  {
    label: 'Connections',
    valueOf: ({ open }) => open.connections,
    format: figure,
    aside: () => 'open',
  },
  {
    label: 'Refused',
    valueOf: refusedPerSecond,
    format: rate,
    aside: () => 'per second',
  },
  {
    label: 'Hash queue',
    valueOf: ({ hash_queue }) => hash_queue.waiting,
    format: figure,
    aside: ({ hash_queue }) => `waiting, ${hash_queue.running} running`,
  },
  {
    label: 'CPU',
    valueOf: ({ cpu_share }) => cpu_share,
    format: percent,
    aside: () => 'of one core',
  },
  {
    label: 'Event loop',
    valueOf: ({ loop_delay_ms }) => loop_delay_ms,
    format: milliseconds,
    aside: () => 'delay',
  },
  {
    label: 'Memory',
    valueOf: ({ memory }) => memory.rss_bytes,
    format: mebibytes,
    aside: ({ memory }) => `heap ${mebibytes(memory.heap_bytes)}`,
  },
]

/**
 * The small figures, each with its line of the last five minutes.
 * @returns {(snapshots: readonly Snapshot[]) => void}
 */
export const createResources = () => {
  const tiles = RESOURCES.map((resource) => {
    const value = element('span', { class: 'value' })
    const aside = element('span', { class: 'aside' })
    const area = drawn('path', { class: 'line' })
    const spark = drawn(
      'svg',
      {
        class: 'spark',
        viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
        preserveAspectRatio: 'none',
        'aria-hidden': 'true',
      },
      area,
    )
    const node = element('div', { class: 'tile' }, element('dt', {}, resource.label))
    node.append(element('dd', {}, value, ' ', aside, spark))
    return { resource, value, aside, area, node }
  })
  byId('resources').append(...tiles.map(({ node }) => node))

  return (snapshots) => {
    const newest = snapshots.at(-1)
    if (!newest) return
    for (const { resource, value, aside, area } of tiles) {
      setText(value, resource.format(resource.valueOf(newest)))
      setText(aside, resource.aside(newest))
      area.setAttribute('d', sparkPath(snapshots, newest.at, resource.valueOf))
    }
  }
}

const WIDTH = 120
const HEIGHT = 24

/**
 * From zero to the highest; what never moves from zero lies on the foot.
 * @param {readonly Snapshot[]} snapshots
 * @param {number} newestMs
 * @param {(snapshot: Snapshot) => number} valueOf
 */
const sparkPath = (snapshots, newestMs, valueOf) => {
  const most = Math.max(...snapshots.map(valueOf), Number.MIN_VALUE)
  return linePath(
    stretches(snapshots, (snapshot) => {
      const x = (1 - (newestMs - snapshot.at) / WINDOW_MS) * WIDTH
      const high = 1.5 + (1 - valueOf(snapshot) / most) * (HEIGHT - 3)
      return { x, low: HEIGHT, high }
    }),
  )
}
