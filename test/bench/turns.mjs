// Some in turns: A B A B, so that what the machine does besides is with all of them alike.
import { loaded } from './load.mjs'

/**
 * Loads each of `sides` (`{ name, contender, request }`) for some seconds in each round, after as many to
 * get going. Gives of each its `microseconds` and `perSecond`, a number for each round.
 */
export const inTurns = async (sides, { rounds, seconds }) => {
  for (const { contender, request } of sides) await loaded(contender, request, seconds)
  const figures = createFigures(sides)
  for (let round = 1; round <= rounds; round++) {
    for (const { name, contender, request } of sides)
      note(figures, name, await loaded(contender, request, seconds))
    tell(round, figures)
  }
  return figures
}

/**
 * The same of sides `{ name, start, request }` that are new in each round: two processes that are alike
 * differ by some percent for as long as they live.
 */
export const inFreshTurns = async (sides, { rounds, seconds }) => {
  const figures = createFigures(sides)
  for (let round = 1; round <= rounds; round++) {
    const started = []
    for (const side of sides) started.push({ ...side, contender: await side.start() })
    for (const { contender, request } of started) await loaded(contender, request, seconds)
    for (const { name, contender, request } of started)
      note(figures, name, await loaded(contender, request, seconds))
    for (const { contender } of started) contender.stop()
    tell(round, figures)
  }
  return figures
}

const createFigures = (sides) =>
  new Map(sides.map(({ name }) => [name, { microseconds: [], perSecond: [] }]))

const note = (figures, name, { microseconds, perSecond }) => {
  figures.get(name).microseconds.push(microseconds)
  figures.get(name).perSecond.push(perSecond)
}

const tell = (round, figures) => {
  const told = [...figures].map(([name, { microseconds }]) => {
    return `${name} ${microseconds.at(-1).toFixed(1)}`
  })
  console.error(`  round ${round}, µs: ${told.join('; ')}`)
}

/** What one took for each of what the other did, round by round. */
export const ratiosOf = (figures, one, other, what = 'microseconds') => {
  const others = figures.get(other)[what]
  return figures.get(one)[what].map((value, round) => value / others[round])
}
