import type { Clock } from '../clock.js'
import type { Log } from '../log.js'
import type { Family } from '../metrics/family.js'
import type { FamilyFigures } from '../metrics/figures.js'
import type { TargetRow } from '../admin/target-rows.js'
import { engineVerbs } from '../stores/asked-engine.js'
import type { Engine } from '../stores/engine.js'
import type { Verb } from '../stores/verbs.js'
import { createGathering } from './gathering.js'
import type { Place, Ports, WorkerNote } from './messages.js'
import { createPool, type Pool } from './pool.js'
import { createSharedStatus } from './shared-status.js'
import { createWorker, type Worker, type WorkerProcess } from './worker.js'

export interface PrimaryOptions extends Pick<Place, 'stopgaps'> {
  clock: Clock
  log: Log
  /** How many workers there are at first. */
  count: number
  fork: () => WorkerProcess
  /** What workers without a store have in common. */
  memory: Engine
  /** Metrics of this process. */
  families: readonly Family[]
  /** How long a worker may take to end once it is asked to, in milliseconds. */
  closeMs: number
}

/** The process that has the listeners and what workers have in common, and starts these. */
export type Primary = Pick<Pool, 'start' | 'replaceAll' | 'stop'> & {
  /** Ends all at once. */
  kill(): void
}

export const createPrimary = (options: PrimaryOptions): Primary => {
  const { clock, log, memory, stopgaps } = options
  const startedAt = Math.floor(clock.now() / 1_000)
  let count = options.count
  let ports: Ports = { port: 0, admin: 0 }
  let found = ports

  const placeOf = (slot: number): Place => {
    // Those that listen share port 0 by this name; once all have gone nobody has what was found.
    const listening = [...pool.workers].some(({ isUp, isClosing }) => isUp && !isClosing)
    if (!listening) ports = found
    return { slot, count, stopgaps, ports }
  }

  const fork = (slot: number): Worker => {
    const verbs = new Map<string, Verb>(shared)
    const worker: Worker = createWorker({
      process: options.fork(),
      slot,
      place: () => placeOf(slot),
      verbs,
      onNote: (note: WorkerNote) => {
        if (note.note === 'sample') status.take(worker, note.sample)
        else if (note.note === 'left') gathering.retire(worker, note.figures)
      },
      clock,
      startMs: START_MS,
      closeMs: options.closeMs,
    })
    verbs.set(ALL_METRICS, (own) => gathering.metrics(worker, own as FamilyFigures[]))
    verbs.set(ALL_TARGETS, (own) => gathering.targets(worker, own as TargetRow[]))
    void worker.ended.then(() => gathering.retire(worker))
    return worker
  }

  const pool = createPool({ count, fork, clock, log, idleMs: IDLE_MS })
  const gathering = createGathering({ pool, families: options.families, limitMs: GATHER_MS })
  const status = createSharedStatus(clock, pool.workers, (snapshot) => {
    for (const worker of pool.workers) worker.tell({ note: 'snapshot', snapshot })
  })
  const shared = engineVerbs(memory).set(ALL_STATUS, () => ({ startedAt, history: status.history }))
  memory.revocations.listen(() => {
    for (const worker of pool.workers) worker.tell({ note: 'news' })
  })

  return {
    start: async () => {
      found = await pool.start()
      status.start()
      return found
    },
    replaceAll: (next) => {
      count = next
      return pool.replaceAll(next)
    },
    stop: async () => {
      await pool.stop()
      status.stop()
    },
    kill: () => {
      for (const worker of pool.workers) worker.kill()
    },
  }
}

/** Verbs of the primary. */
export const ALL_METRICS = 'all.metrics'
export const ALL_TARGETS = 'all.targets'
export const ALL_STATUS = 'all.status'

/** How long a worker may take to say how it does, in milliseconds. */
export const GATHER_MS = 1_000
// A store may take ten seconds to open, on a machine that is busy.
const START_MS = 60_000
// Who keeps a connection and asks more often than that is told to open another, and none is reset.
const IDLE_MS = 2_000
