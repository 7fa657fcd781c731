import { createReading, type Family } from '../metrics/family.js'
import { addFigures, figuresOf, type FamilyFigures } from '../metrics/figures.js'
import { addRows, type TargetRow } from '../admin/target-rows.js'
import type { Pool } from './pool.js'
import type { Worker } from './worker.js'

/** What workers have together. Their totals never fall: those of a worker that has ended stay in. */
export interface Gathering {
  /** Asks all but the asker, whose own are given. */
  metrics(asker: Worker, own: FamilyFigures[]): Promise<FamilyFigures[]>
  targets(asker: Worker, own: TargetRow[]): Promise<TargetRow[]>
  /** A worker has ended, and told its last figures if it could. */
  retire(worker: Worker, last?: FamilyFigures[]): void
}

export interface GatheringOptions {
  pool: Pick<Pool, 'workers' | 'lostCount'>
  /** Metrics of the primary itself. */
  families: readonly Family[]
  /** How long a worker may take to answer, in milliseconds. */
  limitMs: number
}

export const createGathering = ({ pool, families, limitMs }: GatheringOptions): Gathering => {
  const lastOf = new Map<Worker, FamilyFigures[]>()
  // What they told last is among those of who has gone.
  const retired = new WeakSet<Worker>()
  let gone: FamilyFigures[] = []

  const present = (): Worker[] =>
    [...pool.workers].filter((worker) => worker.isUp && !retired.has(worker))

  /** What each says, by itself; `undefined` where it does not in time. */
  const askOthers = <T>(asker: Worker, verb: string): Promise<Array<[Worker, T | undefined]>> =>
    Promise.all(
      present()
        .filter((worker) => worker !== asker)
        .map(async (worker) => [
          worker,
          (await worker.ask(verb, [], limitMs).catch(() => undefined)) as T | undefined, // what the verb of this name gives
        ]),
    )

  return {
    metrics: async (asker, own) => {
      const told = new Map(await askOthers<FamilyFigures[]>(asker, OWN_METRICS)).set(asker, own)
      for (const [worker, figures] of told)
        if (retired.has(worker)) told.delete(worker)
        else if (figures) lastOf.set(worker, figures)
      const silent = [...told.values()].filter((figures) => !figures).length
      return addFigures([
        ...[...told].map(([worker, figures]) => ({
          process: String(worker.slot),
          // Its place may have been taken already.
          families: figures
            ? figures.filter(({ together }) => together !== 'each' || !worker.isClosing)
            : totalsOf(lastOf.get(worker) ?? []),
        })),
        { process: 'gone', families: gone },
        {
          process: 'primary',
          families: figuresOf([
            ...families,
            ...createWorkerMetrics({
              count: () => present().filter(({ isClosing }) => !isClosing).length,
              silent: () => silent,
              lost: () => pool.lostCount,
            }),
          ]),
        },
      ])
    },

    targets: async (asker, own) => {
      const told = await askOthers<TargetRow[]>(asker, OWN_TARGETS)
      return addRows([own, ...told.map(([, rows]) => rows ?? [])])
    },

    retire: (worker, last = lastOf.get(worker)) => {
      lastOf.delete(worker)
      if (last && !retired.has(worker))
        gone = addFigures([
          { process: 'gone', families: gone },
          { process: 'gone', families: totalsOf(last) },
        ])
      retired.add(worker)
    },
  }
}

/** Verbs of workers. */
export const OWN_METRICS = 'own.metrics'
export const OWN_TARGETS = 'own.targets'

const totalsOf = (figures: readonly FamilyFigures[]): FamilyFigures[] =>
  figures.filter(({ type, together }) => type !== 'gauge' && together === 'sum')

interface WorkerCounts {
  count: () => number
  silent: () => number
  lost: () => number
}

/** Metrics that there are with several workers alone. */
export const createWorkerMetrics = ({ count, silent, lost }: WorkerCounts): Family[] => [
  reading('gauge', 'workers', 'Workers that take requests in.', count),
  reading(
    'gauge',
    'workers_silent',
    'Workers that did not say in time how they do: only their totals are in, as they were last told.',
    silent,
  ),
  reading(
    'counter',
    'workers_lost_total',
    'Workers that ended without being told to, and were replaced.',
    lost,
  ),
]

const reading = (
  type: 'counter' | 'gauge',
  name: string,
  help: string,
  measure: () => number,
): Family =>
  createReading(type, { name: `passport_gateway_${name}`, help }, (show) => show([], measure()))
