import { createServer } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import type { RevocationLog } from '../lib/revocation/revocation-log.js'
import { createGateway, StoreError, type LogEvent } from '../lib/index.js'
import { createDatabase } from './support/database.js'
import { bearer, cheapHasher, NOWHERE, SECRET } from './support/gateways.js'
import { createManualClock } from './support/manual-clock.js'
import { until } from './support/until.js'

const kindsOf = (events: readonly LogEvent[]): string[] => events.map(({ event }) => event)

const createOver = (database: ReturnType<typeof createDatabase>) => {
  const clock = createManualClock()
  const events: LogEvent[] = []
  const gateway = createGateway(
    { jwtSecret: SECRET, upstream: NOWHERE },
    {
      store: database.connect(),
      clock,
      log: (event) => void events.push(event),
      passwordHasher: cheapHasher(),
    },
  )
  return { gateway, clock, events }
}

t.test('a store that cannot be opened is said at the start, and why', async (t) => {
  const database = createDatabase()
  database.state.refusal = new StoreError('the password is wrong', { isPassing: false })
  const { gateway, events } = createOver(database)
  await t.rejects(gateway.listen(0), { name: 'StoreError', message: 'the password is wrong' })
  t.match(events, [{ event: 'store_open_failed', store: 'test', cause: 'the password is wrong' }])
  await gateway.close()
})

t.test('a store that cannot be reached is waited for', async (t) => {
  const database = createDatabase()
  database.state.isDown = true
  const { gateway, clock, events } = createOver(database)
  let isListening = false
  const listening = gateway.listen(0).then(() => (isListening = true))
  await until('it is tried again', () => clock.sleepers > 1)
  database.state.isDown = false
  await until('it listens', () => {
    clock.advance(500)
    return isListening
  })
  await listening
  t.same(kindsOf(events), ['store_open_failed', 'store_opened', 'listening'])
  await gateway.close()
})

t.test('but not for ever; and nobody is let in before it is there', async (t) => {
  const database = createDatabase()
  database.state.isDown = true
  const { gateway, clock } = createOver(database)
  const server = createServer(gateway.handler).listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await until('it listens', () => server.listening)
  const { port } = server.address() as { port: number }
  const origin = `http://127.0.0.1:${port}`
  const proxied = async (): Promise<number> =>
    (await fetch(`${origin}/v1/proxy/`, { headers: bearer() })).status
  t.equal(await proxied(), 503)
  const ready = await fetch(`${origin}/readyz`)
  t.equal(ready.status, 503)
  t.match(await ready.json(), { status: 'not_ready' })
  const listening = gateway.listen(0)
  await until('it waits', () => clock.sleepers > 1)
  clock.advance(10_000)
  await t.rejects(listening, { name: 'StoreError', isPassing: true })
  database.state.isDown = false
  await until('it is there', async () => {
    clock.advance(500)
    return (await proxied()) === 502
  })
  await gateway.close()
})

t.test('a gateway that is closed while it waits for its store tries no more', async (t) => {
  const database = createDatabase()
  database.state.isDown = true
  const { gateway, clock } = createOver(database)
  const listening = t.rejects(gateway.listen(0), { message: /^it was closed before/ })
  await until('it is tried again', () => clock.sleepers > 1)
  await gateway.close()
  database.state.isDown = false
  clock.advance(500)
  await listening
  t.match(database.state, { opened: 0, closed: 1 })
})

t.test('a gateway that is closed while it opens its store leaves nothing open', async (t) => {
  for (const comesBack of [true, false]) {
    const database = createDatabase()
    let answer = (): void => {}
    const answered = new Promise<void>((resolve) => (answer = resolve))
    const store = database.connect()
    const open = async (): Promise<void> => {
      await answered
      return store.open()
    }
    const clock = createManualClock()
    const gateway = createGateway(
      { jwtSecret: SECRET, upstream: NOWHERE },
      { store: { ...store, open }, clock },
    )
    await gateway.close()
    database.state.isDown = !comesBack
    answer()
    await setImmediate()
    t.match(database.state, { opened: Number(comesBack), closed: comesBack ? 2 : 1 })
    t.equal(clock.sleepers, 1, 'it is not tried again; the looks at what is overloaded')
  }
})

t.test('a gateway that is closed asks its store no more', async (t) => {
  const { gateway, clock, events } = createOver(createDatabase())
  await gateway.listen(0)
  await until('it waits to ask', () => clock.sleepers > 0)
  await gateway.close()
  clock.advance(60_000)
  await until('it has ended', () => clock.sleepers === 0)
  t.notOk(kindsOf(events).includes('store_down'))
})

t.test('what fails while revocations are read is tried again', async (t) => {
  const database = createDatabase()
  const store = database.connect()
  let fails = 1
  const log = store.revocations
  const revocations: RevocationLog = {
    ...log,
    read: async (position, limit) => {
      if (fails-- > 0) throw new TypeError('not as it should be')
      return log.read(position, limit)
    },
  }
  const clock = createManualClock()
  const events: LogEvent[] = []
  const gateway = createGateway(
    { jwtSecret: SECRET, upstream: NOWHERE },
    { store: { ...store, revocations }, clock, log: (event) => void events.push(event) },
  )
  await until('it is opened', () => {
    clock.advance(500)
    return kindsOf(events).includes('store_opened')
  })
  t.match(events, [{ event: 'store_open_failed', cause: 'it does not answer in time' }, {}])
  await gateway.close()
})
