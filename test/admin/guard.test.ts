// Who may call the admin listener, and what is on which one.
import t from 'tap'
import { createGateway } from '../../lib/index.js'
import { NOWHERE, SECRET, startGateway } from '../support/gateways.js'
import { ADMIN_TOKEN, operatorOf, WITH_ADMIN } from '../support/operator.js'
import { exchangeRaw } from '../support/raw-client.js'

const ROUTES: Array<[string, string]> = [
  ['GET', '/v1/users'],
  ['HEAD', '/v1/users'],
  ['GET', '/v1/users/ada'],
  ['PATCH', '/v1/users/ada'],
  ['DELETE', '/v1/users/ada'],
  ['POST', '/v1/users/import'],
]
const RIGHT = `Authorization: Bearer ${ADMIN_TOKEN}`
const NONE = /www-authenticate: Bearer realm="passport-gateway admin"\r\n/i
const WRONG = /www-authenticate: Bearer realm="passport-gateway admin", error="invalid_token"\r\n/i

const REFUSED: Array<[string, string[], RegExp]> = [
  ['no token', [], NONE],
  ['another scheme', [`Authorization: Basic ${ADMIN_TOKEN}`], NONE],
  ['no scheme', [`Authorization: ${ADMIN_TOKEN}`], NONE],
  ['in another field', [`Proxy-Authorization: Bearer ${ADMIN_TOKEN}`], NONE],
  ['the scheme alone', ['Authorization: Bearer'], WRONG],
  ['another token', [`Authorization: Bearer ${'x'.repeat(ADMIN_TOKEN.length)}`], WRONG],
  ['one too short', [`${RIGHT.slice(0, -1)}`], WRONG],
  ['one too long', [`${RIGHT}x`], WRONG],
  ['another case', [`Authorization: Bearer ${ADMIN_TOKEN.toUpperCase()}`], WRONG],
  ['two spaces', [`Authorization: Bearer  ${ADMIN_TOKEN}`], WRONG],
  ['a tab', [`Authorization: Bearer\t${ADMIN_TOKEN}`], WRONG],
  ['a list', [`${RIGHT}, Bearer ${ADMIN_TOKEN}`], WRONG],
  ['the right one twice', [RIGHT, RIGHT], WRONG],
  ['the right one and another', [RIGHT, 'Authorization: Bearer x'], WRONG],
  ['another and the right one', ['authorization: Bearer x', RIGHT], WRONG],
  ['the secret of tokens', [`Authorization: Bearer ${SECRET}`], WRONG],
]

t.test('whoever does not show the token of operators gets 401, on every route', async (t) => {
  const gateway = await startGateway(t, WITH_ADMIN)
  const { port } = operatorOf(gateway)
  const send = (method: string, path: string, ...fields: string[]): Promise<string> =>
    exchangeRaw(
      t,
      port,
      `${method} ${path} HTTP/1.1`,
      'Host: a',
      'Connection: close',
      ...fields,
      '',
      '',
    )
  for (const [method, path] of ROUTES)
    for (const [what, fields, challenge] of REFUSED) {
      const answer = await send(method, path, ...fields)
      t.match(answer, /^HTTP\/1\.1 401 /, `${method} ${path}: ${what}`)
      t.match(answer, challenge, what)
      if (method !== 'HEAD') t.match(answer, /"code":"(missing|invalid)_token"/)
    }
  for (const field of [RIGHT, RIGHT.replace('Authorization: Bearer', 'AUTHORIZATION: bEARER')])
    t.match(await send('GET', '/v1/users', field), /^HTTP\/1\.1 200 /)
  t.match(await send('HEAD', '/v1/users', RIGHT), /^HTTP\/1\.1 200 [^]*\r\n\r\n$/)
  t.notMatch(JSON.stringify(gateway.events), new RegExp(ADMIN_TOKEN), 'it is never logged')
})

t.test('nothing for operators is on the public port, nor anything else on theirs', async (t) => {
  const gateway = await startGateway(t, WITH_ADMIN)
  const { origin } = operatorOf(gateway)
  const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` }
  for (const [method, path] of ROUTES) {
    const response = await fetch(gateway.origin + path, { method, headers })
    t.equal(response.status, 404, `${method} ${path}`)
  }
  t.equal((await fetch(`${gateway.origin}/v1/proxy/`, { headers })).status, 401)
  for (const path of ['/v1/auth/me', '/v1/auth/signup', '/v1/proxy/', '/v1', '/v1/usersx', '/page'])
    t.equal((await fetch(origin + path, { headers })).status, 404, path)
})

t.test('where neither a token nor a port is given nobody listens to operators', async (t) => {
  const gateway = await startGateway(t)
  t.notOk(gateway.events.some(({ event }) => event === 'admin_listening'))
})

t.test('a token of operators is long, visible, and no other secret', (t) => {
  const secret = 'x'.repeat(32)
  const rule = 'must be 32 to 512 visible ASCII characters'
  const shared = 'must not be a secret of tokens or passports: operators could mint them'
  const rows: Array<[object, string | undefined]> = [
    [{ adminToken: 'y'.repeat(32) }, undefined],
    [{ adminToken: 'y'.repeat(512) }, undefined],
    [{ adminToken: '' }, rule],
    [{ adminToken: 'y'.repeat(31) }, rule],
    [{ adminToken: 'y'.repeat(513) }, rule],
    [{ adminToken: `${'y'.repeat(32)} ` }, rule],
    [{ adminToken: 'é'.repeat(32) }, rule],
    [{ adminToken: 5 }, rule],
    [{ adminToken: secret }, shared],
    [{ adminToken: 'p'.repeat(32), passportSecret: 'p'.repeat(32) }, shared],
  ]
  for (const [options, problem] of rows) {
    const create = (): unknown =>
      createGateway({ jwtSecret: secret, upstream: NOWHERE, ...options } as never)
    if (problem === undefined) t.doesNotThrow(create)
    else t.throws(create, { message: `adminToken: ${problem}` })
  }
  t.end()
})
