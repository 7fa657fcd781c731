import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { createAdminClient } from '../../bin/admin-client.js'
import { runUsers } from '../../bin/users-command.js'
import { ADMIN_TOKEN } from '../support/operator.js'
import { freePort } from '../support/port.js'
import { startHttpService, startRawService } from '../support/services.js'
import { row, startManaged, users } from '../support/users-command.js'

t.test('what goes wrong is told in one line, with exit status 1', async (t) => {
  const { env, origin } = await startManaged(t)
  await users(['import'], env, [row('ada')])
  const port = await freePort()
  const nowhere = `http://127.0.0.1:${port}`
  const wrong = { ...env, ADMIN_TOKEN: 'x'.repeat(32) }
  const rows: Array<[string[], Record<string, string>, RegExp]> = [
    [
      ['list'],
      { ...env, ADMIN_URL: nowhere },
      /no gateway answers .* at http:\/\/127\.0\.0\.1:\d+ \(ECONNREFUSED\); set ADMIN_URL/,
    ],
    [['show', 'ada', '--admin-url', nowhere], env, /no gateway answers/],
    [['list'], wrong, new RegExp(`${origin} answers 401: ADMIN_TOKEN is not its token`)],
    [['import'], wrong, /ADMIN_TOKEN is not its token/],
    [['show', 'bob'], env, /404 unknown_user: There is no user with this id/],
    [['show', '..'], env, /400 invalid_target/],
    [['delete', 'bob'], env, /unknown_user/],
    [['disable', 'bob@example.com'], env, /there is no user bob@example\.com/],
    [['show', 'a@b@c'], env, /400 invalid_request: email must be an e-mail address/],
    [['set', 'ada', '--country=XX'], env, /invalid_request: country must be a country code/],
    [['import', join(tmpdir(), 'gateway missing')], env, /missing: cannot be read \(ENOENT\)/],
    [['import', tmpdir()], env, /: cannot be read \(EISDIR\)/],
  ]
  for (const [args, given, expected] of rows) {
    const { status, stdout, stderr } = await users(args, given, [row('eve')])
    t.equal(status, 1, args.join(' '))
    t.equal(stdout, '')
    t.match(stderr, /^passport-gateway: users: [^\n]+\n$/)
    t.match(stderr, expected)
    t.notMatch(stderr, new RegExp(`${ADMIN_TOKEN}|x{32}`))
  }
  t.match(await users(['show', 'eve'], env), { status: 1 })
})

t.test('what is no gateway is recognised, and cannot command the terminal', async (t) => {
  const rows: Array<[number, string, RegExp]> = [
    [200, '<html>', /answers 200 as no gateway does; set ADMIN_URL/],
    [200, '[]', /is no admin listener of a gateway/],
    [200, 'null', /as no gateway does/],
    [200, '{}', /is no admin listener of a gateway/],
    [404, '', /answers 404 as no gateway does/],
    [302, '{"code":"moved"}', /answers 302 moved: undefined/],
    [500, '{"code":"a","detail":"\\u001b[2J\\n"}', /answers 500 a: \?\[2J\?\n$/],
    [400, '{"code":"a","detail":"b","errors":[1,{"field":"c","detail":"d"}]}', /400 a: c d\n$/],
  ]
  for (const [status, body, expected] of rows) {
    const { url } = await startHttpService(t, (_, response) => response.writeHead(status).end(body))
    const outcome = await users(['list', `--admin-url=${url}/`], { ADMIN_TOKEN })
    t.equal(outcome.status, 1)
    t.match(outcome.stderr, expected)
  }
  const broken = await startRawService(t, ({ socket }) =>
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{'),
  )
  t.match(await users(['list'], { ADMIN_TOKEN, ADMIN_URL: broken.url }), { status: 1 })
  const { url } = await startHttpService(t, (_, response) => response.end('{"imported":0}'))
  const strange = await users(['import'], { ADMIN_TOKEN, ADMIN_URL: url }, ['x'])
  t.match(strange, { status: 1, stdout: '', stderr: /no admin listener of a gateway\n$/ })
})

t.test('a silent gateway is given up, and TLS is spoken where the URL says so', async (t) => {
  const server = createServer(() => {}).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => void server.close())
  const { port } = server.address() as AddressInfo
  const adminUrl = new URL(`http://127.0.0.1:${port}`)
  const call = createAdminClient({ adminUrl, token: 'x', idleMs: 20 })
  await t.rejects(call({ method: 'GET', path: '/' }), { message: /\(no answer\); set ADMIN_URL/ })
  const { port: plain } = await startManaged(t)
  const secure = { ADMIN_TOKEN, ADMIN_URL: `https://127.0.0.1:${plain}` }
  t.match((await users(['list'], secure)).stderr, /no gateway answers .* \(\w*(SSL|EPROTO)\w*\)/)
})

t.test('wrong use is told with the usage, and exit status 2', async (t) => {
  const env = { ADMIN_TOKEN }
  const rows: Array<[string[], Record<string, string>, string[]]> = [
    [[], env, ['say what to do']],
    [['dance'], env, ['the first word says what to do: one of those below']],
    [['constructor'], env, ['the first word says what to do: one of those below']],
    [['list', 'ada'], env, ['list: there is one thing too many']],
    [['show'], env, ['show: name the user, by id or e-mail']],
    [['show', ''], env, ['show: name the user, by id or e-mail']],
    [['show', 'a', 'b'], env, ['show: there is one thing too many']],
    [['list', '--after=1'], env, ['--after: is no option here']],
    [['import', '--after=1'], env, ['--after: is no option here']],
    [['export', '--from=django'], env, ['--from: is no option here']],
    [['export', '--after'], env, ['--after: needs a value']],
    [
      ['import', '--from=constructor'],
      env,
      ['--from: must be one of: supabase, auth0, django, laravel'],
    ],
    [['export', 'a', 'b'], env, ['export: there is one thing too many']],
    [['import', 'a', 'b'], env, ['import: there is one thing too many']],
    [['set', 'a'], env, ['set: say what: --subscription, --country or --platform']],
    [
      ['set', 'a', '--country'],
      env,
      ['--country: needs a value', 'set: say what: --subscription, --country or --platform'],
    ],
    [['show', 'a', '--country=IN'], env, ['--country: is no option here']],
    [['list', '--toString'], env, ['--toString: is no option here']],
    [
      ['list', `--admin-token=${ADMIN_TOKEN}`],
      env,
      ['--admin-token: a secret is never a flag; set ADMIN_TOKEN'],
    ],
    [['list'], {}, ["ADMIN_TOKEN is missing: set it to the gateway's"]],
    [['list'], { ADMIN_TOKEN: 'a\nb' }, ['ADMIN_TOKEN: must be visible characters']],
    ...['x', 'ftp://a', 'http://a:b@c', 'http://a?b', 'http://a#b'].map(
      (url): [string[], Record<string, string>, string[]] => [
        ['list'],
        { ADMIN_TOKEN, ADMIN_URL: url },
        ['--admin-url or ADMIN_URL: must be http://host[:port]'],
      ],
    ),
  ]
  for (const [args, given, lines] of rows) {
    const { status, stdout, stderr } = await users(args, given)
    t.equal(status, 2, args.join(' '))
    t.equal(stdout, '')
    const [told = '', usage = ''] = stderr.split('\n\nusage: ')
    t.same(
      told.split('\n'),
      lines.map((line) => `passport-gateway: users: ${line}`),
    )
    t.match(usage, /^passport-gateway users list\n/)
    t.notMatch(stderr, new RegExp(ADMIN_TOKEN))
  }
})

t.test('what nobody foresaw is not taken for a failure of the gateway', async (t) => {
  const write = (): never => {
    throw new Error('unforeseen')
  }
  const io = { env: {}, stdin: (async function* () {})(), stdout: { write }, stderr: { write } }
  await t.rejects(runUsers(['--help'], io), { message: 'unforeseen' })
})
