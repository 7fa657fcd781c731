// The same inputs each time; `npm run fuzz` tries others, for as long as one likes.
import t from 'tap'
import { searches } from './searches.js'

for (const { name, run } of searches)
  t.test(`${name}: no input is found for which something does not hold`, () =>
    run({ seed: 1, runs: 500 }),
  )
