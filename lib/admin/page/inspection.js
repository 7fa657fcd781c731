import { copyButton } from './copy.js'
import { element, icon, setText } from './elements.js'
import { duration } from './figures.js'

/** @import { Inspection } from './contract.d.ts' */

/**
 * Shows what the gateway makes of a token.
 * @param {Inspection} inspection
 * @param {HTMLElement} verdict is read aloud
 * @param {HTMLElement} result
 */
export const showInspection = (inspection, verdict, result) => {
  const { accepted, reason, checks, header, claims, passport, headers } = inspection
  const isOurs = inspection.signature_verified ?? claims !== null
  verdict.dataset['shape'] = accepted ? 'up' : 'down'
  setText(verdict, accepted ? 'Accepted' : `Refused: ${reason ?? 'no reason given'}`)
  verdict.prepend(icon(accepted ? 'up' : 'down'))
  result.replaceChildren(
    part('Checks', 'checks-part', element('ol', { class: 'check-list' }, ...checks.map(checkRow))),
    part('Sent to the service', 'headers-part', ...headerRows(headers)),
    part('Passport', 'passport-part', record(passport, 'There is none: the token is refused.')),
    part('Claims', 'claims-part', ...warning(claims && !isOurs), record(claims, UNREAD)),
    part('Header', 'header-part', ...warning(header && !isOurs), record(header, UNREAD)),
  )
}

const UNREAD = 'Not shown: it cannot be read, or no key of this gateway has signed it.'
const NOT_OURS = 'Not signed by a key of this gateway: anybody could have written it.'

/** @param {unknown} isNeeded */
const warning = (isNeeded) => (isNeeded ? [element('p', { class: 'not-ours' }, NOT_OURS)] : [])

/**
 * @param {string} title
 * @param {string} name
 * @param {...(Node | string)} children
 */
const part = (title, name, ...children) =>
  element('section', { class: name }, element('h3', {}, title), ...children)

const OUTCOMES = /** @type {const} */ ({
  up: ['up', 'passed'],
  down: ['down', 'failed'],
  waiting: ['waiting', 'not reached'],
})

/** @param {Inspection['checks'][number]} check */
const checkRow = ({ name, passed, detail }) => {
  const [shape, word] = OUTCOMES[passed === null ? 'waiting' : passed ? 'up' : 'down']
  const what = element('span', { class: 'name' }, name.replaceAll('_', ' '))
  const result = element('span', { class: 'result' }, word)
  const sentence = element('span', { class: 'detail' }, passed === null ? '' : detail)
  return element('li', { 'data-shape': shape }, icon(shape), what, ' ', result, ' ', sentence)
}

/** @param {Inspection['headers']} headers */
const headerRows = (headers) => {
  if (!headers) return [element('p', { class: 'none' }, 'Nothing: the service is not reached.')]
  return Object.entries(headers).map(([name, value]) =>
    element(
      'div',
      { class: 'header-value' },
      element(
        'div',
        { class: 'header-name' },
        element('span', {}, name),
        copyButton(name, () => value),
      ),
      element('code', { 'data-name': name }, value),
    ),
  )
}

/**
 * @param {Record<string, unknown> | null} object
 * @param {string} absence
 */
const record = (object, absence) => {
  if (!object) return element('p', { class: 'none' }, absence)
  const rows = Object.entries(object).flatMap(([name, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    const moment = DATES.has(name) && typeof value === 'number' ? describeDate(value) : ''
    const aside = moment ? [' ', element('span', { class: 'aside' }, moment)] : []
    return [element('dt', {}, name), element('dd', {}, element('code', {}, text), ...aside)]
  })
  return element('dl', { class: 'record' }, ...rows)
}

const DATES = new Set(['iat', 'nbf', 'exp', 'issued_at'])

/** @param {number} unixSeconds */
const describeDate = (unixSeconds) => {
  const date = new Date(unixSeconds * 1000)
  if (Number.isNaN(date.getTime())) return ''
  const awaySeconds = unixSeconds - Date.now() / 1000
  const away = awaySeconds < 0 ? `${duration(-awaySeconds)} ago` : `in ${duration(awaySeconds)}`
  return `${date.toISOString().replace('.000Z', 'Z')}, ${away}`
}
