// Some in turns: A B A B, so that what the machine does besides is with all of them alike.
import { loaded } from './load.mjs'

/**
 * Loads each of `sides` (`{ name, contender, request }`) for some seconds in each round, after one to get
 * going. Gives of each its `microseconds` and `perSecond`, a number for each round.
 */
export const inTurns = async (sides, { rounds, seconds, warmSeconds = seconds }) => {
  for (const { contender, request } of sides) await loaded(contender, request, warmSeconds)
  const figures = new Map(sides.map(({ name }) => [name, { microseconds: [], perSecond: [] }]))
  for (let round = 1; round <= rounds; round++) {
    const told = []
    for (const { name, contender, request } of sides) {
      const { microseconds, perSecond } = await loaded(contender, request, seconds)
      figures.get(name).microseconds.push(microseconds)
      figures.get(name).perSecond.push(perSecond)
      told.push(`${name} ${microseconds.toFixed(1)}`)
    }
    console.error(`  round ${round}, µs: ${told.join(', ')}`)
  }
  return figures
}

/** What one took for each of what the other did, round by round. */
export const ratiosOf = (figures, one, other, what = 'microseconds') => {
  const others = figures.get(other)[what]
  return figures.get(one)[what].map((value, round) => value / others[round])
}
