import t from 'tap'
import { createSlots } from '../../lib/proxy/slots.js'

const createQueue = (limit: number, limitWaiting: number) => {
  const slots = createSlots(limit, limitWaiting)
  const served: string[] = []
  const dropped: string[] = []
  for (let i = 0; i < limit; i++) slots.take()
  const wait = (user: string, name = user): (() => void) | undefined =>
    slots.wait({
      user,
      onTaken: () => served.push(name),
      onDropped: () => dropped.push(name),
    })
  /** Gives a place back, and to whom it went. */
  const release = async (): Promise<string | undefined> => {
    const before = served.length
    slots.release()
    await Promise.resolve()
    return served[before]
  }
  return { slots, served, dropped, wait, release }
}

t.test('places are given to those who wait, in order, and not to those who left', async (t) => {
  const { slots, wait, release } = createQueue(2, 3)
  t.equal(slots.isFull, true)
  const leaves = ['a', 'b', 'c'].map((name) => wait('ada', name))
  t.equal(wait('ada', 'd'), undefined, 'no more may wait')
  leaves[1]?.()
  leaves[1]?.()
  t.same([await release(), await release()], ['a', 'c'])
  leaves[0]?.()
  t.equal(slots.taken, 2)
  t.equal(await release(), undefined)
  t.equal(slots.isFull, false)
  t.equal(await release(), undefined)
  t.equal(slots.taken, 0)
  t.equal(createQueue(1, 0).wait('ada'), undefined, 'where nobody may wait')
})

t.test('users have their turns one after another', async (t) => {
  const { wait, release } = createQueue(1, 9)
  for (const name of ['a1', 'a2', 'a3', 'a4']) wait('ada', name)
  wait('bob', 'b1')
  const order = [await release()]
  wait('eve', 'e1')
  wait('bob', 'b2')
  for (let i = 0; i < 6; i++) order.push(await release())
  t.same(order, ['a1', 'b1', 'a2', 'e1', 'b2', 'a3', 'a4'])
})

t.test('in a full queue the newest of who has most makes way, and for nobody with as many', (t) => {
  const { wait, dropped } = createQueue(1, 4)
  for (const name of ['a1', 'a2', 'a3', 'a4']) wait('ada', name)
  t.type(wait('bob', 'b1'), 'function')
  t.type(wait('bob', 'b2'), 'function')
  t.equal(wait('bob', 'b3'), undefined)
  t.equal(wait('ada', 'a5'), undefined)
  t.type(wait('eve', 'e1'), 'function')
  t.same(dropped, ['a4', 'a3', 'a2'])
  t.type(wait('dan', 'd1'), 'function')
  t.equal(wait('cyd', 'c1'), undefined, 'where each has one')
  t.same(dropped, ['a4', 'a3', 'a2', 'b2'])
  t.end()
})

t.test('a place that nobody waits for any more is free', async (t) => {
  const { slots, wait } = createQueue(1, 1)
  const leave = wait('ada')
  slots.release()
  leave?.()
  await Promise.resolve()
  t.equal(slots.taken, 0)
})

t.test('a long queue of requests that fail at once is no deep stack', async (t) => {
  const slots = createSlots(1, 20_000)
  slots.take()
  for (let i = 0; i < 20_000; i++)
    slots.wait({ user: 'ada', onTaken: () => slots.release(), onDropped: () => {} })
  slots.release()
  await new Promise(setImmediate)
  t.equal(slots.taken, 0)
})
