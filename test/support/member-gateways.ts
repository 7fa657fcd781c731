import type { Test } from 'tap'
import { systemClock } from '../../lib/clock.js'
import { DEFAULTS } from '../../lib/defaults.js'
import { createGateway, type GatewayOptions, type LogEvent } from '../../lib/index.js'
import { createReading } from '../../lib/metrics/family.js'
import { createSharedMemory } from '../../lib/shared-memory.js'
import { createPrimary } from '../../lib/workers/primary.js'
import { createFakeForks, type FakeWorker } from './fake-workers.js'
import { cheapHasher, NOWHERE, SECRET } from './gateways.js'
import { operatorOf, WITH_ADMIN, type Operator } from './operator.js'
import { until } from './until.js'

export interface MemberGateway {
  worker: FakeWorker
  origin: string
  operator: Operator
}

/** A primary, and workers that serve in this process, each on a port of its own. */
export const startMembers = async (
  t: Test,
  count: number,
  options: Partial<GatewayOptions> = {},
) => {
  const members: MemberGateway[] = []
  const start = async (worker: FakeWorker): Promise<void> => {
    const events: LogEvent[] = []
    const { member } = worker
    const gateway = createGateway(
      { jwtSecret: SECRET, upstream: NOWHERE, ...WITH_ADMIN, ...options },
      {
        log: (event) => void events.push(event),
        passwordHasher: cheapHasher(),
        store: member.memory(2_000),
        fellows: member.fellows(worker.place?.count ?? 0),
      },
    )
    t.teardown(() => gateway.close())
    const { port, admin } = await gateway.listen(0)
    members.push({ worker, origin: `http://127.0.0.1:${port}`, operator: operatorOf({ events }) })
    member.tell({ note: 'up', ports: { port, admin: admin?.port ?? 0 } })
  }
  const { all, fork } = createFakeForks((worker) => void start(worker))
  const events: LogEvent[] = []
  const memory = createSharedMemory({ limits: DEFAULTS.limits, toleranceSeconds: 0 }, systemClock)
  const primary = createPrimary({
    clock: systemClock,
    log: (event) => void events.push(event),
    count,
    fork: () => fork().process,
    memory,
    families: [
      createReading('gauge', { name: 'own', help: 'Of the primary.', together: 'each' }, (show) =>
        show([], 1),
      ),
    ],
    closeMs: 10_000,
    stopgaps: [['upstream', NOWHERE]],
  })
  t.teardown(() => primary.stop())
  const ports = await primary.start()
  await until('all are up', () => members.length === count)
  return { primary, ports, members, workers: all, events, memory }
}
