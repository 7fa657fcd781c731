import fc from 'fast-check'
import t from 'tap'
import { jsonLine } from '../lib/log-line.js'

// What JSON.stringify would write, without what it leaves for a terminal to act on.
const expected = (event: object): string =>
  JSON.stringify({ time: 'then', level: 'info', ...event }).replace(
    /[^\P{C}\n]|[\p{Zl}\p{Zp}]/gu,
    (character) =>
      [...Array(character.length).keys()]
        .map((i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`)
        .join(''),
  )

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constant('user_1'))
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined })

t.test('the line of a request is what JSON makes of it, whatever its fields hold', (t) => {
  const request = fc.record({
    event: fc.constant('request' as const),
    requestId: text,
    method: text,
    route: text,
    status: fc.nat(999),
    durationMs: fc.nat(1e9).map((n) => n / 1_000),
    aborted: fc.boolean(),
    userId: maybe(text),
    reason: maybe(text),
    traceId: maybe(text),
    spanId: maybe(text),
    sampled: maybe(fc.constant(0.25)),
  })
  fc.assert(
    fc.property(request, ({ userId, reason, traceId, spanId, sampled, ...rest }) => {
      const event = {
        ...rest,
        ...(userId !== undefined && { userId }),
        ...(reason !== undefined && { reason }),
        ...(traceId !== undefined && { traceId }),
        ...(spanId !== undefined && { spanId }),
        ...(sampled !== undefined && { sampled }),
      }
      t.equal(jsonLine('then', 'info', event), expected(event))
    }),
  )
  t.end()
})

t.test('so is that of any other event', (t) => {
  const event = { event: 'target_down', target: 'http://a/\u202e', cause: '"\n' } as const
  t.equal(jsonLine('then', 'info', event), expected(event))
  t.end()
})
