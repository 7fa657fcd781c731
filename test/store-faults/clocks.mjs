// The clocks of gateways jump, ahead and back, while tokens are issued and revoked at both of them.
import { createHmac, randomUUID } from 'node:crypto'
import { SECRET } from './gateways.mjs'
import { seconds } from './stage.mjs'

const HOUR_MS = 3_600_000
const PHASE_SECONDS = 3
/** How far ahead each gateway is, in hours, one phase after another. */
const PHASES = [
  [0, 0],
  [1, 0],
  [-1, 0],
  [0, 0],
  [0, 1],
  [1, -1],
  [0, 0],
]
const SHORT_COUNT = 20
const SHORT_SECONDS = 600

export const CLOCKS = {
  name: 'clock',
  title: 'the clock of a gateway jumps an hour ahead and back, of one and the other',
  stores: ['sqlite', 'postgres', 'redis'],
  load: { signups: 1, sessions: 3 },
  play: async ({ gateways, clients, revoked, traffic }) => {
    for (const [i, hours] of PHASES.entries()) {
      await Promise.all(gateways.map((gateway, n) => gateway.setAhead(hours[n] * HOUR_MS)))
      if (i === 0) await revokeShort(clients, revoked)
      await seconds(PHASE_SECONDS)
      await revokeAll(clients, revoked, traffic)
    }
  },
}

/** Tokens of ten minutes, as another minter makes them. */
const revokeShort = async (clients, revoked) => {
  for (let i = 0; i < SHORT_COUNT; i++) {
    const token = mint()
    const { status, endMs } = await clients[i % clients.length].logOut(token)
    if (status === 204) void revoked.add(token, endMs)
  }
}

const mint = () => {
  const nowSeconds = Math.floor(Date.now() / 1_000)
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = {
    sub: `user_${randomUUID()}`,
    jti: randomUUID(),
    iat: nowSeconds,
    exp: nowSeconds + SHORT_SECONDS,
  }
  const input = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`
  return `${input}.${createHmac('sha256', SECRET).update(input).digest('base64url')}`
}

/** All tokens of a user, at each gateway: two that each of them issued are dead then. */
const revokeAll = async (clients, revoked, { acknowledged }) => {
  const user = acknowledged.at(-1)
  for (const client of clients) {
    const logins = await Promise.all(clients.map((one) => one.logIn(user)))
    const tokens = logins.flatMap(({ json }) => json?.token ?? [])
    // Where one gateway refuses its own token, as its clock says, the other may take it.
    for (const token of tokens) {
      const { status, endMs } = await client.logOutAll(token)
      if (status !== 204) continue
      for (const each of tokens) void revoked.add(each, endMs)
      break
    }
  }
}
