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
  soft: 'Overloaded: work that can wait is refused, and idle connections are closed.',
  hard: 'Heavily overloaded: requests are refused until it recovers.',
}

/**
 * Whether the gateway is ready, each of its checks, and how loaded it is.
 * @returns {(snapshot: Snapshot) => string} shows it, and resolves to what an operator must know
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
    return [
      ready.status === 'ready' ? '' : `${means}: ${failing.join(', ') || 'no check says why'}.`,
      overload === 'none' ? '' : OVERLOAD_MEANS[overload],
    ]
      .filter(Boolean)
      .join(' ')
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
