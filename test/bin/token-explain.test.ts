import t from 'tap'
import { runToken } from '../../bin/token-command.js'
import type { TokenReport } from '../../lib/explain.js'
import { TOKEN_LIMIT, type TokenRejection } from '../../lib/jwt/checks.js'
import { readPassport } from '../../lib/passport/reader.js'
import { call, type CommandResult } from '../support/command-io.js'
import { CLAIMS, encode, forge, GOOD, H, HEADER, hmac, NOW, P, S } from '../support/forge.js'

const SECRET = 'a secret of the tests, at least 32 bytes'
const AT = `--now=${NOW}`
const explain = (
  stdin: string | Uint8Array,
  args: string[] = [],
  env: Record<string, string> = { JWT_SECRET: SECRET },
): Promise<CommandResult> => call(runToken, ['explain', AT, ...args], { env, stdin })

const reportOf = async (
  stdin: string,
  args?: string[],
  env?: Record<string, string>,
): Promise<TokenReport> =>
  JSON.parse((await explain(stdin, ['--json', ...(args ?? [])], env)).stdout) as TokenReport

// The second key of the ring has ended.
const RING = JSON.stringify([
  { kid: 'new', secret: SECRET },
  { kid: 'old', secret: 'y'.repeat(32), notAfter: new Date(NOW * 1000).toISOString() },
])

t.test('every reason to refuse a token is told, in words too, and ends with 1', async (t) => {
  const withHeader = (more: object): string => forge({ ...HEADER, ...more }, CLAIMS)
  const withClaims = (more: object): string => forge(HEADER, { ...CLAIMS, ...more })
  const foreign = (input: string): string => `${input}.${hmac(input, 'sha256', 'z'.repeat(32))}`
  const nameless = `${encode({ alg: 'HS256' })}.${P}`
  const ring = { JWT_SECRETS: RING }
  type Settings = [args?: string[], env?: Record<string, string>]
  const rows: Array<[TokenRejection, string, string, ...Settings]> = [
    ['malformed', 'x'.repeat(TOKEN_LIMIT + 1), `it is longer than ${TOKEN_LIMIT} characters`],
    [
      'malformed',
      `${GOOD}\n${GOOD}`,
      'there is white space inside: a token is one word, on one line',
    ],
    ['malformed', H, 'it has 1 of three parts, separated by dots'],
    ['malformed', `${H}..${S}`, 'one of its three parts is empty'],
    ['malformed', `e30=.${P}.${S}`, 'its header is not JSON, as base64url without padding'],
    ['malformed', `${GOOD}=`, 'its signature is not base64url without padding'],
    ['unsupported_algorithm', withHeader({ alg: 'none' }), 'alg is "none"; only "HS256" is taken'],
    ['unsupported_algorithm', forge({}, CLAIMS), 'there is no alg; only "HS256" is taken'],
    [
      'unsupported_header',
      withHeader({ crit: [], b64: false }),
      'crit and b64 would have to be understood, and is not',
    ],
    [
      'unsupported_header',
      withHeader({ typ: 'at+jwt' }),
      'typ is "at+jwt"; it is "JWT", or there is none',
    ],
    ['unknown_key', withHeader({ kid: 'a' }), `kid is "a"; the ring has ${HEADER.kid}`],
    ['unknown_key', withHeader({ kid: 5 }), 'kid is 5; the ring has new, old', [], ring],
    [
      'unknown_key',
      withHeader({ kid: 'old' }),
      'the key old has ended: its notAfter has passed',
      [],
      ring,
    ],
    [
      'bad_signature',
      foreign(`${H}.${P}`),
      `not ${HEADER.kid} has signed it: another secret has, or the token was changed since`,
    ],
    [
      'bad_signature',
      foreign(nameless),
      'none of new, old has signed it: another secret has, or the token was changed since',
      [],
      ring,
    ],
    ['malformed_claims', forge(HEADER, '[]'), 'its payload is not a JSON object, as base64url'],
    [
      'malformed_claims',
      forge(HEADER, { iat: 1.5, nbf: '1', email: 5, jti: {} }),
      'there is no exp; it must be a whole number, in Unix seconds. ' +
        'nbf is "1"; it must be a whole number, in Unix seconds. ' +
        'iat is 1.5; it must be a whole number, in Unix seconds. ' +
        'there is no sub; it must be text of 1 to 255 characters. ' +
        'email is 5; it must be text of 1 to 255 characters. ' +
        'jti is {}; it must be text',
    ],
    [
      'malformed_claims',
      forge(HEADER, { exp: NOW + 60, sub: null, user_id: '' }),
      'user_id is ""; it must be text of 1 to 255 characters',
    ],
    ['wrong_issuer', GOOD, 'there is no iss; "us" is required', ['--issuer=us']],
    [
      'wrong_audience',
      withClaims({ aud: ['a', 'b'] }),
      'aud is ["a","b"]; no audience is configured, so it is for somebody else',
    ],
    ['wrong_audience', GOOD, 'there is no aud; "us" is required', [], { AUDIENCE: 'us' }],
    ['expired', withClaims({ exp: NOW }), 'exp has passed'],
    [
      'expired',
      withClaims({ exp: NOW - 5 }),
      'exp has passed, and the 5 s that are forgiven',
      ['--tolerance-seconds', '5'],
    ],
    [
      'not_yet_valid',
      forge(HEADER, { sub: 'a', exp: NOW + 60, nbf: NOW + 2 }),
      'nbf in the future: clocks may differ by 0 s (toleranceSeconds)',
    ],
    [
      'not_yet_valid',
      withClaims({ iat: NOW + 2, nbf: NOW + 2 }),
      'iat and nbf in the future: clocks may differ by 1 s (toleranceSeconds)',
      ['--tolerance-seconds=1'],
    ],
    [
      'too_long_lived',
      withClaims({ exp: NOW + 61 }),
      'exp - iat is 61 s; at most 60 are allowed',
      ['--max-token-age-seconds=60'],
    ],
    [
      'too_long_lived',
      forge(HEADER, { sub: 'a', exp: NOW + 1 }),
      'there is no iat, so its age cannot be told; at most 60 s are allowed',
      ['--max-token-age-seconds=60'],
    ],
  ]
  for (const [reason, token, why, args, given] of rows) {
    const env = given?.['JWT_SECRETS'] ? given : { JWT_SECRET: SECRET, ...given }
    const { status, stdout } = await explain(token, args, env)
    t.equal(status, 1, reason)
    t.equal(stdout.split('\n\n')[0], `refused: ${reason}\n${why}`)
    t.notMatch(stdout, SECRET)
    const report = await reportOf(token, args, env)
    t.match(report, { accepted: false, reason, why, passport: null, segment: null, headers: null })
    const outcomes = report.checks.map(({ outcome }) => outcome)
    const failed = outcomes.indexOf(reason)
    t.same(
      outcomes,
      outcomes.map((_, i) => (i < failed ? 'pass' : i > failed ? 'not reached' : reason)),
    )
    const isSigned = /^(malformed_|wrong|exp|not_|too)/.test(reason)
    t.equal(report.signatureVerified, isSigned)
    t.equal(stdout.includes('Claims (not verified: anybody can have written this)'), !isSigned)
  }
})

t.test('of a good token everything is told that the service behind would get', async (t) => {
  const token = forge(
    { ...HEADER, kid: 'old' },
    { ...CLAIMS, email: 'ada@example.com', subscription: 'a:b' },
  )
  const signed = token.slice(0, token.lastIndexOf('.'))
  const old = `${signed}.${hmac(signed, 'sha256', 'y'.repeat(32))}`
  const env = { JWT_SECRETS: RING }
  const stdin = forge(HEADER, CLAIMS)
  const judged = (seconds: number, args: string[] = []): Promise<CommandResult> =>
    call(runToken, ['explain', `--now=${seconds}`, ...args], { env, stdin: old })
  const { stdout, status } = await judged(NOW - 1, ['--tolerance-seconds=1'])
  t.equal(status, 0)
  t.match(stdout, /^accepted\n\nChecks, as of 1899999999 \(2030-03-17T17:46:39Z\)\n {2}pass {2}t/)
  t.match(stdout, /\nClaims\n {2}sub {11}"user_ada"\n/)
  t.match(stdout, /\n {2}iat {2}1900000000 {2}2030-03-17T17:46:40Z {2}in 1 s\n/)
  t.match(stdout, /\n {2}exp {2}1900000060 {2}2030-03-17T17:47:40Z {2}in 1 min 1 s\n/)
  t.match(
    stdout,
    /\nKey\n {2}kid {3}old\n {2}ends {2}1900000000 {2}2030-03-17T17:46:40Z {2}in 1 s\n/,
  )
  t.match(stdout, /\n {2}X-Proxy-State {2}\S+\n {17}a%3Ab:ZZ:unknown\n/)
  t.match(stdout, /\n\nWhether a token has been revoked is known to the running gateway alone\.\n$/)
  const { headers } = await reportOf(stdin)
  const read = { unsigned: 'accept', now: () => NOW * 1000 } as const
  t.match(readPassport(headers ?? {}, read), {
    ok: true,
    passport: { user_id: 'user_ada', issued_at: NOW },
  })
  t.match(await reportOf(stdin), {
    accepted: true,
    reason: null,
    why: null,
    now: { seconds: NOW, fromNowSeconds: 0 },
    dates: { iat: { fromNowSeconds: 0 }, exp: { fromNowSeconds: 60 } },
    key: { kid: HEADER.kid, notAfter: null },
    passport: { user_id: 'user_ada', email: null, token_status: 'valid', issued_at: NOW },
    segment: 'free:ZZ:unknown',
  })
  t.match((await explain(stdin)).stdout, /\nKey\n.*\n {2}ends {2}never\n/)
  t.match((await explain(stdin)).stdout, /\n {2}iat {2}1900000000 {2}\S+ {2}now\n/)
  t.match((await judged(NOW + 93_661)).stdout, / 1 d 2 h ago\n/)
})
