import t from 'tap'
import { statusOf } from '../../bin/top-status.js'
import { snapshotAt, statusAfter } from '../support/snapshots.js'

t.test('what a gateway tells of itself is taken as it is', (t) => {
  const status = statusAfter(2)
  t.equal(statusOf(status), status)
  t.end()
})

t.test('whatever else there is is no gateway', (t) => {
  const one = snapshotAt(1)
  const faulty: object[] = [
    {},
    { ...statusAfter(1), history: {} },
    { ...statusAfter(1), history: { length: 1, 0: one } },
    { ...statusAfter(1), history: [null] },
    { ...statusAfter(1), started_at: '1' },
    { ...statusAfter(1), started_at: -1 },
    { ...statusAfter(1), version: null },
    ...[
      { at: undefined },
      { at: Infinity },
      { at: NaN },
      { overload: 'constructor' },
      { ready: { ...one.ready, status: 'well' } },
      { ready: { ...one.ready, checks: [{ name: 'a', ready: 1 }] } },
      { requests: { ...one.requests, by_status: { '2xx': '1' } } },
      { requests: { ...one.requests, by_status: null } },
      { requests: { ...one.requests, by_status: 1 } },
      { requests: { ...one.requests, p99_ms: 'much' } },
      { requests: Object.create(one.requests) as object },
      { targets: [{ ...one.targets[0], state: 'sideways' }] },
      { refusals: 'none' },
    ].map((changes) => ({ ...statusAfter(1), history: [{ ...one, ...changes }] })),
  ]
  for (const [i, status] of faulty.entries())
    t.throws(
      () => statusOf(status as Record<string, unknown>),
      { name: 'AdminFailure' },
      `${i}: ${JSON.stringify(status).slice(0, 60)}`,
    )
  t.end()
})
