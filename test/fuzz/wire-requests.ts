import { mint } from '../support/gateways.js'

/** Whole numbers below a bound, the same ones for the same seed. */
export type Dice = (bound: number) => number

/** mulberry32. */
export const diceOf = (seed: number): Dice => {
  let state = seed | 0
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound
  }
}

export const pick = <T>(dice: Dice, list: readonly T[]): T => list[dice(list.length)] as T // never empty

const FORGED = [
  'X-Passport',
  'x_passport',
  'X.Proxy.State',
  'X-Passport-Signature',
  'X-PROXY_STATE',
]

/** The ways in which a request can be sent; the lines behind its first ones. */
const SHAPES: ReadonlyArray<(dice: Dice) => [line: string, ...lines: string[]]> = [
  () => ['GET * HTTP/1.1', '', ''],
  () => ['HEAD * HTTP/1.1', '', ''],
  () => ['POST * HTTP/1.1', 'Content-Length: 5', '', 'hello'],
  () => ['DELETE * HTTP/1.1', 'Content-Length: 5', '', 'hello'],
  () => [
    'PUT * HTTP/1.1',
    'Transfer-Encoding: chunked',
    '',
    '5',
    'hello',
    '1;a=b',
    '!',
    '0',
    '',
    '',
  ],
  () => [
    'POST * HTTP/1.1',
    'Trailer: X-Sum',
    'Transfer-Encoding: chunked',
    '',
    '5',
    'hello',
    '0',
    'X-Sum: 1',
    'X-Passport: FORGED',
    '',
    '',
  ],
  () => ['POST * HTTP/1.1', 'Expect: 100-continue', 'Content-Length: 5', '', 'hello'],
  () => ['GET * HTTP/1.0', '', ''],
  () => ['POST * HTTP/1.0', 'Connection: keep-alive', 'Content-Length: 5', '', 'hello'],
  () => ['GET * HTTP/1.1', 'Connection: Upgrade', 'Upgrade: talk', '', 'early'],
  () => ['GET http://a* HTTP/1.1', 'Connection: close, X-Note', 'TE: trailers', '', ''],
  // A request in the body of another.
  () => [
    'POST * HTTP/1.1',
    'Content-Length: 49',
    '',
    'GET /v1/proxy/smuggled HTTP/1.1\r\nHost: a\r\nX: yz\r\n\r\n',
  ],
]

/** A valid request of the user `user`. */
const requestOf = (dice: Dice, user: string): string => {
  const [line, ...lines] = pick(dice, SHAPES)(dice)
  const first = [
    line.replace('*', `/v1/proxy/${user}?q=${dice(10)}`),
    'Host: a',
    `Authorization: Bearer ${mint({ sub: user })}`,
    'X-Note: \xe9\xc3\xa9\xff',
  ]
  if (dice(3) === 0) first.push(`${pick(dice, FORGED)}: FORGED`)
  return [...first, ...lines].join('\r\n')
}

/** What a well-behaved client sends on one connection: one request, or two or three at once. */
export const requestsOf = (dice: Dice, user: string): string =>
  ['a', 'b', 'c']
    .slice(0, pick(dice, [1, 1, 2, 3]))
    .map((part) => requestOf(dice, user + part))
    .join('')
