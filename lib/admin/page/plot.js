import { byId, drawn } from './elements.js'
import { timeOfDay } from './figures.js'
import { createLegend } from './plot-legend.js'
import { onPoint, pointAt } from './plot-cursor.js'
import { areaPath, linePath, stretches } from './plot-paths.js'
import { createPlotTable } from './plot-table.js'
import { WINDOW_MS } from './recent.js'

/** @import { Snapshot } from './contract.d.ts' */

/**
 * @typedef {object} Series
 * @property {string} id its class is `series-<id>`
 * @property {string} label
 * @property {(snapshot: Snapshot) => number | null} valueOf
 */

/**
 * @typedef {object} PlotOptions
 * @property {string} id of the figure in `page.html`
 * @property {string} title
 * @property {readonly Series[]} series the lowest first
 * @property {boolean} isStacked
 * @property {(value: number | null) => string} format
 * @property {(tick: number) => string} formatTick
 * @property {(values: number[]) => import('./plot-scale.js').Scale} scaleFor
 */

/**
 * A plot of the last five minutes, with its legend and its table.
 * @param {PlotOptions} options
 * @returns {(snapshots: readonly Snapshot[]) => void} draws it
 */
export const createPlot = (options) => {
  const { id, title, series, isStacked, format, formatTick, scaleFor } = options
  const figure = byId(id)
  const grid = drawn('g', { class: 'grid' })
  const marks = drawn('g', { class: 'marks' })
  const kind = isStacked ? 'area' : 'line'
  const paths = series.map((one) => drawn('path', { class: `${kind} series-${one.id}` }))
  marks.append(...paths)
  const cursor = drawn('line', { class: 'cursor', visibility: 'hidden' })
  const picture = drawn('svg', { class: 'plot', role: 'img' }, grid, marks, cursor)
  const legend = createLegend(options)
  const table = createPlotTable(options)
  figure.append(legend.node, picture, table.node)

  /** @type {readonly Snapshot[]} */
  let shown = []
  /** @type {number | undefined} */
  let cursorMs
  let width = 0

  /** @param {number} atMs */
  const xOf = (atMs) => {
    const ageMs = (shown.at(-1)?.at ?? atMs) - atMs
    return LEFT + (1 - ageMs / WINDOW_MS) * (width - LEFT - RIGHT)
  }

  const drawGrid = (/** @type {import('./plot-scale.js').Scale} */ scale) => {
    const nodes = scale.ticks.flatMap((tick) => {
      const y = yOf(scale.height(tick))
      return [
        drawn('line', { x1: LEFT, x2: width - RIGHT, y1: y, y2: y }),
        drawn('text', { x: LEFT - 6, y: y + 3.5, 'text-anchor': 'end' }, formatTick(tick)),
      ]
    })
    const newest = shown.at(-1)?.at ?? 0
    for (let minutes = 0; minutes <= 5; minutes += width < NARROW ? 2 : 1) {
      const x = xOf(newest - minutes * 60_000)
      const anchor = minutes === 0 ? 'end' : minutes === 5 ? 'start' : 'middle'
      const text = minutes === 0 ? 'now' : `−${minutes} min`
      nodes.push(drawn('text', { x, y: HEIGHT - 4, 'text-anchor': anchor }, text))
    }
    grid.replaceChildren(...nodes)
  }

  const drawMarks = () => {
    const values = shown.map((snapshot) => series.map(({ valueOf }) => valueOf(snapshot)))
    const sum = (/** @type {Array<number | null>} */ row) =>
      row.reduce((a, b) => Number(a) + Number(b), 0)
    const all = isStacked ? values.map(sum) : values.flat()
    const scale = scaleFor(all.filter((value) => value !== null))
    drawGrid(scale)
    series.forEach((_, nth) => {
      const parts = stretches(shown, ({ at }, index) => {
        const row = values[index] ?? []
        const value = row[nth] ?? null
        if (value === null) return null
        const below = isStacked ? (sum(row.slice(0, nth)) ?? 0) : 0
        const [low, high] = [yOf(scale.height(below)), yOf(scale.height(below + value))]
        return { x: xOf(at), low, high }
      })
      paths[nth]?.setAttribute('d', isStacked ? areaPath(parts) : linePath(parts))
    })
  }

  const readAtCursor = () => {
    const at = shown.findLast((snapshot) => cursorMs === undefined || snapshot.at <= cursorMs)
    cursor.setAttribute('visibility', cursorMs !== undefined && at ? 'visible' : 'hidden')
    if (!at) return
    for (const name of ['x1', 'x2']) cursor.setAttribute(name, String(xOf(at.at)))
    legend.show(at, cursorMs === undefined ? 'now' : `at ${timeOfDay(at.at)}`)
  }

  const draw = () => {
    width = figure.clientWidth
    if (width === 0) return
    const box = `0 0 ${width} ${HEIGHT}`
    if (picture.getAttribute('viewBox') !== box) picture.setAttribute('viewBox', box)
    cursor.setAttribute('y1', String(TOP))
    cursor.setAttribute('y2', String(HEIGHT - BOTTOM))
    drawMarks()
    readAtCursor()
    const newest = shown.at(-1)
    const said = newest ? series.map((one) => `${one.label} ${format(one.valueOf(newest))}`) : []
    picture.setAttribute('aria-label', `${title}, the last five minutes. Now: ${said.join(', ')}.`)
    table.show(shown)
  }

  picture.addEventListener('pointermove', (event) => {
    const box = picture.getBoundingClientRect()
    const share = (event.clientX - box.left - LEFT) / (box.width - LEFT - RIGHT)
    const newest = shown.at(-1)?.at ?? 0
    const isInside = share >= 0 && share <= 1
    pointAt(isInside ? newest - (1 - share) * WINDOW_MS : undefined)
  })
  picture.addEventListener('pointerleave', () => pointAt(undefined))
  onPoint((atMs) => {
    cursorMs = atMs
    readAtCursor()
  })
  new ResizeObserver(draw).observe(figure)

  return (snapshots) => {
    shown = snapshots
    draw()
  }
}

const HEIGHT = 190
/** Less has no room for each minute. */
const NARROW = 420
const [TOP, RIGHT, BOTTOM, LEFT] = [8, 6, 22, 46]

/** @param {number} share */
const yOf = (share) => TOP + (1 - share) * (HEIGHT - TOP - BOTTOM)
