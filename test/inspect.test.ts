import t, { type Test } from 'tap'
import type { Config } from '../lib/config.js'
import type { Identities } from '../lib/identities.js'
import type { GatewayOptions } from '../lib/index.js'
import { createInspect } from '../lib/inspect.js'
import { createKeyRing, lastingSecret } from '../lib/jwt/key-ring.js'
import { ADA, tokenOf } from './support/accounts.js'
import { bearer, mint, postJson, SECRET, startGateway } from './support/gateways.js'
import { createManualClock, START_SECONDS } from './support/manual-clock.js'
import { operatorOf, WITH_ADMIN } from './support/operator.js'

const start = async (t: Test, options: Partial<GatewayOptions> = {}) => {
  const gateway = await startGateway(t, { ...WITH_ADMIN, ...options })
  return { ...gateway, operator: operatorOf(gateway) }
}

interface Inspection {
  accepted: boolean
  reason: string | null
  checks: Array<{ name: string; passed: boolean | null; detail: string }>
  signature_verified: boolean
  claims: Record<string, unknown> | null
  passport: Record<string, unknown> | null
  headers: Record<string, string> | null
}

t.test('an inspector shows what becomes of a token, and why', async (t) => {
  const { operator, events, origin } = await start(t)
  const inspect = async (token: string): Promise<Inspection> =>
    (await (await operator.call('POST', '/v1/inspect', { token })).json()) as Inspection
  const good = mint()
  const shown = await inspect(good)
  t.match(shown, { accepted: true, reason: null, signature_verified: true })
  t.ok(shown.checks.length > 10)
  t.ok(shown.checks.every(({ passed }) => passed))
  t.match(shown.claims, { sub: 'user_ada' })
  t.match(shown.passport, { user_id: 'user_ada', token_status: 'valid' })
  t.equal(shown.headers?.['X-Proxy-State'], 'ZnJlZTpJTjphbmRyb2lk')
  const passport = Buffer.from(shown.headers?.['X-Passport'] ?? '', 'base64').toString()
  t.same(JSON.parse(passport), shown.passport)

  const rows: Array<[string, string, RegExp]> = [
    [mint({ exp: START_SECONDS - 1 }), 'expired', /exp is in the future/],
    [`${good.slice(0, -3)}AAA`, 'bad_signature', /the signature is/],
    ['nonsense', 'malformed', /three parts/],
  ]
  for (const [token, reason, name] of rows) {
    const refused = await inspect(token)
    t.match(refused, { accepted: false, reason, passport: null, headers: null })
    t.equal(refused.signature_verified, reason === 'expired')
    const failed = refused.checks.filter(({ passed }) => passed === false)
    t.match(failed, [{ name, detail: /./ }], 'one check fails')
    t.equal(refused.checks.at(-1)?.passed, null, 'the last is not reached')
  }

  const own = await tokenOf(await postJson(`${origin}/v1/auth/signup`, ADA))
  t.equal((await inspect(own)).accepted, true)
  await postJson(`${origin}/v1/auth/logout`, {}, bearer(own))
  const revoked = await inspect(own)
  t.match(revoked, { accepted: false, reason: 'revoked', passport: null, headers: null })
  t.match(revoked.checks.at(-1), { passed: false, detail: /logout/ })
  t.notMatch(JSON.stringify(events), good)
})

t.test('a signature is shown as the service would get it', async (t) => {
  const passportSecret = 'a secret of passports of the tests, long enough'
  const signed = await start(t, { passportSecret })
  const ofEach = await start(t, { passportSecret, passport: { bind: 'request' } })
  for (const [{ operator }, expected] of [
    [signed, /^v=1; kid=/],
    [ofEach, /another one for each request/],
  ] as const) {
    const response = await operator.call('POST', '/v1/inspect', { token: mint() })
    const { headers } = (await response.json()) as Inspection
    t.match(headers?.['X-Passport-Signature'], expected)
  }
})

t.test('where it is not known what was revoked, no token is accepted', (t) => {
  const ring = createKeyRing([lastingSecret(Buffer.from(SECRET))])
  const authenticate = () => ({ ok: false, reason: 'revocations_unknown' })
  const identities = { keys: ring, authenticate } as unknown as Identities
  const config = { toleranceSeconds: 0 } as Config
  const inspect = createInspect(config, identities, createManualClock())
  t.match(inspect(mint()), {
    accepted: false,
    reason: 'revocations_unknown',
    headers: null,
    checks: [{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, { passed: false, detail: /store/ }],
  })
  t.end()
})
