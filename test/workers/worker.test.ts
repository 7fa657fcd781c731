import t from 'tap'
import type { WorkerNote } from '../../lib/workers/messages.js'
import { createWorker, WorkerFailed } from '../../lib/workers/worker.js'
import { comeUp, createFakeForks, failToStart } from '../support/fake-workers.js'
import { createManualClock } from '../support/manual-clock.js'
import { snapshotAt } from '../support/snapshots.js'
import { until } from '../support/until.js'

const place = { slot: 3, count: 4, stopgaps: [], ports: { port: 0, admin: 0 } }

const scene = (start: Parameters<typeof createFakeForks>[0]) => {
  const clock = createManualClock()
  const fake = createFakeForks(start).fork()
  const notes: WorkerNote[] = []
  const worker = createWorker({
    process: fake.process,
    slot: 3,
    place: () => place,
    verbs: new Map([['double', (value: unknown) => 2 * Number(value)]]),
    onNote: (note) => void notes.push(note),
    clock,
    startMs: 60_000,
    closeMs: 10_000,
  })
  return { clock, fake, notes, worker }
}

t.test('a worker gets its place, comes up, tells and is told', async (t) => {
  const { fake, notes, worker, clock } = scene(comeUp)
  t.equal(worker.isUp, false)
  t.same(await worker.up, { port: 8080, admin: 8081 })
  t.same(fake.place, place)
  t.match(worker, { isUp: true, slot: 3, pid: 1_000, isClosing: false })
  t.same(fake.member.figures(), [], 'nobody shows any')
  worker.tell({ note: 'news' })
  worker.tell({ note: 'snapshot', snapshot: snapshotAt(1) })
  fake.member.tell({ note: 'left', figures: [] })
  await until('it is told', () => notes.length > 0)
  t.same(notes, [{ note: 'left', figures: [] }])
  t.same(await worker.ask('own.targets', [], 10_000), [])
  clock.advance(60_000)
  const closed = worker.close(7)
  t.equal(worker.isClosing, true)
  await closed
  t.equal(fake.closingMs, 7)
  t.equal(await worker.ended, 'exit status 0')
})

t.test('why one does not come up is told', async (t) => {
  const told = scene(failToStart)
  const error = await told.worker.up.catch((error: unknown) => error)
  t.ok(error instanceof WorkerFailed)
  t.match(error, { failure: { lines: ['port 80 is taken'], status: 1, cause: 'taken' } })
  const broken = scene(({ end }) => end('SIGSEGV'))
  await t.rejects(broken.worker.up, { message: 'a worker ended before it was ready (SIGSEGV)' })
  const slow = scene(() => {})
  await until('it has its place', () => slow.fake.place !== undefined)
  slow.clock.advance(60_000)
  await t.rejects(slow.worker.up, { message: 'a worker was not ready in time' })
  t.equal(slow.fake.wasKilled, true)
})

t.test('one that does not end in time is killed', async (t) => {
  const { worker, fake, clock } = scene(comeUp)
  await worker.up
  fake.isStubborn = true
  const closed = worker.close(0)
  await until('it is told', () => fake.closingMs === 0)
  t.equal(fake.wasKilled, false)
  clock.advance(10_000)
  await closed
  t.equal(await worker.ended, 'SIGKILL')
})

t.test('what a worker asks is no longer waited for once it has gone', async (t) => {
  const { worker, fake } = scene(comeUp)
  await worker.up
  fake.isDeaf = true
  const asked = worker.ask('own.metrics', [], 60_000)
  fake.end('SIGKILL')
  await t.rejects(asked, { code: 'store_unavailable' })
})

t.test('one that takes nothing is told no more until it does', async (t) => {
  const { worker, fake } = scene(comeUp)
  await worker.up
  let taken = 0
  const { member } = fake
  member.memory(1_000).revocations.listen(() => taken++)
  fake.isDeaf = true
  for (let i = 0; i < 1_000; i++) worker.tell({ note: 'news' })
  await new Promise(setImmediate)
  fake.isDeaf = false
  worker.tell({ note: 'news' })
  await new Promise(setImmediate)
  t.equal(taken, 0, 'a hundred are on their way still')
})

t.test('one that is to end before it listens is told so once it does', async (t) => {
  const { worker, fake } = scene(comeUp)
  await worker.close(3)
  t.equal(fake.closingMs, 3)
  t.equal(fake.place, undefined)
  t.equal(await worker.ended, 'exit status 0')
  await t.rejects(worker.up, { message: 'a worker ended before it was ready (exit status 0)' })
})
