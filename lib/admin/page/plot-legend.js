import { drawn, element, setText } from './elements.js'

/** @import { Snapshot } from './contract.d.ts' */

/**
 * What each series is, and its value at the moment that is looked at.
 * @param {import('./plot.js').PlotOptions} options
 */
export const createLegend = ({ series, isStacked, format }) => {
  const moment = element('p', { class: 'moment' })
  // What is on top of a stack comes first.
  const entries = (isStacked ? series.toReversed() : series).map((one) => {
    const value = element('span', { class: 'value' })
    const node = element('li', {}, swatch(one.id, isStacked), `${one.label} `, value)
    return { one, value, node }
  })
  const list = element('ul', { class: 'legend' }, ...entries.map(({ node }) => node))
  return {
    node: element('div', { class: 'legend-row' }, list, moment),

    /**
     * @param {Snapshot} snapshot
     * @param {string} when
     */
    show: (snapshot, when) => {
      setText(moment, when)
      for (const { one, value } of entries) setText(value, format(one.valueOf(snapshot)))
    },
  }
}

/**
 * @param {string} id
 * @param {boolean} isArea
 */
const swatch = (id, isArea) =>
  drawn(
    'svg',
    { class: 'swatch', viewBox: '0 0 22 10', 'aria-hidden': 'true' },
    isArea
      ? drawn('path', { class: `area series-${id}`, d: 'M0 0h22v10H0z' })
      : drawn('path', { class: `line series-${id}`, d: 'M1 5h20' }),
  )
