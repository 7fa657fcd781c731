// The database of the tests is held to what every store must do.
import t from 'tap'
import { createDatabase } from '../support/database.js'
import { conform } from './conformance.js'

t.test('the database of the tests is one like the others', (t) =>
  conform(t, async () => {
    const database = createDatabase()
    return [database.connect(), database.connect()]
  }),
)
