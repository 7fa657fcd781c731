// What a gateway over a store says of the revocations that it follows.
import t from 'tap'
import type { RevocationLog } from '../lib/revocation/revocation-log.js'
import { tokenOf } from './support/accounts.js'
import { createDatabase } from './support/database.js'
import { createManualClock, START_SECONDS } from './support/manual-clock.js'
import { auth, proxied, readiness, startOver } from './support/store-gateways.js'
import { operatorOf, WITH_ADMIN } from './support/operator.js'
import { until } from './support/until.js'

t.test('a full list of users is warned of, and ends streams at once', async (t) => {
  const clock = createManualClock()
  const store = createDatabase(clock).connect()
  const gateway = await startOver(t, { store, clock }, { limits: { revocations: 1 } })
  const token = await tokenOf(await auth(gateway, 'signup'))
  const revokeAll = (id: string): Promise<number> =>
    store.revocations.raiseUser(id, clock.now(), Infinity)
  const full = () => gateway.events.filter(({ event }) => event === 'revocations_full')
  await revokeAll('user_bob')
  clock.advance(1)
  const after = await tokenOf(await auth(gateway, 'login'))
  await revokeAll('user_carl')
  await until('one gave way', async () => (await proxied(gateway, token)) === 401)
  t.equal(await proxied(gateway, after), 200)
  clock.advance(1)
  await revokeAll('user_eve')
  await until('another did', async () => (await proxied(gateway, after)) === 401)
  const untilMs = START_SECONDS * 1000
  t.same(full(), [{ event: 'revocations_full', untilMs }], 'once a minute at most')
  clock.advance(60_000)
  await revokeAll('user_fay')
  await until('it is warned again', () => full().length === 2)
})

t.test('a gateway that hears of no revocation says so, though its store answers', async (t) => {
  const clock = createManualClock()
  const database = createDatabase(clock)
  const store = database.connect()
  let isDeaf = false
  const log = store.revocations
  const revocations: RevocationLog = {
    ...log,
    read: async (position, limit) => {
      if (isDeaf) throw new TypeError('not as it should be')
      return log.read(position, limit)
    },
  }
  const gateway = await startOver(
    t,
    { store: { ...store, revocations }, clock },
    { revocationMaxAgeMs: 60_000, ...WITH_ADMIN },
  )
  const hears = () => gateway.events.filter(({ event }) => event.startsWith('revocations_'))
  isDeaf = true
  await until('it is noticed', () => {
    clock.advance(500)
    return hears().length > 0
  })
  t.match(await readiness(gateway), {
    code: 200,
    status: 'degraded',
    checks: { 1: { name: 'store', ready: true }, 2: { name: 'revocations', ready: false } },
  })
  const toOperators = await operatorOf(gateway).call('GET', '/readyz')
  t.match(await toOperators.json(), {
    checks: { 2: { name: 'revocations', reason: /^nothing was heard of others for \d+ s$/ } },
  })
  t.equal(await proxied(gateway), 200)
  clock.advance(60_000)
  t.match(await readiness(gateway), { code: 503, status: 'not_ready' }, 'it is told to refuse then')
  isDeaf = false
  await until('it hears again', () => {
    clock.advance(500)
    return hears().length > 1
  })
  t.match(await readiness(gateway), { code: 200, status: 'ready' })
  t.same(hears(), [
    { event: 'revocations_late', store: 'test' },
    { event: 'revocations_current', store: 'test' },
  ])
})
