import { jwtVerify } from 'jose'
import t from 'tap'
import { runToken } from '../../bin/token-command.js'
import type { TokenReport } from '../../lib/explain.js'
import { call, type CommandResult } from '../support/command-io.js'
import { startGateway } from '../support/gateways.js'
import { START_SECONDS } from '../support/manual-clock.js'
import { startService } from '../support/services.js'

const SECRET = 'a secret of the tests, at least 32 bytes'
const ENV = { JWT_SECRET: SECRET }
const NOW = `--now=${START_SECONDS}`

const mint = (args: string[] = [], env: Record<string, string> = ENV): Promise<CommandResult> =>
  call(runToken, ['mint', ...args], { env })

const tokenOf = async (args: string[], env?: Record<string, string>): Promise<string> =>
  (await mint(args, env)).stdout.trim()

const reportOf = async (
  stdin: string,
  args: string[] = [],
  env: Record<string, string> = ENV,
): Promise<TokenReport> => {
  const { stdout } = await call(runToken, ['explain', '--json', ...args], { env, stdin })
  return JSON.parse(stdout) as TokenReport
}

t.test('a token of the first key is printed, and nothing else, with the own claims', async (t) => {
  const { status, stdout, stderr } = await mint()
  t.match({ status, stdout, stderr }, { status: 0, stdout: /^[\w-]+(\.[\w-]+){2}\n$/, stderr: '' })
  const { payload, protectedHeader } = await jwtVerify(stdout.trim(), Buffer.from(SECRET))
  t.match(protectedHeader, { alg: 'HS256', typ: 'JWT', kid: /^[\w-]{11}$/ })
  t.same(
    Object.keys(payload),
    'iss sub subscription country platform iat exp jti'.split(' '),
    'the claims, in their order',
  )
  t.match(payload, {
    iss: 'passport-gateway',
    sub: 'user_test',
    subscription: 'free',
    country: 'ZZ',
    platform: 'unknown',
  })
  t.equal(Number(payload.exp) - Number(payload.iat), 3600)
  t.ok(Math.abs(Number(payload.iat) - Date.now() / 1000) < 60, 'as of now')
})

t.test('options and the configuration say what is in it', async (t) => {
  const env = {
    JWT_SECRETS: JSON.stringify([
      { kid: 'new', secret: 'n'.repeat(32) },
      { kid: 'old', secret: SECRET },
    ]),
    AUDIENCE: 'edge',
    SIGNUP_PLANS: 'basic,pro',
    MAX_TOKEN_AGE_SECONDS: '600',
  }
  const shared = [NOW, '--issuer=us']
  const wishes = ['--sub=u1', '--email', 'a@b.c', '--country=IN', '--platform=ios']
  const short = await reportOf(await tokenOf([...shared, ...wishes], env), shared, env)
  t.match(short, {
    accepted: true,
    key: { kid: 'new' },
    claims: { iss: 'us', aud: 'edge', sub: 'u1', email: 'a@b.c' },
    dates: { iat: { fromNowSeconds: 0 }, exp: { fromNowSeconds: 600 } },
    segment: 'basic:IN:ios',
  })
  const long = await tokenOf([...shared, '--subscription=pro', '--expires-in=601'], env)
  t.match(await reportOf(long, shared, env), {
    reason: 'too_long_lived',
    claims: { subscription: 'pro' },
  })
  t.match(await reportOf(await tokenOf([NOW, '--expires-in=-1']), [NOW]), { reason: 'expired' })
})

t.test('--claim adds, replaces and, with null, takes out', async (t) => {
  const claims = [
    'sub="u,2"',
    'roles=["a,b","c=d"]',
    'exp=null',
    '__proto__={"x":1}',
    'deep={"a":null}',
    'email=null',
  ]
  const args = [...claims.map((claim) => `--claim=${claim}`), '--email=a@b.c']
  const report = await reportOf(await tokenOf([NOW, ...args]), [NOW])
  t.equal(report.reason, 'malformed_claims')
  t.match(report.claims, { sub: 'u,2', roles: ['a,b', 'c=d'], deep: { a: null } })
  t.same(
    ['exp', 'email', '__proto__'].map((name) => Object.hasOwn(report.claims ?? {}, name)),
    [false, false, true],
  )
})

t.test('a gateway takes it', async (t) => {
  const service = await startService(t)
  const { origin } = await startGateway(t, { upstream: service.url })
  const headers = { Authorization: `Bearer ${await tokenOf([NOW, '--sub=user_ada'])}` }
  t.equal((await fetch(`${origin}/v1/proxy/`, { headers })).status, 200)
  const me = await fetch(`${origin}/v1/auth/me`, { headers })
  t.match(await me.json(), { user_id: 'user_ada' })
  const late = { Authorization: `Bearer ${await tokenOf([NOW, '--expires-in=0'])}` }
  t.equal((await fetch(`${origin}/v1/proxy/`, { headers: late })).status, 401)
})

t.test('wrong use is told, all at once, and without what was given', async (t) => {
  const args = ['--claim=hunter22', '--claim', 'a=hunter22', '--claim==1', '--claim=b=1']
  const { status, stdout, stderr } = await mint(
    [...args, '--expires-in=hunter22', '--now=253402300800', 'hunter22', '--demo', '--sub'],
    { JWT_SECRET: 'hunter22' },
  )
  t.same(
    { status, stdout, lines: stderr.split('\n') },
    {
      status: 2,
      stdout: '',
      lines: [
        'there are only options, each with its name (--upstream URL); a switch is turned off by =false',
        '--demo: is no option; --help lists what there is',
        '--sub: needs a value',
        '--now: must be Unix seconds, up to the year 9999',
        '--expires-in: must be a whole number of seconds',
        '--claim, entry 1: must be NAME=JSON',
        `--claim, entry 2: must be NAME=JSON; a text has quotes, as in 'role="admin"'`,
        '--claim, entry 3: must be NAME=JSON',
        'JWT_SECRET: must have at least 32 bytes',
      ],
    },
  )
  t.match(await mint([], {}), { status: 2, stderr: /^JWT_SECRET is missing: / })
  t.match(await mint(['--now=soon']), { status: 2, stderr: /^--now: must be Unix seconds/ })
})
