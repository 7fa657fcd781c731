import { byId, setText } from './elements.js'
import { showInspection } from './inspection.js'

/**
 * Has the gateway judge a token. It goes nowhere but into the body of that one request.
 * @param {import('./session.js').Session} session
 */
export const createInspector = (session) => {
  const form = /** @type {HTMLFormElement} */ (byId('inspector-form'))
  const field = /** @type {HTMLTextAreaElement} */ (byId('token'))
  const button = /** @type {HTMLButtonElement} */ (byId('inspect'))
  const verdict = byId('verdict')
  const result = byId('inspection')
  let turn = 0

  const clear = () => {
    turn++
    field.value = ''
    result.replaceChildren()
    setText(verdict, '')
    delete verdict.dataset['shape']
    button.disabled = false
  }

  const inspect = async () => {
    const token = tokenIn(field.value)
    const mine = ++turn
    if (!token) return fail('Paste a token first.')
    button.disabled = true
    const outcome = await ask(session, token).catch(() => 'The gateway did not answer.')
    if (mine !== turn) return // cleared meanwhile
    button.disabled = false
    if (typeof outcome === 'string') fail(outcome)
    else showInspection(outcome, verdict, result)
  }

  const fail = (/** @type {string} */ text) => {
    result.replaceChildren()
    verdict.dataset['shape'] = 'ejected'
    setText(verdict, text)
    field.focus()
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void inspect()
  })
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey) return
    event.preventDefault() // a token is one line
    form.requestSubmit()
  })
  byId('clear').addEventListener('click', () => {
    clear()
    field.focus()
  })
}

/**
 * What was pasted, perhaps with the rest of its header field or folded into lines.
 * @param {string} pasted
 */
const tokenIn = (pasted) =>
  pasted
    .trim()
    .replace(/^(authorization:\s*)?bearer\s+/i, '')
    .replace(/\s*[\r\n]+\s*/g, '')

/**
 * @param {import('./session.js').Session} session
 * @param {string} token
 * @returns {Promise<import('./contract.d.ts').Inspection | string>} or what went wrong
 */
const ask = async (session, token) => {
  const response = await session.call('/v1/inspect', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ token }),
  })
  /** @type {any} */
  const answer = await response.json().catch(() => ({}))
  if (response.ok) return /** @type {import('./contract.d.ts').Inspection} */ (answer)
  return `The gateway answered ${response.status}: ${answer.detail ?? 'nothing more'}`
}
