// A client of one gateway, over connections that are kept.
import { Agent, request } from 'node:http'
import { ADMIN_TOKEN } from './gateways.mjs'

/** More than any deadline of the store, in milliseconds. The hash of a password may take longer. */
const PATIENCE_MS = 8_000

export const createClient = (gateway, { patienceMs = PATIENCE_MS } = {}) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 200 })

  /** Resolves, whatever happens, to what came of it; `status` is 0 where no whole answer came. */
  const call = (kind, method, path, { port = gateway.port, token, key, body } = {}) =>
    new Promise((resolve) => {
      const startMs = performance.now()
      const settle = (status, json, text, headers) => {
        clearTimeout(timer)
        const endMs = performance.now()
        resolve({ kind, gateway, startMs, endMs, status, code: json?.code, json, text, headers })
      }
      const headers = {
        ...(token && { Authorization: `Bearer ${token}` }),
        ...(key && { 'Idempotency-Key': key }),
        ...(body && { 'Content-Type': 'application/json' }),
      }
      const options = { agent, host: '127.0.0.1', port, method, path, headers }
      const sent = request(options, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (part) => (text += part))
        response.on('error', () => settle(0))
        response.on('end', () => settle(response.statusCode, parse(text), text, response.headers))
      })
      const timer = setTimeout(() => sent.destroy(new Error('too late')), patienceMs)
      sent.on('error', (error) => settle(0, { code: error.code ?? error.message }))
      sent.end(body && JSON.stringify(body))
    })

  return {
    gateway,
    call,
    signUp: ({ email, password, key }) => {
      const body = { email, password, country: 'IN', platform: 'android' }
      return call('signup', 'POST', '/v1/auth/signup', { key, body })
    },
    logIn: ({ email, password }) =>
      call('login', 'POST', '/v1/auth/login', { body: { email, password } }),
    logOut: (token) => call('logout', 'POST', '/v1/auth/logout', { token }),
    logOutAll: (token) => call('logout', 'POST', '/v1/auth/logout-all', { token }),
    proxy: (token) => call('proxied', 'GET', '/v1/proxy/work', { token }),
    /** All users that the store has, by pages. */
    users: async () => {
      const port = gateway.adminPort()
      const users = []
      for (let after = ''; after !== null;) {
        const path = `/v1/users?limit=1000${after && `&after=${after}`}`
        const { status, json } = await call('users', 'GET', path, { port, token: ADMIN_TOKEN })
        if (status !== 200) throw new Error(`the users were not listed: ${status} ${json?.code}`)
        users.push(...json.users)
        after = json.next
      }
      return users
    },
    close: () => agent.destroy(),
  }
}

const parse = (text) => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
