import type { Clock } from '../clock.js'
import { createHistory } from '../admin/history.js'
import type { Sample } from '../admin/sample.js'
import { createSnapshots, type Snapshot } from '../admin/snapshot.js'
import type { Worker } from './worker.js'

/** What the last seconds of all workers were like. */
export interface SharedStatus {
  readonly history: readonly Snapshot[]
  take(worker: Worker, sample: Sample): void
  /** Makes a snapshot each second of what came in it, and tells it. */
  start(): void
  stop(): void
}

export const createSharedStatus = (
  clock: Clock,
  workers: ReadonlySet<Worker>,
  tell: (snapshot: Snapshot) => void,
): SharedStatus => {
  const snapshots = createSnapshots()
  const history = createHistory()
  const latest = new Map<Worker, Sample>()
  let recent: Sample[] = []
  let isStopped = false

  const look = (seconds: number): void => {
    for (const worker of latest.keys()) if (!workers.has(worker)) latest.delete(worker)
    if (latest.size === 0) return // nobody listens to operators
    const snapshot = snapshots.next(clock.now(), seconds, recent, [...latest.values()])
    recent = []
    history.add(snapshot)
    tell(snapshot)
  }

  const run = async (): Promise<void> => {
    for (let lastMs = clock.monotonic(); !isStopped;) {
      await clock.sleep(EVERY_MS)
      const nowMs = clock.monotonic()
      if (!isStopped) look((nowMs - lastMs) / 1_000)
      lastMs = nowMs
    }
  }

  return {
    history: history.all,
    take: (worker, sample) => {
      latest.set(worker, sample)
      recent.push(sample)
      if (recent.length > LIMIT_RECENT) recent.shift()
    },
    start: () => void run(),
    stop: () => {
      isStopped = true
    },
  }
}

const EVERY_MS = 1_000
// More than there are workers at once, should this process stand still for some seconds.
const LIMIT_RECENT = 2_000
