import t from 'tap'
import type { LogEvent } from '../lib/index.js'
import { ADA, tokenOf } from './support/accounts.js'
import { createDatabase } from './support/database.js'
import { bearer } from './support/gateways.js'
import { createManualClock } from './support/manual-clock.js'
import { operatorOf, WITH_ADMIN } from './support/operator.js'
import { auth, proxied, readiness, startOver } from './support/store-gateways.js'
import { until } from './support/until.js'

const ROOMY = ['loop_delay', 'memory', 'connections', 'requests'].map((name) => ({
  name,
  ready: true,
}))

const kindsOf = (events: readonly LogEvent[]): string[] =>
  events.map(({ event }) => event).filter((event) => event.startsWith('store_'))

t.test('two gateways over one store are as one', async (t) => {
  const clock = createManualClock()
  const database = createDatabase(clock)
  const one = await startOver(t, { store: database.connect(), clock })
  const other = await startOver(t, { store: database.connect(), clock })
  const key = { 'Idempotency-Key': 'at-both-at-once' }
  const signups = Promise.all([one, other].map((gateway) => auth(gateway, 'signup', ADA, key)))
  let isDone = false
  void signups.finally(() => (isDone = true))
  await until('the one that waits has looked again', () => {
    clock.advance(1)
    return isDone
  })
  const [first, second] = await signups
  t.same([first?.status, second?.status], [201, 201])
  const bodies = [await first?.text(), await second?.text()]
  t.equal(bodies[0], bodies[1], 'one signup, and the same bytes for both')
  const token = await tokenOf(await auth(other, 'login'))
  t.same([await proxied(one, token), await proxied(other, token)], [200, 200])
  t.equal((await auth(one, 'logout', '', bearer(token))).status, 204)
  t.equal(await proxied(one, token), 401)
  await until('the other has heard of it', async () => (await proxied(other, token)) === 401)
  t.same(kindsOf(one.events), ['store_opened'])
})

t.test('users outlive a gateway', async (t) => {
  const clock = createManualClock()
  const database = createDatabase(clock)
  const first = await startOver(t, { store: database.connect(), clock })
  const token = await tokenOf(await auth(first, 'signup'))
  await auth(first, 'logout', '', bearer(token))
  await first.gateway.close()
  t.equal(database.state.closed, 1)
  const second = await startOver(t, { store: database.connect(), clock })
  t.equal((await auth(second, 'login')).status, 200)
  t.equal(await proxied(second, token), 401, 'and so do revocations')
})

t.test('while the store is down who has a token goes on, and nobody gets one', async (t) => {
  const clock = createManualClock()
  const database = createDatabase(clock)
  const gateway = await startOver(t, { store: database.connect(), clock })
  const token = await tokenOf(await auth(gateway, 'signup'))
  const revoked = await tokenOf(await auth(gateway, 'login'))
  await auth(gateway, 'logout', '', bearer(revoked))
  database.state.isDown = true
  for (const [name, body, headers] of [
    ['signup', { ...ADA, email: 'eve@example.com' }],
    ['signup', { ...ADA, email: 'eve@example.com' }, { 'Idempotency-Key': 'k' }],
    ['login'],
    ['refresh', '', bearer(token)],
    ['logout', '', bearer(token)],
    ['logout-all', '', bearer(token)],
  ] as const) {
    const response = await auth(gateway, name, body, headers)
    t.equal(response.status, 503, name)
    t.ok(response.headers.get('retry-after'))
    t.match(await response.json(), { code: 'store_unavailable' })
  }
  t.equal(await proxied(gateway, token), 200)
  t.equal(await proxied(gateway, revoked), 401, 'what is known to be revoked stays so')
  await until('it is noticed', () => {
    clock.advance(1_000)
    return kindsOf(gateway.events).includes('store_down')
  })
  t.same(await readiness(gateway), {
    code: 200,
    status: 'degraded',
    checks: [
      { name: 'accepting', ready: true },
      { name: 'store', ready: false },
      { name: 'revocations', ready: true },
      ...ROOMY,
    ],
  })
  database.state.isDown = false
  t.equal((await auth(gateway, 'login')).status, 200, 'back without a restart')
  await until('it is noticed', () => {
    clock.advance(1_000)
    return kindsOf(gateway.events).includes('store_up')
  })
  t.match(await readiness(gateway), { code: 200, status: 'ready' })
  t.same(kindsOf(gateway.events), ['store_opened', 'store_down', 'store_up'])
})

t.test('a store that is away for too long makes tokens be refused, if so told', async (t) => {
  const clock = createManualClock()
  const database = createDatabase(clock)
  const gateway = await startOver(
    t,
    { store: database.connect(), clock },
    { revocationMaxAgeMs: 60_000 },
  )
  database.state.isDown = true
  clock.advance(60_000)
  t.equal(await proxied(gateway), 200)
  clock.advance(1)
  t.equal(await proxied(gateway), 503)
  t.match(gateway.lastRequest(), { reason: 'revocations_unknown' })
  t.match(await readiness(gateway), { code: 503, status: 'not_ready' })
  database.state.isDown = false
  await until('it is back', async () => {
    clock.advance(500)
    return (await proxied(gateway)) === 200
  })
})

t.test('short-lived state can be kept elsewhere', async (t) => {
  const clock = createManualClock()
  const [users, ephemeral] = [createDatabase(clock), createDatabase(clock)]
  const stores = { store: users.connect(), ephemeralStore: ephemeral.connect(), clock }
  const gateway = await startOver(t, stores, WITH_ADMIN)
  const token = await tokenOf(await auth(gateway, 'signup'))
  await auth(gateway, 'logout', '', bearer(token))
  t.same([users.entries.length, ephemeral.entries.length], [0, 1])
  ephemeral.state.isDown = true
  await until('it is noticed', () => {
    clock.advance(1_000)
    return kindsOf(gateway.events).includes('store_down')
  })
  t.match(await readiness(gateway), {
    status: 'degraded',
    checks: { 1: { name: 'store', ready: true }, 2: { name: 'ephemeral_store', ready: false } },
  })
  const toOperators = await operatorOf(gateway).call('GET', '/readyz')
  t.match(await toOperators.json(), {
    checks: { 2: { name: 'ephemeral_store', ready: false, reason: 'it does not answer' } },
  })
  await gateway.gateway.close()
  t.same([users.state.closed, ephemeral.state.closed], [1, 1])
  const alone = await startOver(t, { ephemeralStore: createDatabase(clock).connect(), clock })
  t.equal((await auth(alone, 'signup')).status, 201, 'users in memory, the rest elsewhere')
})
