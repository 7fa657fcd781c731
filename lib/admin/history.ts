import type { Snapshot } from './snapshot.js'
import { HISTORY } from './status-query.js'

/** The snapshots of the last seconds, oldest first; the newest refusals are in the last alone. */
export interface History {
  readonly all: readonly Snapshot[]
  add(snapshot: Snapshot): void
}

export const createHistory = (): History => {
  const all: Snapshot[] = []
  return {
    all,
    add: (snapshot) => {
      const before = all.at(-1)
      if (before) before.newest_refusals = [] // they are in this one too, as far as they are new
      all.push(snapshot)
      if (all.length > HISTORY) all.shift()
    },
  }
}
