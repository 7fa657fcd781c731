// The same inputs each time; `npm run fuzz` tries others, for as long as one likes.
import t from 'tap'
import { searches } from './searches.js'

for (const one of searches)
  t.test(`${one.name}: no input is found for which something does not hold`, () =>
    one.run({ seed: 1, runs: 500 }),
  )
