import { randomUUID } from 'node:crypto'
import bcrypt from 'bcrypt'
import type { Test } from 'tap'
import {
  createGateway,
  type Gateway,
  type GatewayOptions,
  type GatewayParts,
  type LogEvent,
} from '../../lib/index.js'
import { createKeyRing, lastingSecret } from '../../lib/jwt/key-ring.js'
import { signToken } from '../../lib/jwt/sign.js'
import { createManualClock, START_SECONDS, type ManualClock } from './manual-clock.js'

export const SECRET = 'a secret of the tests, at least 32 bytes'

/** Nothing listens on the discard port. */
export const NOWHERE = 'http://127.0.0.1:9'

// A machine that is busy with other tests delays event loops.
const UNHURRIED = { loopDelayHardMs: 600_000 }
const UNTHROTTLED = { addressAttempts: 1e9, accountAttempts: 1e9 }

export interface RunningGateway {
  gateway: Gateway
  port: number
  origin: string
  clock: ManualClock
  events: LogEvent[]
  /** The newest `request` event. */
  lastRequest: () => Extract<LogEvent, { event: 'request' }> | undefined
}

/** Parts of a gateway, whose clock is moved by hand. */
export type ManualParts = Omit<GatewayParts, 'clock'> & { clock?: ManualClock }

/** Starts a gateway on a manual clock; bcrypt is real, but of the least cost, and can be tried at will. */
export const startGateway = async (
  t: Test,
  options: Partial<GatewayOptions> = {},
  { clock = createManualClock(), ...parts }: ManualParts = {},
): Promise<RunningGateway> => {
  const events: LogEvent[] = []
  const gateway = createGateway(
    {
      jwtSecret: SECRET,
      upstream: NOWHERE,
      throttle: UNTHROTTLED,
      ...options,
      overload: { ...UNHURRIED, ...options.overload },
    },
    {
      clock,
      ...(!parts.logger && { log: (event) => void events.push(event) }),
      passwordHasher: cheapHasher(),
      ...parts,
    },
  )
  const { port } = await gateway.listen(0)
  t.teardown(async () => {
    const closed = gateway.close()
    clock.advance(60_000) // whatever a test left in flight is cut
    await closed
  })
  return {
    gateway,
    port,
    origin: `http://127.0.0.1:${port}`,
    clock,
    events,
    lastRequest: () => events.findLast((event) => event.event === 'request'),
  }
}

export interface CountingHasher {
  hash: (password: string, cost: number) => Promise<string>
  compare: (password: string, hash: string) => Promise<boolean>
  hashed: number
  compared: number
}

/** bcrypt at its least cost, counting what it does; its hashes say that they are of the cost asked for. */
export const cheapHasher = (): CountingHasher => {
  const hasher: CountingHasher = {
    hash: async (password, cost) => {
      hasher.hashed++
      return `$2b$${String(cost).padStart(2, '0')}$${(await bcrypt.hash(password, 4)).slice(7)}`
    },
    compare: (password, hash) => {
      hasher.compared++
      return bcrypt.compare(password, hash.replace('$10$', '$04$'))
    },
    hashed: 0,
    compared: 0,
  }
  return hasher
}

/** A token as the gateway mints it, valid for a day from where a manual clock begins. */
export const mint = (claims: Record<string, unknown> = {}): string =>
  signToken(createKeyRing([lastingSecret(Buffer.from(SECRET))]), {
    sub: 'user_ada',
    email: 'ada@example.com',
    subscription: 'free',
    country: 'IN',
    platform: 'android',
    iat: START_SECONDS,
    exp: START_SECONDS + 86_400,
    jti: randomUUID(),
    ...claims,
  })

export const bearer = (token: string = mint()): { Authorization: string } => ({
  Authorization: `Bearer ${token}`,
})

/** Posts JSON; a string is sent as it is. */
export const postJson = (
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
