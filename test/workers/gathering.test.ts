import t from 'tap'
import { createCounters, createReading } from '../../lib/metrics/family.js'
import { figuresOf, type FamilyFigures } from '../../lib/metrics/figures.js'
import { createGathering, createWorkerMetrics } from '../../lib/workers/gathering.js'
import type { Worker } from '../../lib/workers/worker.js'

const about = { name: 'requests_total', help: 'Requests.' }

/** What a worker tells: a total, a level, and something of its own. */
const figures = (total: number, level: number): FamilyFigures[] => {
  const counters = createCounters(about)
  counters.of().add(total)
  return figuresOf([
    counters,
    createReading('gauge', { name: 'open', help: 'Open.' }, (show) => show([], level)),
    createReading('gauge', { name: 'rss', help: 'Memory.', together: 'each' }, (show) =>
      show([], 7),
    ),
  ])
}

interface Fake extends Worker {
  says: () => Promise<unknown>
  isClosing: boolean
}

const fakeWorker = (slot: number, says: Fake['says']): Fake =>
  ({
    slot,
    isUp: true,
    isClosing: false,
    says,
    ask: () => fake(slot).says(),
  }) as unknown as Fake

const workersOf: Fake[] = []
const fake = (slot: number): Fake => workersOf[slot - 1] as Fake

const scene = () => {
  workersOf.length = 0
  const silent = (): Promise<unknown> => Promise.reject(new Error('late'))
  for (const slot of [1, 2, 3]) workersOf.push(fakeWorker(slot, silent))
  const workers = new Set<Worker>(workersOf)
  const gathering = createGathering({
    pool: { workers, lostCount: 5 },
    families: [],
    limitMs: 100,
  })
  const read = async (asker: Fake, own: FamilyFigures[]): Promise<Record<string, unknown>> =>
    Object.fromEntries(
      (await gathering.metrics(asker, own)).flatMap(({ name, series }) =>
        series.map(([values, reading]) => [[name, ...values].join(' '), reading]),
      ),
    )
  return { workers, gathering, read }
}

t.test('totals and levels add up, and who is silent is counted', async (t) => {
  const { read } = scene()
  fake(2).says = async () => figures(10, 2)
  t.same(await read(fake(1), figures(1, 1)), {
    requests_total: 11,
    open: 3,
    'rss 1': 7,
    'rss 2': 7,
    passport_gateway_workers: 3,
    passport_gateway_workers_silent: 1,
    passport_gateway_workers_lost_total: 5,
  })
  fake(2).says = () => Promise.reject(new Error('late'))
  fake(3).says = async () => figures(100, 4)
  t.match(await read(fake(1), figures(1, 1)), {
    requests_total: 111,
    open: 5,
    passport_gateway_workers_silent: 1,
  })
})

t.test('totals never fall, whoever ends, however', async (t) => {
  const { read, gathering, workers } = scene()
  const [one, two, three] = [fake(1), fake(2), fake(3)]
  two.says = async () => figures(10, 2)
  three.says = async () => figures(100, 2)
  t.match(await read(one, figures(1, 1)), { requests_total: 111 })
  two.isClosing = true
  t.match(await read(one, figures(1, 1)), {
    requests_total: 111,
    'rss 2': undefined,
    passport_gateway_workers: 2,
  })
  gathering.retire(two, figures(20, 0))
  t.match(await read(one, figures(1, 1)), { requests_total: 121, open: 3 }, 'its last word counts')
  gathering.retire(two)
  workers.delete(two)
  workers.delete(three)
  gathering.retire(three)
  t.match(await read(one, figures(1, 1)), { requests_total: 121, open: 1 }, 'as far as is known')
  gathering.retire(one)
  gathering.retire(one)
  const next = fakeWorker(1, async () => [])
  workers.delete(one)
  workers.add(next)
  t.match(await read(next, figures(1, 0)), { requests_total: 122 })
})

t.test('who ends while all are asked is counted once', async (t) => {
  const { read, gathering } = scene()
  fake(2).says = async () => {
    gathering.retire(fake(2), figures(10, 2))
    return figures(10, 2)
  }
  t.match(await read(fake(1), figures(1, 1)), { requests_total: 11, open: 1 })
})

t.test('one that was never heard of leaves nothing', async (t) => {
  const { gathering, read } = scene()
  gathering.retire(fake(3))
  t.match(await read(fake(1), figures(1, 1)), { requests_total: 1 })
})

t.test('targets add up, and the worst state counts', async (t) => {
  const { gathering } = scene()
  const row = (state: 'up' | 'down' | 'ejected', answered: number) => ({
    route: '/v1/proxy/*',
    target: 'http://a',
    state,
    in_flight: 1,
    waiting: 2,
    answered,
    failures: 0,
  })
  fake(2).says = async () => [row('down', 10), { ...row('up', 3), target: 'http://b' }]
  t.same(await gathering.targets(fake(1), [row('ejected', 1)]), [
    { ...row('down', 11), in_flight: 2, waiting: 4 },
    { ...row('up', 3), target: 'http://b' },
  ])
})

t.test('what there is of workers is read when it is asked for', (t) => {
  const families = createWorkerMetrics({ count: () => 1, silent: () => 2, lost: () => 3 })
  t.same(
    figuresOf(families).map(({ series }) => series),
    [[[[], 1]], [[[], 2]], [[[], 3]]],
  )
  t.end()
})
