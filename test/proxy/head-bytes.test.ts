import t from 'tap'
import { HeadBytes, LIMIT_HEAD_BYTES } from '../../lib/proxy/head-bytes.js'

/** What is read of these pieces, one text after another, or why not. */
const gather = (end: string, pieces: string[]): string[] | string => {
  const head = new HeadBytes(end)
  const texts: string[] = []
  try {
    for (const piece of pieces) {
      const bytes = Buffer.from(piece, 'latin1')
      for (let at = 0; at < bytes.length;) {
        at = head.read(bytes, at)
        if (head.text !== undefined) texts.push(head.text)
      }
    }
  } catch (error) {
    return (error as { code: string }).code
  }
  return texts
}

t.test('one is read after another, wherever they are split', (t) => {
  const bytes = 'a\rb\r\n\n\r\r\n\r\n\r\nc\xe9'
  for (let first = 0; first <= bytes.length; first++)
    for (let second = first; second <= bytes.length; second++) {
      const pieces = [bytes.slice(0, first), bytes.slice(first, second), bytes.slice(second)]
      t.same(gather('\r\n', pieces), ['a\rb', '\n\r', '', ''], JSON.stringify(pieces))
      t.same(gather('\r\n\r\n', pieces), ['a\rb\r\n\n\r'], JSON.stringify(pieces))
    }
  t.end()
})

t.test('what is longer than it may be is refused, wherever it is split', (t) => {
  const longest = 'x'.repeat(LIMIT_HEAD_BYTES)
  for (const end of ['\r\n', '\r\n\r\n']) {
    for (const at of [1, 2, 8_000, LIMIT_HEAD_BYTES - 1, LIMIT_HEAD_BYTES, LIMIT_HEAD_BYTES + 1]) {
      const split = (bytes: string): string[] => [bytes.slice(0, at), bytes.slice(at)]
      t.same(gather(end, split(`${longest}${end}rest${end}`)), [longest, 'rest'])
      t.equal(gather(end, split(`x${longest}${end}rest${end}`)), 'answer_head_too_large')
      t.equal(gather(end, split(`${longest}\r\r\r\r\r`)), 'answer_head_too_large')
    }
    t.same(gather(end, [longest + end]), [longest])
    t.same(gather(end, Array.from(longest + end)), [longest])
    t.equal(gather(end, [`x${longest}${end}`]), 'answer_head_too_large')
    t.equal(gather(end, Array.from(`x${longest}${end}`)), 'answer_head_too_large')
    t.equal(gather(end, [longest.repeat(4)]), 'answer_head_too_large')
  }
  t.end()
})

t.test('what has begun is told', (t) => {
  const head = new HeadBytes('\r\n')
  t.equal(head.begun, '')
  head.read(Buffer.from('xHTTP'), 1)
  t.equal(head.begun, 'HTTP')
  head.read(Buffer.from('\r\nnext'), 0)
  t.match(head, { begun: '', text: 'HTTP' })
  t.end()
})
