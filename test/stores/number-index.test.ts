import t, { type Test } from 'tap'
import { createSaltedHash, NumberIndex } from '../../lib/stores/number-index.js'

/** An index, and the texts that it is an index of. */
const openIndex = (hashOf?: (text: string) => number) => {
  const texts = new Map<number, string>()
  const index = new NumberIndex({
    textOf: (number) => texts.get(number),
    ...(hashOf && { hashOf }),
  })
  const add = (text: string, number: number): void => {
    texts.set(number, text)
    index.add(text, number)
  }
  const remove = (text: string): void => {
    const number = index.find(text) as number
    index.remove(text)
    texts.delete(number)
  }
  return { index, add, remove }
}

const findsAll = (t: Test, index: NumberIndex, expected: Record<string, number | undefined>) => {
  for (const [text, number] of Object.entries(expected)) t.equal(index.find(text), number, text)
}

t.test('numbers are found by their texts, and only by them', (t) => {
  const { index, add, remove } = openIndex()
  for (let number = 1; number <= 5_000; number++) add(`text ${number}`, number)
  const found = Array.from({ length: 5_000 }, (_, i) => index.find(`text ${i + 1}`))
  t.same(
    found,
    found.map((_, i) => i + 1),
  )
  t.equal(index.find('text 5001'), undefined)
  t.equal(index.find('text 1 '), undefined)
  remove('text 17')
  t.equal(index.find('text 17'), undefined)
  t.end()
})

t.test('texts of one hash are told apart, and found when one of them goes', (t) => {
  const { index, add, remove } = openIndex(() => 2 ** 31 - 2)
  for (const [i, text] of ['a', 'b', 'c', 'd'].entries()) add(text, i + 1)
  findsAll(t, index, { a: 1, b: 2, c: 3, d: 4, e: undefined })
  remove('b')
  findsAll(t, index, { a: 1, b: undefined, c: 3, d: 4, e: undefined })
  remove('a')
  findsAll(t, index, { a: undefined, b: undefined, c: 3, d: 4 })
  add('e', 5)
  add('f', 6)
  add('g', 7)
  findsAll(t, index, { a: undefined, c: 3, d: 4, e: 5, f: 6, g: 7 })
  for (const text of ['g', 'd', 'c', 'e', 'f']) remove(text)
  findsAll(t, index, { a: undefined, c: undefined, d: undefined, e: undefined, g: undefined })
  add('a', 8)
  t.equal(index.find('a'), 8)
  t.end()
})

t.test('where texts lie can be foreseen by nobody, and is spread out', (t) => {
  const [hash, other] = [createSaltedHash(), createSaltedHash()]
  const texts = Array.from({ length: 1_000 }, (_, i) => `text ${i}`)
  t.same(texts.map(hash), texts.map(hash))
  t.ok(texts.filter((text) => hash(text) === other(text)).length < 2)
  t.ok(new Set(texts.map(hash)).size > 990)
  t.ok(texts.map(hash).every((place) => place === (place | 0)))
  t.end()
})
