import t from 'tap'
import { StoreError } from '../../lib/stores/engine.js'
import { createAskedEngine } from '../../lib/stores/asked-engine.js'
import { createCalls } from '../../lib/stores/calls.js'
import { createAskedMemory } from '../support/asked-engines.js'
import { user } from '../support/store-samples.js'
import { conform } from './conformance.js'

const UNAVAILABLE = { code: 'store_unavailable' }

t.test('the memory of a process that others ask does what every engine does', (t) =>
  conform(t, async () => {
    const { connect } = createAskedMemory()
    const engines = [connect().engine, connect().engine] as const
    for (const engine of engines) await engine.open()
    return [...engines]
  }),
)

t.test('no more calls wait than may', async (t) => {
  const { engine } = createAskedMemory().connect(10_000, 1)
  const pings = await Promise.allSettled([engine.ping(), engine.ping()])
  t.match(pings, [{ status: 'fulfilled' }, { reason: { code: 'overloaded' } }])
})

t.test('who does not answer in time is store_unavailable, and so is who has gone', async (t) => {
  const posted: unknown[] = []
  const calls = createCalls((call) => void posted.push(call), 10)
  const engine = createAskedEngine({ calls, listen: () => {}, timeoutMs: 20 })
  await t.rejects(engine.ping(), UNAVAILABLE)
  await t.rejects(engine.open(), StoreError)
  const found = createAskedEngine({ calls, listen: () => {}, timeoutMs: 60_000 })
  const asked = found.users.findById('user_ada')
  calls.giveUp()
  await t.rejects(asked, UNAVAILABLE)
  t.match(posted.at(-1), { id: 2, verb: 'users.findById', args: ['user_ada'] })
  calls.take({ id: 2, value: 'too late' })
  await found.close()
  await t.rejects(found.ping(), UNAVAILABLE)
  t.equal(posted.length, 3)
  t.equal(await found.pending(), '')
})

t.test('what is asked for too late, or is no verb, or fails, is store_unavailable', async (t) => {
  const { answer, memory } = createAskedMemory({ users: 1 })
  const call = { id: 7, verb: 'ping', args: [], untilMs: Infinity }
  const failed = { id: 7, ...UNAVAILABLE }
  t.same(await answer(call), { id: 7, value: undefined })
  t.same(await answer({ ...call, untilMs: Date.now() - 1 }), failed)
  t.same(await answer({ ...call, verb: 'users.constructor' }), failed)
  t.same(await answer({ ...call, verb: 'users.list', args: [Symbol('no cursor')] }), failed)
  await memory.users.insert(user('a'))
  const insert = { ...call, verb: 'users.insert', args: [user('b')] }
  t.same(await answer(insert), { id: 7, code: 'overloaded' })
  t.equal(await memory.pending(), '')
  await memory.open()
  await memory.close()
})
