import cluster from 'node:cluster'
import { systemClock } from '../lib/clock.js'
import { createProcessMetrics } from '../lib/process-metrics.js'
import { createSharedMemory } from '../lib/shared-memory.js'
import { createPrimary } from '../lib/workers/primary.js'
import { UsageError } from './command-line.js'
import type { Demo } from './demo.js'
import { createForks } from './forks.js'
import { createReloadedLevel, readOrTell } from './log-level.js'
import { startLog } from './start-log.js'
import { workersOf, type StartSettings } from './start-settings.js'
import { onStop } from './stop-signals.js'

/** Serves in several processes, which this one starts, and parses no request itself. */
export const serveWithWorkers = async (
  start: StartSettings,
  demo: Demo | undefined,
): Promise<void> => {
  if (!cluster.isPrimary)
    throw new UsageError(['workers: must be 1 where this process is a worker of another already'])
  const { settings } = start
  const level = createReloadedLevel(settings.logLevel, () => start.read().logLevel)
  const log = startLog(process, level.current, {})
  const { shutdownMs, storeMs } = settings.timeouts
  const primary = createPrimary({
    clock: systemClock,
    log,
    count: workersOf(settings),
    fork: createForks(cluster),
    memory: createSharedMemory(settings, systemClock),
    families: createProcessMetrics(),
    closeMs: shutdownMs + storeMs + GRACE_MS,
    stopgaps: [...(demo?.stopgaps ?? [])],
  })
  setInterval(() => {}, LONG_MS) // also while no worker keeps it alive
  const ports = await primary.start()
  if (settings.store === 'memory:') log({ event: 'store_in_memory' })
  demo?.tell(settings, ports)
  onStop(primary)
  process.on('SIGHUP', () => {
    const next = readOrTell(() => start.read(), log)
    if (!next) return
    level.reload(log)
    void primary.replaceAll(workersOf(next))
  })
}

const GRACE_MS = 5_000
const LONG_MS = 2 ** 30
