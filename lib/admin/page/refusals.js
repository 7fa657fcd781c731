import { copyButton } from './copy.js'
import { byId, element, setText } from './elements.js'
import { figure, rate, timeOfDay } from './figures.js'
import { keyedRows } from './keyed-rows.js'

/** @import { RefusedRequest, Refusals, Snapshot } from './contract.d.ts' */

/**
 * Why requests are refused, and the newest of them. A reason that is pressed is the only one shown.
 * @returns {(snapshot: Snapshot) => void}
 */
export const createRefusals = () => {
  /** @type {string | undefined} */
  let chosen
  let most = 1
  /** @type {Snapshot | undefined} */
  let shown

  const choose = (/** @type {string | undefined} */ reason) => {
    chosen = chosen === reason ? undefined : reason
    if (shown) show(shown)
  }

  const createReason = (/** @type {Refusals} */ { reason }) => {
    const bar = element('span', { class: 'bar', 'aria-hidden': 'true' })
    const total = element('span', { class: 'total' })
    const perSecond = element('span', { class: 'rate' })
    const name = element('span', { class: 'name' }, reason)
    const button = element('button', { type: 'button' }, name, ' ', total, ' ', perSecond, bar)
    button.addEventListener('click', () => choose(reason))
    return {
      node: element('li', {}, button),
      update: (/** @type {Refusals} */ now) => {
        setText(total, figure(now.total))
        setText(perSecond, now.per_second > 0 ? `${rate(now.per_second)}/s` : '')
        bar.style.setProperty('--part', String(now.total / most))
        button.setAttribute('aria-pressed', String(chosen === now.reason))
      },
    }
  }

  const fillReasons = keyedRows(byId('reasons'), ({ reason }) => reason, createReason)
  const fillNewest = keyedRows(byId('newest'), keyOf, createRequest)
  const noReasons = byId('no-reasons')
  const noNewest = byId('no-newest')
  const table = byId('newest-table')
  const filter = byId('newest-filter')
  const filterName = byId('newest-filter-reason')
  byId('newest-all').addEventListener('click', () => choose(undefined))

  const show = (/** @type {Snapshot} */ snapshot) => {
    shown = snapshot
    most = Math.max(1, ...snapshot.refusals.map(({ total }) => total))
    fillReasons(snapshot.refusals)
    const newest = snapshot.newest_refusals.filter(({ reason }) => !chosen || reason === chosen)
    fillNewest(newest)
    noReasons.hidden = snapshot.refusals.length > 0
    noNewest.hidden = newest.length > 0
    table.hidden = newest.length === 0
    filter.hidden = chosen === undefined
    setText(filterName, chosen ?? '')
  }
  return show
}

/** @param {RefusedRequest} request */
const keyOf = ({ at, request_id }) => `${at} ${request_id}`

/** @param {RefusedRequest} request */
const createRequest = ({ at, request_id, method, route, status, reason }) => {
  const id = element('code', { class: 'request-id' }, request_id)
  return {
    node: element(
      'tr',
      { role: 'row' },
      cell('time', element('time', { datetime: new Date(at).toISOString() }, timeOfDay(at))),
      cell(`status s${Math.trunc(status / 100)}xx`, String(status)),
      cell('reason', reason),
      cell('request', element('span', { class: 'method' }, method), ' ', route),
      cell(
        'id',
        id,
        copyButton(`request id ${request_id}`, () => request_id),
      ),
    ),
    update: () => {}, // what is past stays as it is
  }
}

/**
 * @param {string} name
 * @param {...(Node | string)} children
 */
const cell = (name, ...children) => element('td', { class: name, role: 'cell' }, ...children)
