import t from 'tap'
import { answerFraming, keptFor } from '../../lib/proxy/answer-framing.js'
import { parseAnswerHead } from '../../lib/proxy/answer-head.js'

const framed = (lines: string[], method = 'GET', status = '200', version = '1.1'): unknown => {
  const head = parseAnswerHead([`HTTP/${version} ${status} X`, ...lines].join('\r\n'))
  try {
    const framing = answerFraming(head, method)
    return framing.kind === 'length' ? framing.bytes : framing.kind
  } catch (error) {
    return (error as { code: string }).code
  }
}

t.test('a length is digits, and stands once', (t) => {
  const rows: Array<[string[], unknown]> = [
    [['5'], 5],
    [['  5\t'], 5],
    [['0'], 'none'],
    [['007'], 7],
    [['9007199254740991'], 9_007_199_254_740_991],
    ...[
      '+5',
      '-5',
      '0x5',
      '5 5',
      '5, 5',
      '5,',
      ',5',
      '5;',
      '5.0',
      '5e1',
      '5_0',
      '',
      '\xb2',
      'five',
    ].map((length): [string[], string] => [[length], 'invalid_content_length']),
    [['9007199254740993'], 'invalid_content_length'],
    [['1'.repeat(400)], 'invalid_content_length'],
    [['5', '5'], 'ambiguous_answer_length'],
    [['5', '6'], 'ambiguous_answer_length'],
    [['5', ''], 'ambiguous_answer_length'],
  ]
  for (const [lengths, expected] of rows) {
    const lines = lengths.map((length) => `Content-Length: ${length}`)
    t.equal(framed(lines), expected, JSON.stringify(lengths))
  }
  t.equal(framed(['content-LENGTH: 5']), 5)
  t.end()
})

t.test('of codings chunked alone is known, and to HTTP/1.1 alone', (t) => {
  const refused = 'unknown_transfer_coding'
  t.equal(framed(['Transfer-Encoding: chunked']), 'chunked')
  t.equal(framed(['transfer-encoding:CHUNKED ']), 'chunked')
  for (const codings of [
    ['chunked, chunked'],
    ['chunked', 'chunked'],
    ['gzip, chunked'],
    ['gzip', 'chunked'],
    ['chunked, gzip'],
    ['chunked', 'gzip'],
    ['identity'],
    ['identity, chunked'],
    ['xchunked'],
    ['chunkedx'],
    ['chunked;q=1'],
    ['chunked;'],
    [',chunked'],
    ['chunked,'],
    ['"chunked"'],
    ['chunked\tx'],
    [''],
    ['', 'chunked'],
  ])
    t.equal(
      framed(codings.map((coding) => `Transfer-Encoding: ${coding}`)),
      refused,
      JSON.stringify(codings),
    )
  t.equal(framed(['Transfer-Encoding: chunked'], 'GET', '200', '1.0'), refused)
  for (const coding of ['chunked', 'gzip', ''])
    t.equal(
      framed([`Transfer-Encoding: ${coding}`, 'Content-Length: 5']),
      'ambiguous_answer_length',
    )
  t.end()
})

t.test('what has no body has none, whatever it says', (t) => {
  for (const lines of [['Content-Length: 5'], ['Transfer-Encoding: chunked'], []]) {
    t.equal(framed(lines, 'HEAD'), 'none')
    for (const status of ['100', '101', '103', '204', '304'])
      t.equal(framed(lines, 'GET', status), 'none')
  }
  t.equal(framed(['Content-Length: x'], 'HEAD'), 'invalid_content_length', 'it is relayed')
  for (const status of ['205', '200', '206', '404', '500', '999'])
    t.equal(framed([], 'GET', status), 'close')
  t.equal(framed(['Content-Length: 5'], 'head'), 5, 'names of methods have a case')
  t.end()
})

const kept = (lines: string[], version = '1.1'): number =>
  keptFor(parseAnswerHead([`HTTP/${version} 200 OK`, ...lines].join('\r\n')))

t.test('a connection is kept as the service says', (t) => {
  const rows: Array<[string[], number, number]> = [
    [[], Infinity, 0],
    [['Connection: close'], 0, 0],
    [['Connection: Close'], 0, 0],
    [['Connection: x, CLOSE'], 0, 0],
    [['Connection: x', 'Connection: close , y'], 0, 0],
    [['Connection: keep-alive, close'], 0, 0],
    [['Connection: closed'], Infinity, 0],
    [['Connection: x-close'], Infinity, 0],
    [['Connection: keep-alive'], Infinity, Infinity],
    [['Connection: x,Keep-Alive'], Infinity, Infinity],
    [['Connection: keep-alive', 'Keep-Alive: timeout=5, max=100'], 4_000, 4_000],
    [['Connection: keep-alive', 'Keep-Alive: max=100,Timeout=5'], 4_000, 4_000],
    [['Connection: keep-alive', 'Keep-Alive: timeout=1'], 0, 0],
    [['Connection: keep-alive', 'Keep-Alive: timeout=0'], 0, 0],
    [['Connection: keep-alive', 'Keep-Alive: xtimeout=5'], Infinity, Infinity],
    [['Connection: keep-alive', 'Keep-Alive: timeout=-5'], Infinity, Infinity],
    [['Connection: keep-alive', 'Keep-Alive: 5'], Infinity, Infinity],
    [['Keep-Alive: timeout=5'], 4_000, 0],
  ]
  for (const [lines, inHttp11, inHttp10] of rows) {
    t.equal(kept(lines), inHttp11, lines.join())
    t.equal(kept(lines, '1.0'), inHttp10, `${lines.join()} in HTTP/1.0`)
  }
  t.end()
})
