import t from 'tap'
import { createHistory } from '../../lib/admin/history.js'
import { createLatencies } from '../../lib/admin/latencies.js'
import type { Sample } from '../../lib/admin/sample.js'
import { createSnapshots } from '../../lib/admin/snapshot.js'
import { latenciesOf, sampleOf } from '../support/samples.js'
import { snapshotAt } from '../support/snapshots.js'

const AT_MS = 1_000_000

const target = (changes: Partial<Sample['targets'][number]>): Sample['targets'][number] => ({
  route: '/v1/proxy/*',
  target: 'http://a',
  state: 'up',
  inFlight: 1,
  answered: 4,
  failures: 0,
  latencies: latenciesOf(4),
  ...changes,
})

const refused = (at: number, reason: string): Sample['newest'][number] => ({
  at,
  request_id: String(at),
  method: 'GET',
  route: '-',
  status: 401,
  reason,
})

t.test('what several processes did is told as of one', (t) => {
  const snapshots = createSnapshots()
  const one = sampleOf({
    statuses: [['2xx', 4]],
    latencies: latenciesOf(1, 1, 1, 1),
    refusals: [['expired', 1]],
    newest: [refused(30, 'expired'), refused(10, 'expired')],
    targets: [target({}), target({ target: 'http://b', answered: 0 })],
  })
  const other = sampleOf({
    ready: {
      status: 'degraded',
      checks: [
        { name: 'store', ready: false, reason: 'it does not answer' },
        { name: 'loop_delay', ready: true },
      ],
    },
    statuses: [
      ['2xx', 2],
      ['4xx', 2],
    ],
    latencies: latenciesOf(100, 100, 100, 100),
    refusals: [
      ['expired', 1],
      ['no_token', 4],
    ],
    newest: [refused(20, 'no_token')],
    targets: [target({ state: 'ejected', failures: 2, latencies: latenciesOf(400) })],
    loopDelayMs: 9,
    overload: 1,
  })
  const snapshot = snapshots.next(AT_MS, 2, [one, other])
  t.match(snapshot, {
    at: AT_MS,
    ready: {
      status: 'degraded',
      checks: [
        { name: 'store', ready: false, reason: 'it does not answer' },
        { name: 'loop_delay', ready: true },
      ],
    },
    requests: { per_second: 4, by_status: { '2xx': 3, '4xx': 1 } },
    refusals: [
      { reason: 'no_token', total: 4, per_second: 2 },
      { reason: 'expired', total: 2, per_second: 1 },
    ],
    open: { connections: 6, requests: 4, streams: 2 },
    hash_queue: { waiting: 2, running: 2 },
    memory: { rss_bytes: 200, heap_bytes: 20 },
    loop_delay_ms: 9,
    cpu_share: 0.5,
    overload: 'soft',
    newest_refusals: [{ at: 30 }, { at: 20 }, { at: 10 }],
  })
  const { p50_ms: p50, p99_ms: p99 } = snapshot.requests
  t.ok(p50 !== null && p50 < 1.1 && p99 !== null && p99 >= 100)
  t.match(snapshot.targets, [
    { target: 'http://a', state: 'ejected', in_flight: 2, per_second: 4, share: 1, failures: 2 },
    { target: 'http://b', state: 'up', in_flight: 1, per_second: 0, share: 0, failures: 0 },
  ])
  t.ok(Number(snapshot.targets[0]?.p95_ms) >= 400)
  const next = snapshots.next(AT_MS + 1_000, 1, [one])
  t.match(next.refusals, [
    { reason: 'no_token', total: 4, per_second: 0 },
    { reason: 'expired', total: 3, per_second: 1 },
  ])
  t.equal(next.targets[0]?.failures, 2)
  t.equal(next.newest_refusals.length, 5)
  t.end()
})

t.test('how things are is of the last sample of each, what was done of all', (t) => {
  const snapshots = createSnapshots()
  const first = sampleOf({ statuses: [['2xx', 1]] })
  const second = sampleOf({ statuses: [['2xx', 2]] })
  const gone = sampleOf({ statuses: [['2xx', 3]], targets: [target({ target: 'http://gone' })] })
  const snapshot = snapshots.next(AT_MS, 1, [first, second, gone], [second])
  t.match(snapshot, { requests: { per_second: 6 }, open: { connections: 3 }, targets: [] })
  const still = sampleOf({ targets: [target({})] })
  t.match(snapshots.next(AT_MS, 1, [], [still]).targets, [{ per_second: 0, failures: 0 }])
  t.match(snapshots.next(AT_MS, 1, []), {
    ready: { status: 'ready', checks: [] },
    requests: { per_second: 0, p50_ms: null },
    loop_delay_ms: 0,
    overload: 'none',
  })
  t.end()
})

t.test('the newest refusals of all are fifty', (t) => {
  const snapshots = createSnapshots()
  const newest = Array.from({ length: 40 }, (_, i) => refused(i, 'expired'))
  const { newest_refusals: told } = snapshots.next(AT_MS, 1, [
    sampleOf({ newest }),
    sampleOf({ newest }),
  ])
  t.equal(told.length, 50)
  t.equal(told[0]?.at, 39)
  t.end()
})

t.test('durations of several processes are put together', (t) => {
  const latencies = createLatencies()
  latencies.add(latenciesOf(1, 1, 1))
  latencies.add(latenciesOf(1_000))
  t.ok((latencies.quantile(0.5) ?? 0) < 1.1)
  t.ok((latencies.quantile(1) ?? 0) >= 1_000)
  t.end()
})

t.test('of a target that nobody asked no durations are kept', (t) => {
  const latencies = createLatencies()
  t.equal(latencies.counts().length, 0)
  latencies.add(latencies.counts())
  t.equal(latencies.quantile(0.5), null)
  latencies.observe(1)
  t.ok(latencies.counts().length > 100)
  latencies.clear()
  latencies.clear()
  t.equal(latencies.counts().length, 0)
  t.equal(latencies.quantile(0.5), null)
  t.end()
})

t.test('the newest refusals are in the last snapshot alone', (t) => {
  const history = createHistory()
  for (let i = 0; i < 301; i++) history.add(snapshotAt(i))
  t.equal(history.all.length, 300)
  t.same(history.all.at(-2)?.newest_refusals, [])
  t.equal(history.all.at(-1)?.newest_refusals.length, 20)
  t.end()
})
