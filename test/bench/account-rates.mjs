// Requests a second that need the store, and what they cost the gateway, with each store in turns.
import { createAccountLoad, OPERATIONS } from './account-load.mjs'
import { startContender } from './contenders.mjs'
import { summary, table } from './figures.mjs'

const UNUSED = 'http://127.0.0.1:9'

/** Prints a table of the rates, and one of the CPU time. */
export const measureRates = async (stores, { rounds, seconds, connections }) => {
  const runs = []
  for (const { name, urlsFor } of stores) {
    const contender = await startContender('gateway', {
      upstream: UNUSED,
      ...(await urlsFor('rates')),
    })
    const load = createAccountLoad(contender, { connections })
    await load.round(Math.min(seconds, 1))
    runs.push({ name, load, stop: contender.stop, figures: [] })
  }
  for (let round = 1; round <= rounds; round++)
    for (const { name, load, figures } of runs) {
      figures.push(await load.round(seconds))
      console.error(`round ${round}, ${name}: ${inWords(figures.at(-1))}`)
    }
  for (const { stop } of runs) stop()

  const rowsOf = (part) =>
    OPERATIONS.map((operation) => [
      operation,
      ...runs.map(
        ({ figures }) =>
          summary(
            figures.map((round) => round[operation][part]),
            0,
          ).text,
      ),
    ])
  const names = runs.map(({ name }) => name)
  console.log(`${connections} connections, ${rounds} rounds of ${seconds} s of each.
Without bcrypt, which takes the same CPU time whatever the store: a cheap hasher is in its place.\n`)
  console.log(table(['requests a second', ...names], rowsOf('perSecond')))
  console.log(table(['µs of CPU of the gateway', ...names], rowsOf('microseconds')))
}

const inWords = (figures) =>
  Object.entries(figures)
    .map(([name, { perSecond }]) => `${name} ${Math.round(perSecond)}`)
    .join(', ')
