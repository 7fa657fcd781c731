import t from 'tap'
import { bearer, mint, startGateway } from '../support/gateways.js'
import { START_SECONDS } from '../support/manual-clock.js'
import { passportIn } from '../support/passports.js'
import { startService } from '../support/services.js'

t.test('the token is passed on only where that is asked for', async (t) => {
  const service = await startService(t)
  const passing = await startGateway(t, { upstream: service.url, passAuthorization: true })
  await fetch(`${passing.origin}/v1/proxy/`, { headers: bearer() })
  t.match(service.requests.at(-1)?.headers.authorization, /^Bearer /)
})

t.test('the passport is made anew each second, and not for each request', async (t) => {
  const service = await startService(t)
  const { origin, clock } = await startGateway(t, { upstream: service.url })
  const token = mint()
  const issuedAt = async (): Promise<number | undefined> => {
    await fetch(`${origin}/v1/proxy/`, { headers: bearer(token) })
    return passportIn(service.requests.at(-1)?.headers)?.issued_at
  }
  t.equal(await issuedAt(), START_SECONDS)
  clock.advance(999)
  t.equal(await issuedAt(), START_SECONDS)
  clock.advance(1)
  t.equal(await issuedAt(), START_SECONDS + 1)
})

t.test('what a claim holds cannot break out of its header', async (t) => {
  const service = await startService(t)
  const { origin } = await startGateway(t, { upstream: service.url })
  const claims = {
    sub: 'a\r\nX-Admin: 1',
    email: 'ада@пример.рф',
    subscription: 'a:b%',
    country: '\0',
  }
  await fetch(`${origin}/v1/proxy/`, { headers: bearer(mint(claims)) })
  const { headers = {} } = service.requests.pop() ?? {}
  t.notOk('x-admin' in headers)
  t.match(passportIn(headers), { user_id: claims.sub, email: claims.email })
  const segment = Buffer.from(headers['x-proxy-state'] as string, 'base64').toString()
  t.equal(segment, 'a%3Ab%25:\0:android')
})
