import t from 'tap'
import { ChunkedBody } from '../../lib/proxy/chunked-body.js'
import { splits } from '../support/read-answer.js'

interface Read {
  body: string
  trailers: readonly string[]
  isDone: boolean
  behind: string
}

/** What is read of these pieces, or why not. */
const read = (pieces: readonly string[]): Read | string => {
  const chunked = new ChunkedBody()
  let body = ''
  let behind = ''
  try {
    for (const piece of pieces) {
      const bytes = Buffer.from(piece, 'latin1')
      const end = chunked.read(bytes, 0, (content) => {
        body += content.toString('latin1')
        return true
      })
      behind += piece.slice(end)
    }
  } catch (error) {
    return (error as { code: string }).code
  }
  return { body, trailers: chunked.trailers, isDone: chunked.isDone, behind }
}

t.test('chunks are put together, wherever they are split', (t) => {
  const bytes =
    '5\r\nhello\r\n00A;x="y;\xe9"\r\n,\r\n world!\r\n1 \t; a\r\n\r\r\n0\r\nA: b\r\nC:\r\n\r\nBEHIND'
  const whole = {
    body: 'hello,\r\n world!\r',
    trailers: ['A', 'b', 'C', ''],
    isDone: true,
    behind: 'BEHIND',
  }
  for (const pieces of splits(bytes)) t.same(read(pieces), whole, JSON.stringify(pieces))
  const end = bytes.indexOf('BEHIND')
  for (let at = 0; at < end; at++) {
    const { isDone, body } = read([bytes.slice(0, at)]) as Read
    t.notOk(isDone, `cut at ${at}, it does not look whole`)
    t.ok(whole.body.startsWith(body))
  }
  t.same(read(['0\r\n\r\n']), { body: '', trailers: [], isDone: true, behind: '' })
  t.end()
})

t.test('what is not in the coding is refused, wherever it is split', (t) => {
  for (const size of [
    '',
    ' ',
    ' 5',
    '+5',
    '-5',
    '-1',
    '0x5',
    '5.0',
    '5 ',
    '5\t',
    '5 5',
    '5,5',
    '5\n',
    '5\r',
    '\n5',
    '5\0',
    '5;\0',
    '5;\n',
    '5;\r',
    '5;\x7f',
    'g',
    '\xb2',
    ';x',
    ' ;x',
    'ffffffffffffffff',
    '10000000000000',
    '00000000000005',
    '10000000000000005',
    '5\r\nhello\r\n-0',
  ])
    for (const pieces of splits(`${size}\r\nhello\r\n0\r\n\r\n`))
      t.equal(read(pieces), 'invalid_chunk', JSON.stringify(pieces))
  t.match(read(['fffffffffffff\r\nx']), { body: 'x', isDone: false })
  for (const end of [
    'x\r\n',
    '\n',
    '\r\r\n',
    '\0\r\n',
    ' \r\n',
    '0\r\n\r\n',
    '\n\r\n',
    '\r0\r\n\r\n',
  ])
    for (const pieces of splits(`5\r\nhello${end}0\r\n\r\n`))
      t.match(read(pieces), /^invalid_chunk$/, JSON.stringify(pieces))
  for (const trailer of ['A', 'A : b', ' A: b', ': b', 'A: b\nC: d', 'A: \0', 'A\r: b', '\n'])
    for (const pieces of splits(`0\r\n${trailer}\r\n\r\n`))
      t.equal(read(pieces), 'invalid_answer_head', JSON.stringify(pieces))
  t.end()
})

t.test('LF alone ends nothing', (t) => {
  for (const bytes of ['5\nhello\n0\n\n', '0\n\n', '0\r\n\n'])
    t.notMatch(read([bytes]), { isDone: true }, JSON.stringify(bytes))
  t.end()
})

t.test('trailers and extensions have a bound together', (t) => {
  const line = `A: ${'x'.repeat(1_019)}\r\n` // 1,024 bytes
  const few = '0\r\n' + line.repeat(16)
  t.match(read([`${few}\r\n`]), { isDone: true })
  t.equal(read([`${few}A:\r\n\r\n`]), 'answer_head_too_large')
  const chunk = `1;${'x'.repeat(1_023)}\r\nx\r\n`
  t.match(read([chunk.repeat(16)]), { body: 'x'.repeat(16) })
  t.equal(read([chunk.repeat(16), '1;a\r\n']), 'answer_head_too_large')
  t.equal(read([chunk.repeat(16), '0\r\n', 'A:\r\n']), 'answer_head_too_large')
  t.equal(read([`1;${'x'.repeat(17_000)}`]), 'answer_head_too_large', 'one without end')
  t.equal(read([`0\r\nA: ${'x'.repeat(17_000)}`]), 'answer_head_too_large', 'a trailer, too')
  t.match(read(['1\r\nx\r\n'.repeat(100_000), '0\r\n\r\n']), { isDone: true }, 'chunks have none')
  t.end()
})

t.test('it reads on where it was told that it is enough', (t) => {
  const chunked = new ChunkedBody()
  const bytes = Buffer.from('2\r\nab\r\n1\r\nc\r\n0\r\nA: b\r\n\r\n')
  const taken: string[] = []
  const ends: number[] = []
  for (let at = 0; at < bytes.length;) {
    at = chunked.read(bytes, at, (content) => {
      taken.push(content.toString())
      return false
    })
    ends.push(at)
  }
  t.same(taken, ['ab', 'c'])
  t.same(ends, [5, 11, bytes.length])
  t.ok(chunked.isDone)
  t.end()
})
