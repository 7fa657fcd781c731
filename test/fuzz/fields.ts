import fc from 'fast-check'
import type { Exchange } from '../../lib/http/exchange.js'
import { outboundHeaders, type Identity } from '../../lib/proxy/outbound-headers.js'
import { responseHeaders } from '../../lib/proxy/response-headers.js'
import { passableTrailers } from '../../lib/proxy/trailers.js'
import { hold, same, search, type Search } from './search.js'

const separator = fc.constantFrom(..."-_.!#$%&'*+^`|~".split(''))
const inSomeCase = (text: string): fc.Arbitrary<string> =>
  fc
    .array(fc.boolean(), { minLength: text.length, maxLength: text.length })
    .map((upper) => Array.from(text, (c, i) => (upper[i] ? c.toUpperCase() : c)).join(''))

/** A name that servers may fold into that of one of ours. */
const forged = fc
  .constantFrom('x passport', 'x passport signature', 'x proxy state', 'x passport anything')
  .chain(inSomeCase)
  .chain((words) =>
    fc
      .array(separator, { minLength: 4, maxLength: 4 })
      .map((marks) => marks.reduce((name, mark) => name.replace(' ', () => mark), words)),
  )

const hop = `connection keep-alive te trailer transfer-encoding upgrade proxy-connection
  http2-settings proxy-authorization proxy-authenticate`.split(/\s+/)
const known = `Accept Cookie Set-Cookie Authorization Host Content-Length Content-Type Via X-Real-IP
  X-Forwarded-For X-Forwarded-User X-Request-Id Forwarded traceparent X-Passenger X-Proxy-Stat
  Date Expect`.split(/\s+/)
const token = fc.string({
  unit: fc.constantFrom(...'abXY019-_.!~'.split('')),
  minLength: 1,
  maxLength: 6,
})
const name = fc.oneof(
  forged,
  fc.constantFrom(...hop).chain(inSomeCase),
  fc.constantFrom(...known),
  token,
)
const value = fc.oneof(
  fc.constantFrom('', 'a', 'trailers', 'close', 'chunked', 'x, y', '\xe9'),
  fc.array(name, { maxLength: 3 }).map((names) => names.join(', ')),
)
const fields = fc
  .array(fc.tuple(name, value), { maxLength: 8 })
  .chain((some) =>
    fc
      .option(fc.array(name, { minLength: 1, maxLength: 4 }), { freq: 3 })
      .map((nominated) =>
        nominated ? [...some, ['CONNECTION', nominated.join(' ,')] as [string, string]] : some,
      ),
  )

// As CGI, WSGI and Rack do it, the other way round from the gateway.
const asVariable = (field: string): string => field.toUpperCase().replace(/[^A-Z0-9]/g, '_')
const isOurs = (field: string): boolean => /^X_(PASSPORT|PROXY_STATE$)/.test(asVariable(field))

const pairs = (raw: readonly string[]): Array<[string, string]> =>
  Array.from({ length: raw.length / 2 }, (_, i) => [raw[2 * i] as string, raw[2 * i + 1] as string])

const identity: Identity = {
  user: 'ada',
  passport: 'PASSPORT',
  segment: 'SEGMENT',
  signature: 'SIGNATURE',
  signer: undefined,
  token: undefined,
  offeredProtocols: undefined,
  confirmedProtocol: undefined,
}

const exchangeOf = (raw: Array<[string, string]>, isTrustedPeer: boolean): Exchange =>
  ({
    request: { rawHeaders: raw.flat(), method: 'POST', httpVersionMinor: 1 },
    client: { peer: '192.0.2.1', isTrustedPeer, proto: 'http', host: 'a' },
    framing: { kind: 'length', bytes: 3 },
    requestId: 'ID',
    upgrade: undefined,
    trace: { pushFields: () => {} },
  }) as never // only what the header algebra reads

// What must pass as it is, whatever `Connection` says of it.
const isKept = (field: string): boolean => /^(accept|cookie|set-cookie|content-type)$/i.test(field)

/** What holds of every message: ours once and last, nothing of the hop, the rest in its order. */
const checkPassed = (
  given: Array<[string, string]>,
  sent: Array<[string, string]>,
  ours: Array<[string, string]>,
): void => {
  same(
    sent.filter(([field]) => isOurs(field)),
    ours,
    'ours',
  )
  const framing = sent.filter(([field]) =>
    /^(transfer-encoding|keep-alive|proxy-.*|http2-settings)$/i.test(field),
  )
  same(framing, [], 'of the hop')
  same(
    sent.filter(([field]) => isKept(field)),
    given.filter(([field]) => isKept(field)),
    'what passes',
  )
}

export const searches: readonly Search[] = [
  search(
    'request-headers',
    fc.tuple(fields, fc.boolean()),
    ['forged', 'plain'],
    ([given, isTrusted]) => {
      const sent = pairs(
        outboundHeaders(
          exchangeOf(given, isTrusted),
          { authority: 'service', path: '/a', identity, isAgain: false },
          { passAuthorization: false, via: '1.1 gateway', onForged: () => {} },
        ),
      )
      checkPassed(given, sent, [
        ['X-Passport', 'PASSPORT'],
        ['X-Proxy-State', 'SEGMENT'],
        ['X-Passport-Signature', 'SIGNATURE'],
      ])
      const named = (wanted: string): string[] =>
        sent.filter(([field]) => asVariable(field) === wanted).map(([, text]) => text)
      same(named('HOST'), ['service'], 'Host')
      same(named('CONTENT_LENGTH'), ['3'], 'Content-Length')
      same(named('AUTHORIZATION'), [], 'Authorization')
      same(named('X_REQUEST_ID'), ['ID'], 'X-Request-Id')
      same(named('X_FORWARDED_HOST'), ['a'], 'X-Forwarded-Host')
      hold(named('X_FORWARDED_FOR').length === 1, 'X-Forwarded-For')
      hold(named('X_FORWARDED_FOR')[0]?.endsWith('192.0.2.1') === true, 'the peer')
      if (!isTrusted)
        for (const field of ['X_REAL_IP', 'FORWARDED', 'TRACEPARENT', 'X_FORWARDED_USER'])
          same(named(field), [], field)
      return given.some(([field]) => isOurs(field)) ? 'forged' : 'plain'
    },
  ),
  search('answer-headers', fields, ['forged', 'plain'], (given) => {
    const exchange = exchangeOf([], false)
    const options = { status: 200, segment: 'SEGMENT' }
    const sent = pairs(responseHeaders(exchange, given.flat(), options))
    checkPassed(given, sent, [['X-Proxy-State', 'SEGMENT']])
    return given.some(([field]) => isOurs(field)) ? 'forged' : 'plain'
  }),
  search('trailers', fields, ['some', 'none'], (given) => {
    const passed = passableTrailers(given.flat()) as Array<[string, string]>
    checkPassed(passed, passed, [])
    for (const [field] of passed)
      hold(
        !/^(host|via|cookie|authorization|content-.*|expect|x-forwarded-.*)$/i.test(field),
        field,
      )
    return passed.length > 0 ? 'some' : 'none'
  }),
]
