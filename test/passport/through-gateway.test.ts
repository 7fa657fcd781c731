// What the gateway signs, the reader believes; and nothing else.
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { createPassportReader } from '../../lib/passport/index.js'
import { bearer, mint, startGateway } from '../support/gateways.js'
import { secretOf } from '../support/secrets.js'
import { startService } from '../support/services.js'

const secret = secretOf('passport')

const setUp = async (t: Test, bind: 'none' | 'request') => {
  const service = await startService(t)
  const gateway = await startGateway(t, {
    upstream: `${service.url}/base`,
    routes: [{ path: '/open', upstream: service.url, auth: 'optional', keepPrefix: false }],
    passportSecret: secret,
    passport: { bind },
  })
  const now = (): number => gateway.clock.now()
  const ask = async (path: string, init: RequestInit = {}) => {
    await (await fetch(`${gateway.origin}/v1/proxy${path}`, init)).arrayBuffer()
    const request = service.requests.at(-1)
    if (!request) throw new Error('the service was not asked')
    return request
  }
  return { ...gateway, ask, now }
}

t.test('whatever a token says, and whatever is asked for, the service believes it', async (t) => {
  const bound = await setUp(t, 'request')
  const read = createPassportReader({ secret, now: bound.now })
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 85 })
  const segment = fc.string({
    unit: fc.constantFrom('a', ':', '%', '/', '+', '?', '&', '=', 'é', '~'),
    maxLength: 12,
  })
  let asked = 0
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(text, fc.option(text), text, text, text),
      fc.constantFrom('GET', 'POST', 'DELETE', 'HEAD', 'PROPFIND'),
      segment,
      async ([sub, email, subscription, country, platform], method, query) => {
        const claims = { sub, email, subscription, country, platform }
        const path = `/a?${encodeURIComponent(query)}`
        const init = { method, headers: bearer(mint(claims)) }
        const { rawHeaders, headers, url } = await bound.ask(path, init)
        const reading = read(rawHeaders, { method, path: url })
        asked++
        return (
          reading.ok &&
          reading.passport.user_id === sub &&
          reading.passport.email === email &&
          read(headers, { method, path: url }).ok &&
          !read(headers).ok &&
          !read(headers, { method, path: `${url}x` }).ok &&
          !read(headers, { method: 'PATCH', path: url }).ok
        )
      },
    ),
    { numRuns: 150 },
  )
  t.equal(asked, 150)
})

t.test('a signature that is not bound is good for any request, for a minute', async (t) => {
  const { ask, now, clock } = await setUp(t, 'none')
  const read = createPassportReader({ secret, now })
  const { headers } = await ask('/a', { headers: bearer() })
  t.match(read(headers), { ok: true, passport: { user_id: 'user_ada' } })
  t.match(createPassportReader({ secret: secretOf('other'), now })(headers), {
    ok: false,
    reason: 'bad_signature',
  })
  clock.advance(60_000)
  t.equal(read(headers).ok, true)
  clock.advance(1_000)
  t.same(read(headers), { ok: false, reason: 'expired' })
})

t.test(
  'a caller without a token is known as anonymous, and let in where that is wanted',
  async (t) => {
    const { ask, now } = await setUp(t, 'request')
    const { headers, url } = await ask('/open/x?y')
    const request = { method: 'GET', path: url }
    t.equal(url, '/x?y')
    t.same(createPassportReader({ secret, now })(headers, request), {
      ok: false,
      reason: 'anonymous',
    })
    t.match(createPassportReader({ secret, now, anonymous: 'accept' })(headers, request), {
      ok: true,
      passport: { user_id: null, token_status: 'anonymous' },
    })
  },
)
