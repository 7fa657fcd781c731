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

t.test('a service is a URL, with or without a path, or a list of them', (t) => {
  for (const upstream of [
    'http://a',
    'http://a:8080/',
    'http://[::1]:80/base',
    'HTTP://a/b/',
    'https://a',
    'unix:/run/a.sock',
    ['http://a', { url: 'http://b', weight: 1000 }, { url: 'https://c' }],
  ])
    t.same(problemsOf({ ...GOOD, upstream }), [], JSON.stringify(upstream))
  for (const upstream of [
    '',
    'a',
    '//a',
    'unix:a',
    'ftp://a',
    [],
    ['http://a', ''],
    [{ url: 'http://a', weight: 0 }],
    [{ url: 'http://a', weight: 1001 }],
    [{ url: 'http://a', wieght: 1 }],
    [{ weight: 1 }],
    'http://',
    'http://u:p@a',
    'http://a?b',
    'http://a#',
    'http://a:99999',
    'http://a:0',
    5,
  ])
    t.equal(problemsOf({ ...GOOD, upstream }).length, 1, JSON.stringify(upstream))
  t.end()
})

t.test('routes are checked one by one, and every path has one service', (t) => {
  const upstream = 'http://a'
  const { upstream: _, ...without } = GOOD
  const good = [
    { path: '/', upstream },
    { path: '/a', upstream, methods: ['GET'], timeouts: { connectMs: 1 }, bodyBytes: undefined },
    { path: '/a/b', upstream: [upstream], auth: 'optional', keepPrefix: false },
  ]
  t.same(problemsOf({ ...without, routes: good }), [])
  t.match(parseOptions({ ...without, routes: good }).routes[1], {
    timeouts: { connectMs: 1 },
    healthCheck: {},
    auth: 'required',
    keepPrefix: true,
  })
  const PATH = 'path: must be / or a path as requests have it, and not end with a slash or /*'
  const rows: Array<[object, string]> = [
    [{ path: 'a' }, PATH],
    [{ path: '/a/' }, PATH],
    [{ path: '/a/*' }, PATH],
    [{ path: '/a?b' }, PATH],
    [{ path: '/../a' }, PATH],
    [{ path: '/ä' }, PATH],
    [{ path: 5 }, PATH],
    [{ auth: 'never' }, 'auth: must be one of: required, optional'],
    [{ methods: [] }, 'methods: must not be empty'],
    [{ methods: ['get'] }, 'methods.0: must be a method of HTTP, in capitals'],
    [{ methods: ['TRACE'] }, 'methods.0: must be a method of HTTP, in capitals'],
    [{ keepPrefix: 1 }, 'keepPrefix: must be true or false'],
    [{ bodyBytes: 0 }, 'bodyBytes: must be a whole number from 1 to 9007199254740991'],
    [
      { timeouts: { connectMs: 0 } },
      'timeouts.connectMs: must be a whole number from 1 to 2147483647',
    ],
    [{ timeouts: { hashQueueMs: 1 } }, 'timeouts.hashQueueMs: is no option'],
    [{ healthCheck: { path: 'x' } }, 'healthCheck.path: must be a path that begins with /'],
    [{ upstream: undefined }, 'upstream: must be given'],
    [{ typo: 1 }, 'typo: is no option'],
  ]
  for (const [faults, problem] of rows) {
    const [first = '', ...rest] = problemsOf({
      ...GOOD,
      routes: [{ path: '/a', upstream, ...faults }],
    })
    t.ok(first.startsWith(`routes.0.${problem}`), first)
    t.same(rest, [])
  }
  const again = 'must be another path than that of an earlier route; upstream is the one of /'
  t.same(problemsOf({ ...without, routes: [...good, good[1]] }), [`routes.3.path: ${again}`])
  t.same(problemsOf({ ...GOOD, routes: good }), [`routes.0.path: ${again}`])
  t.same(problemsOf({ ...GOOD, routes: 5 }), ['routes: must be a list'])
  t.same(problemsOf({ ...without, routes: [] }), ['upstream: must be given, or routes'])
  t.same(problemsOf({ ...without, routes: 5 }), ['routes: must be a list'])
  t.same(problemsOf({ ...GOOD, routes: [5] }), ['routes.0: must be a group of options'])
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
  const { host, port, logLevel, workers, ...expected } = DEFAULTS
  t.same([host, port, logLevel, workers], ['127.0.0.1', 8080, 'info', 1])
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

t.test('a package that a store needs is a problem of its option', async (t) => {
  const { parseOptions } = await t.mockImport<typeof import('../lib/config.js')>(
    '../lib/config.js',
    {
      '../lib/store-choice.js': { driverProblems: (url?: string) => (url ? [`needs ${url}`] : []) },
    },
  )
  const refused = t.throws(() =>
    parseOptions({ ...GOOD, ephemeralStore: 'redis://a', store: 'redis://b' }),
  )
  t.match(refused, {
    problems: [
      { option: 'store', detail: 'needs redis://b' },
      { option: 'ephemeralStore', detail: 'needs redis://a' },
    ],
  })
})
