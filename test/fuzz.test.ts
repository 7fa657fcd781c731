// The same inputs each time; `npm run fuzz` tries others, for as long as one likes.
import t from 'tap'
import { searches } from './fuzz/searches.js'
import { wire } from './fuzz/wire.js'

for (const one of searches)
  t.test(`${one.name}: no input is found for which something does not hold`, () =>
    one.run({ seed: 1, runs: 500 }),
  )

t.test('what is almost HTTP is one request at both ends, or none', () =>
  wire.run({ seed: 1, runs: 300 }),
)
