/** @import { Snapshot } from './contract.d.ts' */

/** How far back the page looks. */
export const WINDOW_MS = 300_000

/** The snapshots of the last five minutes, oldest first. */
export const createRecent = () => {
  /** @type {Snapshot[]} */
  let snapshots = []
  return {
    /** @param {Snapshot[]} history */
    replace: (history) => {
      snapshots = history.slice(-LIMIT)
    },
    /** @param {Snapshot} snapshot */
    add: (snapshot) => {
      const newest = snapshots.at(-1)
      // The newest of the history comes once more as the first event.
      if (newest && snapshot.at <= newest.at) snapshots.pop()
      snapshots.push(snapshot)
      const oldest = snapshot.at - WINDOW_MS
      snapshots = snapshots.filter(({ at }) => at >= oldest).slice(-LIMIT)
    },
    all: () => snapshots,
  }
}

const LIMIT = 400
