import t from 'tap'
import type { Snapshot } from '../../lib/admin/snapshot.js'
import { createSharedStatus } from '../../lib/workers/shared-status.js'
import type { Worker } from '../../lib/workers/worker.js'
import { createManualClock } from '../support/manual-clock.js'
import { sampleOf } from '../support/samples.js'
import { wake } from '../support/ticks.js'
import { until } from '../support/until.js'

t.test('what came in a second is one snapshot, whoever sent it', async (t) => {
  const clock = createManualClock()
  const [one, other] = [{ slot: 1 } as Worker, { slot: 2 } as Worker]
  const workers = new Set([one, other])
  const told: Snapshot[] = []
  const status = createSharedStatus(clock, workers, (snapshot) => void told.push(snapshot))
  status.start()
  await wake(clock, 1_000, 1)
  t.equal(told.length, 0, 'nobody samples')
  status.take(one, sampleOf({ statuses: [['2xx', 1]] }))
  status.take(one, sampleOf({ statuses: [['2xx', 1]] }))
  status.take(other, sampleOf({ statuses: [['5xx', 2]] }))
  await wake(clock, 1_000, 1)
  t.match(told, [{ requests: { by_status: { '2xx': 2, '5xx': 2 } }, open: { connections: 6 } }])
  workers.delete(other)
  await wake(clock, 1_000, 1)
  t.match(told[1], { requests: { per_second: 0 }, open: { connections: 3 } })
  t.equal(status.history.length, 2)
  for (let i = 0; i < 2_001; i++) status.take(one, sampleOf({ statuses: [['2xx', 1]] }))
  await wake(clock, 1_000, 1)
  t.match(told[2], { requests: { per_second: 2_000 } })
  status.stop()
  clock.advance(1_000)
  await until('it has stopped', () => clock.sleepers === 0)
  t.equal(told.length, 3)
})
