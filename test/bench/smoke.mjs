// A short look whether the gateway has become much too slow: ratios alone, and wide margins, as others may
// be busy on the machine. It needs nothing that is not installed.
import { run } from './run.mjs'
import { get } from './rows/get.mjs'
import { refused } from './rows/refused.mjs'

/** The most that the median of each ratio may be. */
const MARGINS = {
  'gateway ÷ pipe': 1.3,
  'bad signature ÷ refuse': 3.5,
  'no token ÷ refuse': 3,
}
const TRIES = 2
const OPTIONS = { rivals: ['pipe', 'refuse'], rounds: 3, seconds: 1 }

/** Prints what it saw, and gives the exit status: 1 where a margin is broken twice. */
export const smoke = async () => {
  for (let number = 1; number <= TRIES; number++) {
    const results = await run([get, refused], OPTIONS)
    const ratios = results
      .flatMap(({ verdicts }) => verdicts)
      .map(({ what, value }) => ({ what, value, most: MARGINS[what] }))
    const isMet = ratios.every(({ value, most }) => value <= most)
    for (const { what, value, most } of ratios)
      console.log(
        `${value <= most ? 'good' : 'BAD '} ${what}: ${value.toFixed(2)}, at most ${most}`,
      )
    if (isMet) return 0
  }
  return 1
}
