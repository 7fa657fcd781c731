import type { TargetView } from './sample.js'

/** A target as `GET /targets` shows it. */
export interface TargetRow {
  route: string
  target: string
  state: TargetView['state']
  in_flight: number
  waiting: number
  answered: number
  failures: number
}

export const targetRowOf = (view: TargetView): TargetRow => {
  const { route, target, state, inFlight, waiting, answered, failures } = view
  return { route, target, state, in_flight: inFlight, waiting, answered, failures }
}

/** The targets of several processes: figures add up, and the worst state counts. */
export const addRows = (all: ReadonlyArray<readonly TargetRow[]>): TargetRow[] => {
  const sums = new Map<string, TargetRow>()
  for (const row of all.flat()) {
    const key = `${row.route} ${row.target}`
    const sum = sums.get(key)
    if (!sum) {
      sums.set(key, { ...row })
      continue
    }
    for (const name of COUNTS) sum[name] += row[name]
    sum.state = worse(sum.state, row.state)
  }
  return [...sums.values()]
}

const COUNTS = ['in_flight', 'waiting', 'answered', 'failures'] as const
const STATES = ['up', 'ejected', 'down'] as const

/** The one of two states that is worse. */
export const worse = (one: TargetView['state'], other: TargetView['state']): TargetView['state'] =>
  STATES.indexOf(one) < STATES.indexOf(other) ? other : one
