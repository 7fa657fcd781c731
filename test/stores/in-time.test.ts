import t from 'tap'
import { GatewayError } from '../../lib/errors.js'
import { inTime } from '../../lib/stores/in-time.js'

const UNAVAILABLE = { name: 'GatewayError', code: 'store_unavailable' }

t.test('what comes in time is given', async (t) => {
  t.equal(await inTime(60_000, Promise.resolve('a')), 'a')
})

t.test('what is late is not waited for, and can be given up', async (t) => {
  let isGivenUp = false
  const never = new Promise(() => {})
  await t.rejects(
    inTime(1, never, () => (isGivenUp = true)),
    UNAVAILABLE,
  )
  t.equal(isGivenUp, true)
  await t.rejects(inTime(1, never), UNAVAILABLE)
})

t.test('no word of an engine goes on, and what is ours does', async (t) => {
  const own = new Error('password of postgres://…')
  await t.rejects(inTime(60_000, Promise.reject(own)), UNAVAILABLE)
  const ours = Promise.reject(new GatewayError('overloaded'))
  await t.rejects(inTime(60_000, ours), { code: 'overloaded' })
})
