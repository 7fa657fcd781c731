// One gateway with its real clock, hashes and log, in front of one service.
import bcrypt from 'bcrypt'
import t from 'tap'
import { systemClock } from '../../lib/clock.js'
import { createGateway, createLog, type PasswordHasher } from '../../lib/index.js'
import { postJson, SECRET } from './gateways.js'
import { startService } from './services.js'

export const PASSWORD = 'correct horse battery'
const COOKIE = 'session=a-cookie-of-the-client'

export const hasher = {
  hashed: 0,
  hash: (password: string, cost: number) => {
    hasher.hashed++
    return bcrypt.hash(password, cost)
  },
  compare: (password: string, hash: string) => bcrypt.compare(password, hash),
} satisfies PasswordHasher & { hashed: number }

export const service = await startService(t, (_, response) => {
  response.setHeader('Set-Cookie', 'answer=a-cookie-of-the-service')
  response.end('from the service')
})
/** What was logged and sent so far. */
export const run = { logText: '', sentCount: 0 }

export const log = createLog({
  level: 'debug',
  clock: systemClock,
  write: (line) => (run.logText += line),
  readable: false,
})
export const gateway = createGateway(
  { jwtSecret: SECRET, upstream: service.url },
  { log, passwordHasher: hasher },
)
const { port } = await gateway.listen(0)
const origin = `http://127.0.0.1:${port}`
t.teardown(() => gateway.close())

const post = (path: string, body: unknown, headers = {}): Promise<Response> => {
  run.sentCount++
  return postJson(`${origin}${path}`, body, { Cookie: COOKIE, ...headers })
}
export const signUp = (email: string, headers: Record<string, string> = {}): Promise<Response> =>
  post(
    '/v1/auth/signup',
    { email, password: PASSWORD, country: 'IN', platform: 'android' },
    headers,
  )
export const logIn = (email: string, password: string): Promise<Response> =>
  post('/v1/auth/login', { email, password })
export const proxied = (headers: Record<string, string> = {}, at = origin): Promise<Response> => {
  run.sentCount++
  return fetch(`${at}/v1/proxy/orders/7?full=1`, { headers: { Cookie: COOKIE, ...headers } })
}

export const secrets = new Set([PASSWORD, SECRET, COOKIE, 'a-cookie-of-the-service'])
export const tokenOf = async (response: Response): Promise<{ user_id: string; token: string }> => {
  const body = (await response.json()) as { user_id: string; token: string }
  secrets.add(body.token)
  return body
}
