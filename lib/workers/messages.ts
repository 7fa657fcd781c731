import type { FamilyFigures } from '../metrics/figures.js'
import type { Sample } from '../admin/sample.js'
import type { Snapshot } from '../admin/snapshot.js'

/** What a worker is told before it starts. */
export interface Place {
  /** Which of the workers it is, from 1 on: one that takes over from another has the same. */
  slot: number
  /** How many there are. */
  count: number
  /** What stands in for options that nobody gave. */
  stopgaps: ReadonlyArray<readonly [option: string, value: string]>
  /** In place of port 0, the one that was found; 0 to find one, which all workers share. */
  ports: Ports
}

export interface Ports {
  port: number
  admin: number
}

/** Why a worker did not come up. */
export interface StartFailure {
  /** For a terminal. */
  lines: readonly string[]
  status: number
  /** For the log. */
  cause: string
}

/** What the primary tells a worker. */
export type PrimaryNote =
  | { note: 'start'; place: Place }
  /** Something was revoked. */
  | { note: 'news' }
  /** What the last second of all was like. */
  | { note: 'snapshot'; snapshot: Snapshot }
  /** To finish what is in flight, and end; a connection on which nothing happens may stay so long. */
  | { note: 'close'; idleMs: number }

/** What a worker tells the primary. */
export type WorkerNote =
  /** It listens to the primary: what was sent before is lost. */
  | { note: 'here' }
  | { note: 'up'; ports: Ports }
  | { note: 'failed'; failure: StartFailure }
  | { note: 'sample'; sample: Sample }
  /** The last thing, with what its metrics were. */
  | { note: 'left'; figures: FamilyFigures[] }
