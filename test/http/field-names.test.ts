import t from 'tap'
import { createFieldNames } from '../../lib/http/field-names.js'
import { canonicalName } from '../../lib/http/headers.js'

t.test('a name has the same canonical form the second time', (t) => {
  const canonicalOf = createFieldNames()
  for (const name of ['Host', 'X_Passport', 'x.passport', '__proto__', 'constructor', 'X-\u0130'])
    for (const time of ['first', 'second'])
      t.equal(canonicalOf(name), canonicalName(name), `${name}, ${time}`)
  t.end()
})

t.test('no more names are remembered than there may be, and no long ones', (t) => {
  const known = new Map<string, string>()
  const canonicalOf = createFieldNames(known)
  canonicalOf('x'.repeat(65))
  t.equal(known.size, 0)
  for (let i = 0; i < 1_500; i++) t.equal(canonicalOf(`X_${i}`), `x-${i}`)
  t.equal(known.size, 1_000)
  t.end()
})
