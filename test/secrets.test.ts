import t from 'tap'
import { ConfigError, createGateway } from '../lib/index.js'
import { loadRing } from '../lib/secrets.js'
import { claimsOf, startEdge } from './support/accounts.js'
import { mint, NOWHERE } from './support/gateways.js'
import { START_SECONDS } from './support/manual-clock.js'
import { entry, secretOf, startFile } from './support/secrets.js'

t.test('what the secrets may be, each fault with its place', (t) => {
  const problemsOf = (options: object): string[] => {
    try {
      createGateway({ upstream: NOWHERE, ...options })
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      return error.problems.map(({ option, detail }) => `${option}: ${detail}`)
    }
    return []
  }
  const date = 'must be a date and time of RFC 3339, such as 2030-01-31T00:00:00Z'
  const common =
    'must not have a secret in common with the other ring: who reads passports could mint tokens'
  const file = startFile(t)
  file.put([entry('a'), entry('b', { notAfter: 'soon' }), entry('c', { kid: 'b' })])
  const jwtSecret = secretOf('jwt')
  const rows: Array<[object, string[]]> = [
    [{}, ['jwtSecret: must be given, or jwtSecrets, or jwtSecretsFile']],
    [{ jwtSecret, jwtSecrets: [entry('a')] }, ['jwtSecrets: must not be given beside jwtSecret']],
    [{ jwtSecrets: [] }, ['jwtSecrets: must not be empty']],
    [
      { jwtSecrets: [entry('a', { notAfter: '2030-01-31T00:00:00Z' })] },
      ['jwtSecrets.0.notAfter: must not stand in the first, which signs'],
    ],
    [
      { jwtSecrets: [entry('a'), entry('b', { notAfter: '2030-01-31' })] },
      [`jwtSecrets.1.notAfter: ${date}`],
    ],
    [
      { jwtSecrets: [entry('a'), { secret: secretOf('b') }, { secret: secretOf('b') }] },
      ['jwtSecrets.2.secret: comes twice'],
    ],
    [
      { jwtSecrets: [entry('a b')] },
      ['jwtSecrets.0.kid: must be 1 to 64 characters of A-Z, a-z, 0-9, . _ and -'],
    ],
    [
      { jwtSecrets: [{ ...entry('a'), more: 1 }] },
      ['jwtSecrets.0: must have no other field than kid, secret and notAfter'],
    ],
    [{ jwtSecrets: ['a'] }, ['jwtSecrets.0: must be a group of kid, secret and notAfter']],
    [{ jwtSecretsFile: '/nowhere/secrets' }, ['jwtSecretsFile: cannot be read (ENOENT)']],
    [
      { jwtSecretsFile: file.path },
      [`jwtSecretsFile.1.notAfter: ${date}`, 'jwtSecretsFile.2.kid: comes twice'],
    ],
    [{ jwtSecret, passportSecret: jwtSecret }, [`passportSecret: ${common}`]],
    [
      { jwtSecret, passportSecrets: [entry('a'), { secret: jwtSecret }] },
      [`passportSecrets: ${common}`],
    ],
    [
      { jwtSecret, passportSecret: secretOf('a'), passportSecrets: [entry('b')] },
      ['passportSecrets: must not be given beside passportSecret'],
    ],
    [
      { jwtSecret, endpoints: ['sign-up'] },
      [
        'endpoints.0: must be one of: signup, login, me, refresh, logout, logout-all, password; or none alone',
      ],
    ],
    [
      { jwtSecret, maxTokenAgeSeconds: 59 },
      ['maxTokenAgeSeconds: must be a whole number from 60 to 315360000'],
    ],
    [{ jwtSecret, passport: { bind: 'path' } }, ['passport.bind: must be one of: none, request']],
    [{ jwtSecret, onForgery: 'ignore' }, ['onForgery: must be one of: strip, reject']],
    [
      {
        jwtSecrets: [entry('a'), entry('b', { notAfter: '2030-01-31T00:00:00+02:00' })],
        endpoints: ['none'],
      },
      [],
    ],
  ]
  for (const [options, expected] of rows)
    t.same(problemsOf(options), expected, JSON.stringify(options).replace(/"secret[^,}]*/g, ''))
  t.end()
})

t.test(
  'an issuer that is configured is minted and required, and so is a bound of age',
  async (t) => {
    const iss = 'https://id.example'
    const { signUp, proxied, lastRequest } = await startEdge(t, {
      issuer: iss,
      audience: 'edge',
      maxTokenAgeSeconds: 600,
    })
    const token = await signUp()
    t.match(claimsOf(token), { iss, aud: 'edge', exp: START_SECONDS + 600 })
    t.equal(await proxied(token), 200)
    const exp = START_SECONDS + 600
    const rows: Array<[object, string | undefined]> = [
      [{ iss, aud: 'edge', exp }, undefined],
      [{ aud: 'edge', exp }, 'wrong_issuer'],
      [{ iss: 'https://id.example/', aud: 'edge', exp }, 'wrong_issuer'],
      [{ iss, exp }, 'wrong_audience'],
      [{ iss, aud: 'edge', exp: exp + 1 }, 'too_long_lived'],
      [{ iss, aud: 'edge', exp, iat: undefined }, 'too_long_lived'],
    ]
    for (const [claims, reason] of rows) {
      t.equal(await proxied(mint({ ...claims })), reason === undefined ? 200 : 401)
      t.equal(lastRequest()?.reason, reason)
    }
  },
)

t.test('a file that goes between the check and the start is told as any other fault', (t) => {
  const source = { secret: undefined, secrets: undefined, file: '/nowhere/secrets' }
  t.throws(() => loadRing(source, 'jwtSecretsFile'), {
    name: 'ConfigError',
    problems: [{ option: 'jwtSecretsFile', detail: 'cannot be read (ENOENT)' }],
  })
  t.end()
})
