import fc from 'fast-check'
import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import { isPlain, parseFields, readJson } from '../../lib/http/body.js'
import type { Exchange } from '../../lib/http/exchange.js'
import { readLines } from '../../lib/http/lines.js'
import { hold, same, search, type Search } from './search.js'

const JSON_TYPE = ['Content-Type', 'application/json']

const exchangeOf = (chunks: readonly Uint8Array[], rawHeaders = JSON_TYPE): Exchange => {
  const request = Object.assign(new PassThrough(), { rawHeaders })
  for (const chunk of chunks) request.write(chunk)
  request.end()
  const response = new EventEmitter()
  const deadlines = { start: () => ({ clear: () => {} }) }
  // Only what the readers of bodies look at.
  return { request, response, deadlines, framing: { kind: 'chunked' } } as never
}

const cutUp = (bytes: Buffer, at: readonly number[]): Buffer[] => {
  const ends = [...at.map((end) => end % (bytes.length + 1)), bytes.length].toSorted(
    (a, b) => a - b,
  )
  return ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end))
}
const cuts = fc.array(fc.nat(), { maxLength: 6 })

const odd = fc.constantFrom(
  'ff',
  'c0af',
  'eda080',
  'f4908080',
  '00',
  'efbbbf',
  'c3',
  '22',
  '7b',
  '5c75643830',
  '0a',
  '0d',
)
const text = fc.oneof(
  fc.json(),
  fc
    .dictionary(fc.constantFrom('__proto__', 'constructor', 'a', 'toString'), fc.jsonValue())
    .map((value) => JSON.stringify(value)),
)
const bytes = fc
  .tuple(text, fc.array(fc.tuple(fc.nat(), odd), { maxLength: 2 }))
  .map(([json, more]) =>
    more.reduce((now, [at, hex]) => {
      const from = at % (now.length + 1)
      return Buffer.concat([now.subarray(0, from), Buffer.from(hex, 'hex'), now.subarray(from)])
    }, Buffer.from(json)),
  )

// JSON as the language has it, of bytes that are UTF-8: encoded again they are the same.
const readAnew = (raw: Buffer): Array<[string, unknown]> | undefined => {
  const read = raw.toString('utf8')
  if (!Buffer.from(read).equals(raw)) return undefined
  try {
    const value = JSON.parse(read.replace(/^\ufeff/, '')) as unknown
    const isObject = Object.prototype.toString.call(value) === '[object Object]'
    return isObject ? Object.entries(value as object) : undefined
  } catch {
    return undefined
  }
}

export const searches: readonly Search[] = [
  search('json-body', fc.tuple(bytes, cuts), ['read', 'refused', 'long'], async ([raw, at]) => {
    const limitBytes = 200
    const body = await readJson(exchangeOf(cutUp(raw, at)), { limitBytes, timeoutMs: 1 })
    if (raw.length > limitBytes) {
      same(body, { ok: false, code: 'body_too_large' }, 'a long body')
      return 'long'
    }
    const expected = readAnew(raw)
    same(body?.ok, expected !== undefined, raw.toString('latin1'))
    if (!body?.ok) return 'refused'
    same([...body.fields], expected, 'the fields')
    same([...(parseFields(raw) ?? [])], expected, 'the fields')
    hold(body.raw.equals(raw), 'byte for byte')
    hold(!('isAdmin' in {}) && Object.keys(Object.prototype).length === 0, 'a prototype')
    return 'read'
  }),
  search(
    'lines',
    fc.tuple(fc.array(fc.oneof(fc.constant('\n'), fc.string({ maxLength: 12 }))), cuts),
    ['some', 'none', 'too long'],
    async ([parts, at]) => {
      const raw = Buffer.from(parts.join(''))
      const limitBytes = 10
      const found: Array<string | undefined> = []
      for await (const { bytes: line } of readLines(exchangeOf(cutUp(raw, at)), {
        limitBytes,
        idleMs: 1,
      }))
        found.push(line?.toString('latin1'))
      const expected = raw.toString('latin1').split('\n')
      if (expected.at(-1) === '') expected.pop()
      const bounded = expected.map((line) => (line.length > limitBytes ? undefined : line))
      same(found, bounded, 'the lines')
      if (bounded.includes(undefined)) return 'too long'
      return found.length > 0 ? 'some' : 'none'
    },
  ),
  search(
    'media-type',
    fc.tuple(
      fc.constantFrom(
        'application/json',
        'APPLICATION/JSON',
        'text/json',
        'application/x+json',
        '',
      ),
      fc.array(
        fc.constantFrom(
          ';',
          ' ',
          '\t',
          'charset',
          'CHARSET',
          '=',
          '"',
          'utf-8',
          'UTF8',
          'utf-16',
          ',',
          'x',
        ),
        { maxLength: 7 },
      ),
    ),
    ['taken', 'refused'],
    ([type, parts]) => {
      const rest = parts.join('')
      const isTaken = isPlain(['content-TYPE', type + rest], 'application/json')
      const parameters = rest.replace(/[ \t]/g, '').toLowerCase()
      const isKnown = [
        '',
        ';',
        ';charset=utf-8',
        ';charset=utf8',
        ';charset="utf-8"',
        ';charset="utf8"',
      ]
      const mayBe =
        type.toLowerCase() === 'application/json' &&
        parameters.replaceAll('"', '').replace(/;$/, '')
      if (isTaken)
        hold(mayBe === '' || mayBe === ';charset=utf-8' || mayBe === ';charset=utf8', type + rest)
      else hold(!(mayBe === '' && isKnown.includes(rest)), `${type}${rest} is refused`)
      hold(
        !isPlain(['Content-Type', type + rest, 'Content-Encoding', 'gzip'], 'application/json'),
        'coded',
      )
      return isTaken ? 'taken' : 'refused'
    },
  ),
]
