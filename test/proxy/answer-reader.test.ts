import t from 'tap'
import { AnswerReader } from '../../lib/proxy/answer-reader.js'
import { readAnswer, splits, type ReadAnswer } from '../support/read-answer.js'

const HEAD = 'HTTP/1.1 200 OK\r\nA: b\r\n'
const CHUNKED = `${HEAD}Transfer-Encoding: chunked\r\n\r\n`
const LENGTH = `${HEAD}Content-Length: 4\r\n\r\n`
const NEXT = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL'

/** Bytes, the method they answer, and what is read of them. */
const ANSWERS: Array<[string, string, Partial<ReadAnswer>]> = [
  [`${LENGTH}body`, 'GET', { framing: 'length', body: 'body', trailers: [] }],
  [
    `${CHUNKED}4\r\nbody\r\n0\r\nT: r\r\n\r\n`,
    'GET',
    { framing: 'chunked', body: 'body', trailers: ['T', 'r'] },
  ],
  [LENGTH, 'HEAD', { framing: 'none', trailers: [] }],
  [CHUNKED, 'HEAD', { framing: 'none', trailers: [] }],
  [`${HEAD}Content-Length: 0\r\n\r\n`, 'GET', { framing: 'none', trailers: [] }],
  ['HTTP/1.1 204 No\r\nContent-Length: 4\r\n\r\n', 'GET', { framing: 'none', trailers: [] }],
  [
    'HTTP/1.1 304 No\r\nTransfer-Encoding: chunked\r\n\r\n',
    'GET',
    { framing: 'none', trailers: [] },
  ],
  [
    `HTTP/1.1 100 C\r\n\r\nHTTP/1.1 103 H\r\nContent-Length: 9\r\n\r\n${LENGTH}body`,
    'GET',
    { informed: [100, 103], framing: 'length', body: 'body', trailers: [] },
  ],
]

t.test('an answer is read alike, wherever it is split, and not a byte further', (t) => {
  for (const [bytes, method, expected] of ANSWERS) {
    const whole = readAnswer([bytes + NEXT], { method })
    t.match(whole, expected)
    t.equal(whole.behind, NEXT, 'what is behind it is no part of it')
    for (const pieces of splits(bytes + NEXT))
      if (JSON.stringify(readAnswer(pieces, { method })) !== JSON.stringify(whole))
        t.fail(JSON.stringify(pieces))
  }
  t.end()
})

t.test('one that is cut anywhere is never whole', (t) => {
  for (const [bytes, method] of ANSWERS)
    for (let at = 0; at < bytes.length; at++) {
      const { trailers } = readAnswer([bytes.slice(0, at)], { method, isEnded: true })
      if (trailers) t.fail(JSON.stringify(bytes.slice(0, at)))
    }
  t.end()
})

t.test('one that nothing else delimits ends with its connection', (t) => {
  for (const bytes of [`${HEAD}\r\nbody`, 'HTTP/1.0 200 OK\r\n\r\nbody'])
    for (const pieces of splits(bytes)) {
      t.match(readAnswer(pieces, { isEnded: true }), {
        framing: 'close',
        body: 'body',
        trailers: [],
      })
      t.notOk(readAnswer(pieces).trailers)
    }
  t.match(readAnswer([`${HEAD}\r\n`], { isEnded: true }), { body: '', trailers: [] })
  t.match(readAnswer([`${HEAD}\r\n${NEXT}`], { isEnded: true }), { body: NEXT, behind: '' })
  t.end()
})

t.test('behind 101 is no HTTP', (t) => {
  for (const pieces of splits(`HTTP/1.1 101 S\r\nUpgrade: x\r\n\r\n${NEXT}`))
    t.match(readAnswer(pieces, { isEnded: true }), { framing: 'switched', behind: NEXT, body: '' })
  t.end()
})

t.test('what is no answer is refused, wherever it is split', (t) => {
  const rows: Array<[string, string]> = [
    ['SSH-2.0-OpenSSH\r\n', 'invalid_answer_head'],
    ['\r\nHTTP/1.1 200 OK\r\n\r\n', 'invalid_answer_head'],
    ['HTTP/2.0 200 OK\r\n\r\n', 'invalid_answer_head'],
    ['\x15\x03\x01\0\x02\x02P', 'invalid_answer_head'],
    ['HTTP/1.1 20x OK\r\n\r\n', 'invalid_answer_head'],
    [`${HEAD} folded\r\n\r\n`, 'invalid_answer_head'],
    [`${HEAD}B: c\n\r\n\r\n`, 'invalid_answer_head'],
    [`${HEAD}Content-Length: 4\r\nContent-Length: 4\r\n\r\nbody`, 'ambiguous_answer_length'],
    [`HTTP/1.1 103 H\r\nB\r\n\r\n${LENGTH}body`, 'invalid_answer_head'],
    [`${CHUNKED}x\r\n`, 'invalid_chunk'],
  ]
  for (const [bytes, error] of rows)
    for (const pieces of splits(bytes)) {
      const read = readAnswer(pieces)
      if (read.error !== error || read.trailers) t.fail(JSON.stringify(pieces))
    }
  t.match(readAnswer([`${HEAD}\n\nbody`], { isEnded: true }), { body: '' }, 'LF alone ends nothing')
  t.match(readAnswer([`${HEAD}X: ${'y'.repeat(17_000)}`]), { error: 'answer_head_too_large' })
  t.match(readAnswer(['G']), { error: 'invalid_answer_head' }, 'nothing more is waited for')
  t.end()
})

t.test('it reads on where it was told that it is enough', (t) => {
  const reader = new AnswerReader('GET', {
    informed: () => {},
    switched: () => {},
    began: () => {},
    took: (content) => {
      taken.push(content.toString())
      return false
    },
    finished: () => void taken.push('END'),
  })
  const taken: string[] = []
  const bytes = Buffer.from(`${CHUNKED}1\r\na\r\n1\r\nb\r\n0\r\n\r\n`)
  let at = 0
  for (const expected of [['a'], ['a', 'b'], ['a', 'b', 'END']]) {
    at += reader.read(bytes.subarray(at))
    t.same(taken, expected)
  }
  t.equal(at, bytes.length)
  t.equal(reader.read(Buffer.from(NEXT)), 0)
  t.end()
})
