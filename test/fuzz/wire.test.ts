// The same bytes each time; `npm run fuzz` tries others, for as long as one likes.
import t from 'tap'
import { wire } from './wire.js'

t.test('what is almost HTTP is one request at both ends, or none', () =>
  wire.run({ seed: 1, runs: 300 }),
)
