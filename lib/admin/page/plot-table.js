import { element } from './elements.js'
import { timeOfDay } from './figures.js'

/** @import { Snapshot } from './contract.d.ts' */

/** One row for each ten seconds. */
const STEP = 10

/**
 * The same as a plot, for whoever cannot see it. Filled only while it is open.
 * @param {import('./plot.js').PlotOptions} options
 */
export const createPlotTable = ({ title, series, format }) => {
  const body = element('tbody')
  const heads = ['Time', ...series.map(({ label }) => label)]
  const row = element('tr', {}, ...heads.map((head) => element('th', { scope: 'col' }, head)))
  const table = element(
    'table',
    {},
    element('caption', { class: 'unseen' }, `${title}, every ten seconds, newest first`),
    element('thead', {}, row),
    body,
  )
  const pane = { class: 'pane', tabindex: '0', role: 'group', 'aria-label': `${title}, table` }
  const node = element(
    'details',
    { class: 'as-table' },
    element('summary', {}, 'As a table', element('span', { class: 'unseen' }, `: ${title}`)),
    element('div', pane, table),
  )
  /** @type {readonly Snapshot[]} */
  let shown = []

  const fill = () => {
    if (!node.open) return
    const rows = shown.toReversed().filter((_, index) => index % STEP === 0)
    body.replaceChildren(
      ...rows.map((snapshot) => {
        const time = element('th', { scope: 'row' }, timeOfDay(snapshot.at))
        const cells = series.map(({ valueOf }) => element('td', {}, format(valueOf(snapshot))))
        return element('tr', {}, time, ...cells)
      }),
    )
  }
  node.addEventListener('toggle', fill)

  return {
    node,
    /** @param {readonly Snapshot[]} snapshots */
    show: (snapshots) => {
      shown = snapshots
      fill()
    },
  }
}
