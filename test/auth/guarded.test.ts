// Who may call the endpoints that need a token.
import t from 'tap'
import { startEdge } from '../support/accounts.js'
import { mint } from '../support/gateways.js'
import { START_SECONDS } from '../support/manual-clock.js'

const GUARDED = ['me', 'refresh', 'logout', 'logout-all', 'password']

t.test('no endpoint takes a request without a good token', async (t) => {
  const { origin, auth, proxied } = await startEdge(t)
  const revoked = mint()
  await auth('logout', revoked)
  const rows: Array<[string, Record<string, string>, string]> = [
    ['none', {}, 'missing_token'],
    ['a word', { Authorization: 'Bearer x' }, 'invalid_token'],
    ['expired', { Authorization: `Bearer ${mint({ exp: START_SECONDS })}` }, 'invalid_token'],
    ['tampered', { Authorization: `Bearer ${mint().slice(0, -3)}AAA` }, 'invalid_token'],
    ['revoked', { Authorization: `Bearer ${revoked}` }, 'invalid_token'],
    ['basic', { Authorization: 'Basic YTpi' }, 'missing_token'],
    ['in the query only', {}, 'missing_token'],
    ['as a subprotocol', { 'Sec-WebSocket-Protocol': `bearer, ${mint()}` }, 'missing_token'],
  ]
  for (const name of GUARDED)
    for (const [what, headers, code] of rows) {
      const query = what === 'in the query only' ? `?access_token=${mint()}` : ''
      const method = name === 'me' ? 'GET' : 'POST'
      const response = await fetch(`${origin}/v1/auth/${name}${query}`, { method, headers })
      t.equal(response.status, 401, `${name}: ${what}`)
      t.match(await response.json(), { code })
      t.match(response.headers.get('www-authenticate'), /^Bearer realm=/)
    }
  t.equal(await proxied(mint()), 200)
})

t.test('each endpoint has its one method', async (t) => {
  const { origin } = await startEdge(t)
  for (const name of GUARDED) {
    const [right, wrong] = name === 'me' ? ['GET, HEAD', 'POST'] : ['POST', 'GET']
    const response = await fetch(`${origin}/v1/auth/${name}`, { method: wrong })
    t.equal(response.status, 405, name)
    t.equal(response.headers.get('allow'), right)
  }
})

t.test('an endpoint that is switched off is not there', async (t) => {
  const some = await startEdge(t, { endpoints: ['me', 'logout'] })
  const token = mint()
  for (const name of ['signup', 'login', 'refresh', 'logout-all', 'password'])
    t.equal((await some.auth(name, token, {})).status, 404, name)
  t.equal((await some.auth('me', token)).status, 200)
  t.equal((await some.auth('logout', token)).status, 204)
  t.equal(await some.proxied(token), 401)
  const none = await startEdge(t, { endpoints: [] })
  t.equal((await none.auth('me', mint())).status, 404)
  t.equal(await none.proxied(mint()), 200, 'tokens are verified all the same')
})
