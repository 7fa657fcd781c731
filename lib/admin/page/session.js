/**
 * @typedef {object} Door asks for the token of operators
 * @property {(message: string) => Promise<string>} ask shows itself, and resolves to what is entered
 * @property {() => void} open lets in: there is nothing more to ask
 */

/**
 * @typedef {object} Session
 * @property {(path: string, init?: RequestInit) => Promise<Response>} call fetches; where the gateway
 *   wants a token, asks for it until it is the right one
 */

/**
 * Calls the gateway. The token stays in this closure: a page that is loaded anew has to ask anew.
 * @param {Door} door
 * @returns {Session}
 */
export const createSession = (door) => {
  let token = ''
  let wasRight = false
  /** @type {Promise<string> | undefined} */
  let asking

  /** @param {Response} response */
  const ask = async (response) => {
    const message = messageFor(response, token, wasRight)
    wasRight = false
    asking ??= door.ask(message).finally(() => (asking = undefined))
    token = await asking
  }

  return {
    call: async (path, init = {}) => {
      try {
        for (;;) {
          const shown = token
          const response = await fetchInTime(path, {
            ...init,
            ...STRICT,
            headers: headersOf(init, shown),
          })
          const isAsked = response.status === 401 || (response.status === 429 && !wasRight && shown)
          if (!isAsked) {
            wasRight = shown !== ''
            return response
          }
          await response.body?.cancel()
          // Another call may have been told the right one meanwhile.
          if (shown === token) await ask(response)
        }
      } finally {
        if (!asking) door.open()
      }
    },
  }
}

const PATIENCE_MS = 10_000

/**
 * Gives up where no answer begins: a machine that was unplugged says nothing.
 * @param {string} path
 * @param {RequestInit} init
 */
const fetchInTime = async (path, init) => {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), PATIENCE_MS)
  try {
    const signals = init.signal ? [late.signal, init.signal] : [late.signal]
    return await fetch(path, { ...init, signal: AbortSignal.any(signals) })
  } finally {
    clearTimeout(timer)
  }
}

/** @satisfies {RequestInit} */
const STRICT = {
  cache: 'no-store',
  credentials: 'omit',
  redirect: 'error',
  referrerPolicy: 'no-referrer',
}

/**
 * @param {RequestInit} init
 * @param {string} token
 */
const headersOf = (init, token) => {
  const headers = new Headers(init.headers)
  if (token) headers.set('Authorization', `Bearer ${token}`)
  return headers
}

/**
 * @param {Response} response
 * @param {string} token
 * @param {boolean} wasRight
 */
const messageFor = (response, token, wasRight) => {
  if (response.status === 429)
    return `Too many attempts. Try again in ${response.headers.get('Retry-After') ?? 'some'} s.`
  if (wasRight) return 'The gateway no longer takes this token.'
  return token ? 'Wrong token.' : ''
}
