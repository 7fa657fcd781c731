import t from 'tap'
import { PackedTexts } from '../../lib/stores/packed-texts.js'
import { heapBytes } from '../support/heap.js'

/** A pseudo-random sequence (Park and Miller), the same each time. */
const createRandom = (): ((below: number) => number) => {
  let state = 1
  return (below) => (state = (state * 48_271) % 2_147_483_647) % below
}

t.test('texts come back as they were, in the order in which their numbers came', (t) => {
  const texts = new PackedTexts()
  const written = ['', 'a', 'ä€😀', '\0', 'x'.repeat(65_535), 'é'.repeat(32_767)]
  for (const [i, text] of written.entries()) texts.set(2 ** 40 + i, text)
  const numbers = written.map((_, i) => 2 ** 40 + i)
  t.same(
    numbers.map((number) => texts.get(number)),
    written,
  )
  texts.set(2 ** 40, 'another')
  t.same([...texts.numbers()], numbers)
  t.equal(texts.get(2 ** 40), 'another')
  t.equal(texts.get(1), undefined)
  t.end()
})

t.test('a text that is too long changes nothing', (t) => {
  const texts = new PackedTexts()
  texts.set(1, 'before')
  // Bytes are counted, not characters.
  t.throws(() => texts.set(1, '€'.repeat(21_846)), { name: 'RangeError', message: /too long/ })
  t.equal(texts.get(1), 'before')
  t.end()
})

t.test('a text can be replaced in the moment in which it is moved', (t) => {
  const texts = new PackedTexts()
  const most = 'x'.repeat(65_000)
  texts.set(1, 'before')
  for (let number = 2; number <= 5; number++) texts.set(number, most)
  for (let number = 2; number <= 5; number++) texts.delete(number)
  texts.set(1, most)
  t.equal(texts.get(1), most)
  texts.set(2, 'another')
  t.equal(texts.get(1), most)
  t.end()
})

t.test('whatever is replaced and deleted, the others stay', (t) => {
  const texts = new PackedTexts()
  const expected = new Map<number, string>()
  const random = createRandom()
  for (let i = 0; i < 100_000; i++) {
    const number = 1 + random(2_000)
    if (random(3) === 0) {
      texts.delete(number)
      expected.delete(number)
    } else {
      const text = `${number} ${'é'.repeat(random(random(20) === 0 ? 2_000 : 60))} ${i}`
      texts.set(number, text)
      expected.set(number, text)
    }
  }
  t.same([...texts.numbers()], [...expected.keys()])
  const wrong = [...expected].filter(([number, text]) => texts.get(number) !== text)
  t.same(wrong, [])
  t.end()
})

t.test('they are outside of the heap, and what is given up is used again', (t) => {
  const texts = new PackedTexts()
  const text = 'x'.repeat(200)
  const usage = () => {
    heapBytes() // what one collection finds to be garbage, the next has given back
    return { heap: heapBytes(), outside: process.memoryUsage().arrayBuffers }
  }
  const before = usage()
  for (let number = 1; number <= 100_000; number++) texts.set(number, text)
  const full = usage()
  t.ok(full.heap - before.heap < 60 * 100_000, `${full.heap - before.heap} bytes on the heap`)
  t.ok(
    // Less by what an earlier test has left until now.
    full.outside - before.outside > 180 * 100_000,
    `${full.outside - before.outside} bytes beside it`,
  )
  for (let i = 0; i < 200_000; i++) texts.set(1 + (i % 100_000), text)
  const replaced = usage()
  t.ok(
    replaced.outside - before.outside < 2.1 * 208 * 100_000,
    `${replaced.outside - before.outside} bytes beside it`,
  )
  for (let number = 1; number <= 100_000; number++) if (number % 100 !== 0) texts.delete(number)
  const few = usage()
  t.ok(few.outside - before.outside < 5 * 208 * 1_000, `${few.outside - before.outside} bytes`)
  t.equal(texts.get(100), text)
  t.end()
})
