import { byId, element, icon } from './elements.js'
import { keyedRows } from './keyed-rows.js'

/** @import { Check, Snapshot } from './contract.d.ts' */

const READINESS = /** @type {const} */ ({
  ready: { shape: 'up', word: 'Ready' },
  degraded: { shape: 'ejected', word: 'Degraded' },
  not_ready: { shape: 'down', word: 'Not ready' },
})

const LOADS = /** @type {const} */ ({
  none: { shape: 'up', word: 'Load normal' },
  soft: { shape: 'ejected', word: 'Overload: soft' },
  hard: { shape: 'down', word: 'Overload: hard' },
})

const OVERLOAD_MEANS = {
  none: '',
  soft: 'Overloaded (soft limit): connections are not kept, and no stream begins.',
  hard: 'Overloaded (hard limit): every request is refused until it recovers.',
}

/** @typedef {{ text: string, isGrave: boolean }} Warning what an operator must know; empty for nothing */

/**
 * Whether the gateway is ready, each of its checks, and how loaded it is.
 * @returns {(snapshot: Snapshot) => Warning} shows it
 */
export const createHealth = () => {
  const readiness = byId('readiness')
  const load = byId('load')
  const fillChecks = keyedRows(byId('checks'), (/** @type {Check} */ { name }) => name, createCheck)

  return ({ ready, overload }) => {
    badge(readiness, READINESS[ready.status])
    badge(load, LOADS[overload])
    fillChecks(ready.checks)
    const failing = ready.checks.filter((check) => !check.ready).map(({ name }) => name)
    const means = ready.status === 'degraded' ? 'Degraded, but in service' : 'Not ready'
    const lack = ready.status === 'ready' ? '' : `${means}: ${failing.join(', ')}.`
    return {
      text: `${lack} ${OVERLOAD_MEANS[overload]}`.trim(),
      isGrave: ready.status === 'not_ready' || overload === 'hard',
    }
  }
}

/** @param {Check} check */
const createCheck = ({ name }) => {
  const node = element('li')
  return {
    node,
    update: (/** @type {Check} */ { ready }) => {
      const shape = ready ? 'up' : 'down'
      if (node.dataset['shape'] === shape) return
      node.dataset['shape'] = shape
      const word = element('span', { class: 'unseen' }, ready ? ' ready' : ' not ready')
      node.replaceChildren(icon(shape), name, word)
    },
  }
}

/**
 * @param {HTMLElement} node
 * @param {{ shape: 'up' | 'down' | 'ejected', word: string }} what
 */
const badge = (node, { shape, word }) => {
  if (node.textContent === word) return
  node.dataset['shape'] = shape
  node.replaceChildren(icon(shape), word)
}
