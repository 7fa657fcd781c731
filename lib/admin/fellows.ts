import type { FamilyFigures } from '../metrics/figures.js'
import type { Sample } from './sample.js'
import type { Snapshot } from './snapshot.js'
import type { TargetRow } from './target-rows.js'

/** What a process tells of itself when another is asked about all. */
export interface OwnFigures {
  metrics: () => FamilyFigures[]
  targets: () => TargetRow[]
}

/** Several processes that serve one address, this one among them. Operators see them as one. */
export interface Fellows {
  /** How many there are. What the machine has is shared out among them by default. */
  readonly count: number
  /** The metrics of all; rejects where they cannot be had. */
  metrics(own: FamilyFigures[]): Promise<FamilyFigures[]>
  /** The targets of all. */
  targets(own: TargetRow[]): Promise<TargetRow[]>
  /** What the last seconds of all were like, and since when there is any of them, in Unix seconds. */
  status(): Promise<{ startedAt: number; history: readonly Snapshot[] }>
  /** Takes a sample of this one, each second. */
  sample(sample: Sample): void
  /** Calls `take` with each snapshot of all. Call it once. */
  follow(take: (snapshot: Snapshot) => void): void
  /** Takes how this one is asked. Call it once. */
  answer(own: OwnFigures): void
}
