import type { Fellows, OwnFigures } from '../admin/fellows.js'
import type { Snapshot } from '../admin/snapshot.js'
import type { FamilyFigures } from '../metrics/figures.js'
import type { TargetRow } from '../admin/target-rows.js'
import { createAskedEngine } from '../stores/asked-engine.js'
import type { Engine } from '../stores/engine.js'
import type { Verb } from '../stores/verbs.js'
import { createChannel } from './channel.js'
import { OWN_METRICS, OWN_TARGETS } from './gathering.js'
import type { Place, PrimaryNote, WorkerNote } from './messages.js'
import { ALL_METRICS, ALL_STATUS, ALL_TARGETS, GATHER_MS } from './primary.js'

/** What a worker has of the primary. */
export interface Member {
  /** Where its place is, once it is told. */
  readonly place: Promise<Place>
  /** Resolves when it is to end, to how long it leaves idle connections alone, in milliseconds. */
  readonly closing: Promise<number>
  /** What all workers without a store have in common. */
  memory(timeoutMs: number): Engine
  fellows(count: number): Fellows
  tell(note: WorkerNote): void
  /** Takes what the primary has sent. */
  take(message: unknown): void
  /** The primary has gone. */
  leave(): void
  /** What its metrics are. */
  figures(): FamilyFigures[]
}

/** @param post sends to the primary; must not throw where that has gone */
export const createMember = (post: (message: unknown) => void): Member => {
  const own: OwnFigures = { metrics: () => [], targets: () => [] }
  let onNews = (): void => {}
  let onSnapshot: (snapshot: Snapshot) => void = () => {}
  let place: (place: Place) => void
  let close: (idleMs: number) => void
  const placed = new Promise<Place>((resolve) => (place = resolve))
  const closing = new Promise<number>((resolve) => (close = resolve))
  const verbs = new Map<string, Verb>([
    [OWN_METRICS, () => own.metrics()],
    [OWN_TARGETS, () => own.targets()],
  ])
  const channel = createChannel<WorkerNote, PrimaryNote>({
    post,
    verbs,
    onNote: (note) => {
      if (note.note === 'start') place(note.place)
      else if (note.note === 'news') onNews()
      else if (note.note === 'snapshot') onSnapshot(note.snapshot)
      else close(note.idleMs)
    },
  })
  const ask = (verb: string, ...args: unknown[]): Promise<unknown> =>
    channel.ask(verb, args, ASK_MS)

  return {
    place: placed,
    closing,
    memory: (timeoutMs) =>
      createAskedEngine({
        calls: channel.calls,
        listen: (listener) => void (onNews = listener),
        timeoutMs,
      }),
    fellows: (count) => ({
      count,
      metrics: (figures) => ask(ALL_METRICS, figures) as Promise<FamilyFigures[]>, // what the verb of this name gives
      targets: (rows) => ask(ALL_TARGETS, rows) as Promise<TargetRow[]>,
      status: () => ask(ALL_STATUS) as ReturnType<Fellows['status']>,
      sample: (sample) => channel.tell({ note: 'sample', sample }),
      follow: (take) => void (onSnapshot = take),
      answer: (figures) => void Object.assign(own, figures),
    }),
    tell: (note) => channel.tell(note),
    take: (message) => channel.take(message),
    leave: () => {
      channel.giveUp()
      close(0)
    },
    figures: () => own.metrics(),
  }
}

// The primary asks others meanwhile.
const ASK_MS = 2 * GATHER_MS
