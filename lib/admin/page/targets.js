import { byId, element, icon, setText } from './elements.js'
import { figure, milliseconds, percent, rate } from './figures.js'
import { keyedRows } from './keyed-rows.js'

/** @import { Snapshot, Target } from './contract.d.ts' */

const STATES = /** @type {const} */ ({
  up: { shape: 'up', word: 'up' },
  down: { shape: 'down', word: 'down' },
  ejected: { shape: 'ejected', word: 'ejected' },
})

/** @type {ReadonlyArray<[string, string, (target: Target) => string]>} class, heading, text */
const FIGURES = [
  ['rate', 'Requests/s', ({ per_second }) => rate(per_second)],
  ['in-flight', 'In flight', ({ in_flight }) => figure(in_flight)],
  ['failures', 'Failures', ({ failures }) => figure(failures)],
  ['latency', 'p95', ({ p95_ms }) => milliseconds(p95_ms)],
]

/**
 * The services behind, and how they are.
 * @returns {(snapshot: Snapshot) => void}
 */
export const createTargets = () => {
  const summary = byId('targets-summary')
  const empty = byId('no-targets')
  const fill = keyedRows(
    byId('targets'),
    (/** @type {Target} */ { route, target }) => `${route} ${target}`,
    createRow,
  )
  return ({ targets }) => {
    fill(targets)
    empty.hidden = targets.length > 0
    const count = (/** @type {string} */ state) =>
      targets.filter((target) => target.state === state).length
    const parts = Object.entries(STATES).map(([state, { word }]) => `${count(state)} ${word}`)
    setText(summary, parts.filter((part, nth) => nth === 0 || !part.startsWith('0 ')).join(' · '))
  }
}

/** @param {Target} target */
const createRow = ({ route, target }) => {
  const state = cell('state', 'State')
  const bar = element('span', { class: 'bar', 'aria-hidden': 'true' })
  const share = element('span', { class: 'value' })
  const cells = FIGURES.map(([name, heading]) => cell(`number ${name}`, heading))
  const [perSecond, ...others] = cells
  const node = element(
    'tr',
    { role: 'row' },
    state,
    cell('route', 'Route', route),
    cell('target', 'Target', target),
    perSecond ?? '',
    cell('number share', 'Share', bar, share),
    ...others,
  )
  return {
    node,
    update: (/** @type {Target} */ now) => {
      if (node.dataset['state'] !== now.state) {
        node.dataset['state'] = now.state
        const { shape, word } = STATES[now.state] ?? { shape: 'waiting', word: now.state }
        state.replaceChildren(icon(shape), word)
      }
      FIGURES.forEach(([, , textOf], nth) => setText(/** @type {Node} */ (cells[nth]), textOf(now)))
      setText(share, percent(now.share))
      bar.style.setProperty('--part', String(Math.min(1, Math.max(0, now.share || 0))))
      node.classList.toggle('has-failures', now.failures > 0)
    },
  }
}

/**
 * A cell that tells its column where there is no room for a head.
 * @param {string} name
 * @param {string} heading
 * @param {...(Node | string)} children
 */
const cell = (name, heading, ...children) =>
  element('td', { class: name, role: 'cell', 'data-heading': heading }, ...children)
