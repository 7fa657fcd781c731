import t from 'tap'
import { systemClock } from '../lib/clock.js'
import { ConfigError, createGateway, DEFAULTS } from '../lib/index.js'
import { parseOptions } from '../lib/config.js'

const GOOD = { jwtSecret: 'x'.repeat(32), upstream: 'http://127.0.0.1:4000' }

const problemsOf = (options: unknown): string[] => {
  try {
    createGateway(options as never)
  } catch (error) {
    if (!(error instanceof ConfigError) || !(error instanceof RangeError)) throw error
    return error.problems.map(({ option, detail }) => `${option}: ${detail}`)
  }
  return []
}

t.test('every problem is reported at once, each with its option, and no value is repeated', (t) => {
  const timers = 'must be a whole number from 1 to 2147483647'
  const secret = 'hunter22'
  t.same(
    problemsOf({
      jwtSecret: secret,
      upstream: `http://${secret}@a/`,
      issuer: '',
      trustProxy: ['10.0.0.1', secret],
      passAuthorization: 1,
      signup: { plans: [], countryHeader: 'a b' },
      timeouts: {
        connectMs: 0,
        keepAliveMs: 2_147_483_647,
        idleBodyMs: 1.5,
        shutdownMs: '1',
        typo: 1,
      },
      limits: 5,
      jwtsecret: secret,
    }),
    [
      'jwtSecret: must have at least 32 bytes',
      'upstream.0.url: must be http://host[:port][/path], https://host[:port][/path] or unix:/path/of/socket',
      'issuer: must be 1 to 255 visible characters',
      'trustProxy.1: must be an IP address or a CIDR range',
      'passAuthorization: must be true or false',
      'signup.plans: must name at least one plan',
      'signup.countryHeader: must be the name of a header field',
      `timeouts.connectMs: ${timers}`,
      `timeouts.idleBodyMs: ${timers}`,
      'timeouts.keepAliveMs: must be a whole number from 1 to 2147482647',
      `timeouts.shutdownMs: ${timers}`,
      'timeouts.typo: is no option',
      'limits: must be a group of options',
      'jwtsecret: is no option',
    ],
  )
  t.throws(() => createGateway({} as never), { message: /^jwtSecret: .*; upstream: / })
  t.same(problemsOf(undefined), ['options: must be an object'])
  t.same(problemsOf({ ...GOOD, trustProxy: '10.0.0.1' }), ['trustProxy: must be a list'])
  t.end()
})

t.test('a service is an http:// URL, with or without a path', (t) => {
  for (const upstream of ['http://a', 'http://a:8080/', 'http://[::1]:80/base', 'HTTP://a/b/'])
    t.same(problemsOf({ ...GOOD, upstream }), [], upstream)
  for (const upstream of [
    '',
    'a',
    '//a',
    'https://a',
    'ftp://a',
    'http://',
    'http://u:p@a',
    'http://a?b',
    'http://a#',
    'http://a:99999',
    5,
  ])
    t.equal(problemsOf({ ...GOOD, upstream }).length, 1, String(upstream))
  t.end()
})

t.test('a secret is text or bytes, at least 32 of them, and copied', (t) => {
  t.same(problemsOf({ ...GOOD, jwtSecret: 'é'.repeat(16) }), [], '32 bytes of UTF-8')
  for (const jwtSecret of ['', 'x'.repeat(31), new Uint8Array(31), 5, null])
    t.same(problemsOf({ ...GOOD, jwtSecret }), ['jwtSecret: must have at least 32 bytes'])
  const bytes = new Uint8Array(32)
  const config = parseOptions({ ...GOOD, jwtSecret: bytes })
  bytes.fill(1)
  t.same(config.jwtSecret, new Uint8Array(32))
  t.end()
})

t.test('what is not given is as DEFAULTS says', (t) => {
  const { host, port, logLevel, ...expected } = DEFAULTS
  t.same([host, port, logLevel], ['127.0.0.1', 8080, 'info'])
  t.match(parseOptions(GOOD), { ...expected, trustProxy: [], signup: { plans: ['free'] } })
  t.match(parseOptions({ ...GOOD, timeouts: {} }), expected)
  t.end()
})

t.test('the clock of this machine', async (t) => {
  t.ok(Math.abs(systemClock.now() - Date.now()) < 1_000)
  const startMs = systemClock.monotonic()
  const alive = setInterval(() => {}, 10) // a sleeper does not keep the process alive
  await systemClock.sleep(5)
  clearInterval(alive)
  t.ok(systemClock.monotonic() - startMs >= 4)
})
