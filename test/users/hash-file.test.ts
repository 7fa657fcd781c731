import { createHash } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { openHashFile } from '../../lib/users/hash-file.js'
import { startFile } from '../support/secrets.js'

const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex').toUpperCase()

t.test(
  'a hash is found when it is there and only then, whatever the file looks like',
  async (t) => {
    const { path, put } = startFile(t)
    const digits = (length: number) =>
      fc.string({
        unit: fc.constantFrom(...'0123456789ABCDEF'.split('')),
        minLength: length,
        maxLength: length,
      })
    // Many that are alike, and some of which one is the next of the other.
    const hash = fc
      .tuple(fc.constantFrom(0, 30, 39), digits(40))
      .map(([same, text]) => 'A'.repeat(same) + text.slice(same))
    const tail = fc.oneof(
      fc.constant(''),
      fc.nat().map((count) => `:${count}`),
      fc.integer({ min: 0, max: 87 }).map((length) => `:${'ß'.repeat(length)}`),
      fc.constant(' '.repeat(88)),
    )
    const content = fc.record({
      lines: fc.array(fc.tuple(hash, tail), { minLength: 1, maxLength: 300, size: 'max' }),
      end: fc.constantFrom('\n', '\r\n'),
      hasLastEnd: fc.boolean(),
      isLower: fc.boolean(),
      others: fc.array(hash, { maxLength: 20 }),
    })
    let found = 0
    let missed = 0
    await fc.assert(
      fc.asyncProperty(content, async ({ lines, end, hasLastEnd, isLower, others }) => {
        const sorted = lines.toSorted(([one], [other]) => (one < other ? -1 : 1))
        const text = sorted
          .map(([own, more]) => (isLower ? own.toLowerCase() : own) + more)
          .join(end)
        put(Buffer.from(hasLastEnd ? text + end : text, 'latin1'))
        const known = new Set(lines.map(([own]) => own))
        const file = openHashFile(path)
        const near = [...known].flatMap((own) =>
          ['0', '7', 'F'].map((digit) => own.slice(1) + digit),
        )
        const asked = [...known, ...others, ...near.slice(0, 60), '0'.repeat(40), 'F'.repeat(40)]
        const answers = await Promise.all(asked.map((one) => file.has(one)))
        file.close()
        for (const [i, answer] of answers.entries()) {
          if (answer !== known.has(asked[i] as string)) throw new Error(`${asked[i]}: ${answer}`)
          if (answer) found++
          else missed++
        }
      }),
      { numRuns: 60 },
    )
    t.ok(found > 1_000 && missed > 1_000, `${found} found, ${missed} missed`)
  },
)

t.test('a file that is closed lets its searches end, and begins none', async (t) => {
  const { path, put } = startFile(t)
  put(`${[sha1('a'), sha1('b')].sort().join('\n')}\n`)
  const file = openHashFile(path)
  const searches = ['a', 'b', 'c'].map((text) => file.has(sha1(text)))
  file.close()
  t.same(await Promise.all(searches), [true, true, false])
  await t.rejects(file.has(sha1('a')), { message: 'is closed' })
})
