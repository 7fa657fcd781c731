import fc from 'fast-check'
import { hasField } from '../../lib/http/headers.js'
import { readAnswer, type ReadAnswer } from '../support/read-answer.js'
import { readByNode } from './node-answer.js'
import { hold, mutated, same, search, type Search } from './search.js'

// What parsers have fallen out over.
const unit = fc.constantFrom(
  ...'\r|\n|\r\n|\r\n\r\n|\0|\t| |:|,|;|"|0|1|5|a|F|g|x|-|+|\x7f|\x80|\xff|HTTP/1.1 200 OK\r\n'.split(
    '|',
  ),
  ...'0\r\n\r\n|Content-Length: 3\r\n|Transfer-Encoding: chunked\r\n|\r\n |chunked|5, 5|0x'.split(
    '|',
  ),
)
const text = fc.string({
  unit: fc.constantFrom(...'ab C,:;=\t\x80\xff\r\n'.split('')),
  maxLength: 12,
})
const value = fc.string({ unit: fc.constantFrom(...'ab C,:;="\t\x80\xff'.split('')), maxLength: 9 })
const name = fc.constantFrom(
  'A',
  'b-C',
  'X_y.z~',
  "!#$%&'*+^`|",
  '__proto__',
  'Connection',
  'Upgrade',
)
const field = fc.tuple(name, value).map(([one, other]) => `${one}: ${other}\r\n`)
const fields = fc.array(field, { maxLength: 3 }).map((lines) => lines.join(''))
const size = (bytes: string): string => bytes.length.toString(16)
const chunk = fc
  .tuple(
    text,
    fc.constantFrom('', ';', ';a', ';a=b', ';a="b"', ';a=b;c'),
    fc.constantFrom('', '0', '00'),
  )
  .filter(([content]) => content !== '')
  .map(([content, extension, zeros]) => `${zeros}${size(content)}${extension}\r\n${content}\r\n`)
const body = fc.oneof(
  text.map((content) => `Content-Length: ${content.length}\r\n\r\n${content}`),
  fc
    .tuple(fc.array(chunk, { maxLength: 4 }), fields)
    .map(
      ([chunks, trailers]) =>
        `Transfer-Encoding: chunked\r\n\r\n${chunks.join('')}0\r\n${trailers}\r\n`,
    ),
  text.map((content) => `\r\n${content}`),
)
const line = fc
  .tuple(
    fc.constantFrom('1.1', '1.1', '1.1', '1.0'),
    fc.constantFrom('200', '200', '200', '204', '304', '206', '404', '999'),
    fc.constantFrom('', ' ', ' OK', ' Not \xff'),
  )
  .map(([version, status, reason]) => `HTTP/${version} ${status}${reason}\r\n`)
const informed = fc
  .tuple(fc.constantFrom('100', '102', '103', '199'), fields)
  .map(([status, lines]) => `HTTP/1.1 ${status} I\r\n${lines}\r\n`)
const answer = fc
  .tuple(
    fc.array(informed, { maxLength: 2 }),
    line,
    fields,
    body,
    fc.constantFrom('', '', 'x', '\r\n'),
  )
  .map(
    ([before, status, lines, rest, behind]) =>
      `${before.join('')}${status}${lines}${rest}${behind}`,
  )
const changed = fc.oneof(
  answer.map((one) => ({ original: one, text: one })),
  mutated(answer, unit),
)
const method = fc.constantFrom('GET', 'GET', 'GET', 'HEAD')
const cuts = fc.array(fc.nat(), { maxLength: 6 })

const inPieces = (bytes: string, at: readonly number[]): string[] => {
  const ends = at.map((one) => one % (bytes.length + 1)).sort((one, other) => one - other)
  return [...ends, bytes.length].map((end, i) => bytes.slice(ends[i - 1] ?? 0, end))
}

const kindOf = ({ error, trailers, framing = '' }: ReadAnswer): string =>
  error ?? (trailers || framing === 'switched' ? framing : 'unfinished')

/** What of it a client is told. */
const told = ({ informed: statuses, head, body: content, trailers }: ReadAnswer): unknown => ({
  statuses: statuses.filter((status) => status !== 100),
  ...head,
  content,
  trailers,
})

// What node refuses, and RFC 9112 has a recipient bear with: space in chunk extensions (Section 7.1.1),
// and a tab beside the value of a framing field (Section 5).
const SPACED =
  /^(?:[0-9a-f]+(?:;[^\r\n]*)?[ \t]|(?:content-length|transfer-encoding):[^\r\n]*\t)[^\r\n]*\r\n/im

// Node looks at them in trailers, too, which do not pass here.
const isFraming = (field: string): boolean => /^(content-length|transfer-encoding)$/.test(field)

// Node takes one of HTTP/1.0 for the last answer of its connection.
const OLD_INFORMATION = /^HTTP\/1\.0 1/m

export const searches: readonly Search[] = [
  search(
    'answer-pieces',
    fc.tuple(changed, method, cuts),
    ['length', 'chunked', 'close', 'none', 'unfinished', 'invalid_answer_head', 'invalid_chunk'],
    ([{ text: bytes }, asked, at]) => {
      const options = { method: asked, isEnded: true }
      const whole = readAnswer([bytes], options)
      const pieces = [inPieces(bytes, at), Array.from(bytes)]
      for (const some of pieces) {
        const read = readAnswer(some, options)
        // What came before that which cannot be read depends on what came with it.
        if (whole.error) same(read.error, whole.error, JSON.stringify(some))
        else same(read, whole, JSON.stringify(some))
      }
      hold(bytes.endsWith(whole.behind), 'what was not read is the end of it')
      return kindOf(whole)
    },
  ),
  // Ours refuses more: a length or a coding that is said twice, LF alone, codings besides chunked.
  search(
    'answer-as-node',
    fc.tuple(changed, method),
    ['length', 'chunked', 'close', 'none', 'spaced', 'refused'],
    async ([{ text: bytes }, asked]) => {
      const ours = readAnswer([bytes], { method: asked, isEnded: true })
      if (!ours.trailers) return 'refused'
      const read = bytes.slice(0, bytes.length - ours.behind.length)
      if (SPACED.test(read)) return 'spaced'
      if (OLD_INFORMATION.test(read)) return 'old'
      if (hasField(ours.trailers, isFraming)) return 'framed again'
      same(told(await readByNode(read, asked)), told(ours), JSON.stringify(read))
      return kindOf(ours)
    },
  ),
]
