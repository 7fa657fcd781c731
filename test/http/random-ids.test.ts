import t from 'tap'
import { createHexIds, createUuids } from '../../lib/http/random-ids.js'

const MANY = 2_000

const makeMany = (next: () => string): string[] => Array.from({ length: MANY }, next)

/** How many different characters stand at each place. */
const variety = (ids: readonly string[]): number[] =>
  Array.from(ids[0] ?? '', (_, i) => new Set(ids.map((id) => id[i])).size)

t.test('UUIDs are of version 4, and each is another', (t) => {
  const ids = makeMany(createUuids())
  const form = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/
  t.same(
    ids.filter((id) => !form.test(id)),
    [],
  )
  t.equal(new Set(ids).size, MANY)
  t.same(
    variety(ids),
    // A place of the version and one of the variant are not free.
    Array.from('xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx', (form) =>
      form === 'x' ? 16 : form === 'y' ? 4 : 1,
    ),
  )
  t.end()
})

for (const bytes of [8, 16])
  t.test(`ids of ${bytes} bytes are all random, and each is another`, (t) => {
    const ids = makeMany(createHexIds(bytes))
    t.equal(new Set(ids).size, MANY)
    t.same(variety(ids), Array(2 * bytes).fill(16))
    t.match(ids[0], /^[\da-f]+$/)
    t.end()
  })

t.test('two that give ids give others', (t) => {
  const [one, other] = [createUuids(), createUuids()]
  t.equal(new Set([...makeMany(one), ...makeMany(other)]).size, 2 * MANY)
  t.end()
})
