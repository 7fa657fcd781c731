import t from 'tap'
import { parseAnswerHead, parseFieldLine } from '../../lib/proxy/answer-head.js'

t.test('a header section is read as it is written', (t) => {
  t.same(parseAnswerHead('HTTP/1.1 200 OK'), {
    statusCode: 200,
    statusMessage: 'OK',
    versionMinor: 1,
    rawHeaders: [],
  })
  t.match(parseAnswerHead('HTTP/1.0 404'), { statusMessage: '', versionMinor: 0 })
  t.match(parseAnswerHead('HTTP/1.1 999 '), { statusCode: 999, statusMessage: '' })
  t.equal(parseAnswerHead('HTTP/1.1 200 Very\twell \xe9').statusMessage, 'Very\twell \xe9')
  const lines = ['A: b', 'a:b', 'A:', 'C: \t d e\t ', "!#$%&'*+-.^_`|~09: \xff", '__proto__: x:y']
  t.same(
    parseAnswerHead(['HTTP/1.1 200 OK', ...lines].join('\r\n')).rawHeaders,
    ['A', 'b', 'a', 'b', 'A', '', 'C', 'd e', "!#$%&'*+-.^_`|~09", '\xff', '__proto__', 'x:y'],
    'order, letter case, duplicates and bytes survive; the space around values does not',
  )
  t.end()
})

const BAD_LINES = [
  'A : b', // space before the colon
  'A\t: b',
  ': b',
  'A',
  ' A: b', // a folded line
  '\tb',
  'A b: c',
  'A(: b',
  '\xe9: b',
  'A: b\rC: d',
  'A: b\nC: d',
  'A: b\r',
  '\nA: b',
  'A: \0',
  'A: \x01',
  'A: \x7f',
  'A\0: b',
  '',
]

t.test('a line that could be read in two ways is none', (t) => {
  for (const line of BAD_LINES) {
    t.throws(() => parseFieldLine(line), { code: 'invalid_answer_head' }, JSON.stringify(line))
    for (const lines of [[line], [line, 'X: y'], ['X: y', line, 'Z: z']])
      t.throws(
        () => parseAnswerHead(['HTTP/1.1 200 OK', ...lines].join('\r\n')),
        { code: 'invalid_answer_head' },
        JSON.stringify(lines),
      )
  }
  t.same(parseFieldLine('A: b'), ['A', 'b'])
  t.end()
})

t.test('a status line is one byte for byte', (t) => {
  const lines =
    `|HTTP/1.1|HTTP/1.1 |HTTP/1.1 20|HTTP/1.1 2000|HTTP/1.1 020|HTTP/1.1 000|HTTP/1.1 2x0
HTTP/1.1 -20|HTTP/1.1  200|HTTP/1.1\t200|HTTP/1.1 200\tOK|HTTP/1.1 200OK| HTTP/1.1 200 OK|http/1.1 200 OK
HTTP/1.2 200 OK|HTTP/2.0 200 OK|HTTP/0.9 200 OK|HTTP/1 200 OK|HTTP/1.11 200 OK|HTTP/11 200 OK|HTTPS/1.1 200 OK
ICY 200 OK|HTTP/1.1 +200 OK|HTTP/1.1 ²00 OK|GET / HTTP/1.1`.split(/[|\n]/)
  for (const line of [...lines, '\r\nHTTP/1.1 200 OK', 'HTTP/1.1 200 O\0K', 'HTTP/1.1 200 \x7f'])
    t.throws(
      () => parseAnswerHead(line),
      { name: 'Error', code: 'invalid_answer_head' },
      JSON.stringify(line),
    )
  t.end()
})

t.test('a long section of one kind of byte is read, or refused, in no time', (t) => {
  const startMs = performance.now()
  for (const byte of 'A: \t\r\n\0\xff'.split(''))
    for (const line of [
      '',
      'HTTP/1.1 200 ',
      'HTTP/1.1 200 OK\r\nA: ',
      'HTTP/1.1 200 OK\r\nA:b\r\n',
    ])
      for (const end of ['', '\0', '\r\nA:b', '\r\n\0'])
        try {
          parseAnswerHead(line + byte.repeat(16_000) + end)
        } catch {} // which of them are none is asked elsewhere
  t.ok(performance.now() - startMs < 2_000, 'nothing is tried over and over')
  t.end()
})
