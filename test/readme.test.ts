import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { parseOptions } from '../lib/config.js'
import { ROUTE_OPTIONS } from '../lib/service-options.js'
import { mint, postJson, startGateway } from './support/gateways.js'
import { freePort } from './support/port.js'
import { errorTable, eventTable, metricsTable, optionTable } from './support/readme-tables.js'
import { startService } from './support/services.js'
import { openWebSocket, startWebSocketService } from './support/websockets.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
const blocks = [...readme.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].map(([, language, code = '']) => ({
  language,
  code,
}))

const READER_OPTIONS = [
  'secret',
  'secrets',
  'unsigned',
  'maxAgeSeconds',
  'toleranceSeconds',
  'anonymous',
  'request',
  'bind',
  'onRefused',
  'now',
]

t.test('its tables of options, errors, metrics and events are those of the source', (t) => {
  const section = (title: string): string =>
    readme.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? ''
  t.ok(section('Options').includes(optionTable()), 'options')
  t.ok(section('Errors').includes(errorTable()), 'errors')
  t.ok(section('See inside').includes(metricsTable()), 'metrics')
  t.ok(section('Log').includes(eventTable()), 'events')
  for (const name of READER_OPTIONS)
    t.match(section('Read the passport'), `\n| \`${name}\` |`, `the reader's ${name}`)
  t.end()
})

t.test('its routes can be used, and every option of a route is described', (t) => {
  const examples = blocks.filter(({ language }) => language === 'json')
  t.equal(examples.length, 1)
  for (const { code } of examples) {
    const routes = JSON.parse(code) as object
    t.match(parseOptions({ jwtSecret: 'x'.repeat(32), ...routes }).routes, [
      { path: '/orders', upstream: [{ weight: 1 }, { weight: 3 }] },
      { path: '/files', keepPrefix: false },
      { path: '/public', auth: 'optional' },
    ])
  }
  for (const name of ROUTE_OPTIONS)
    t.match(readme, new RegExp(`^\\|[^|]*\`${name}\`[^|]*\\|`, 'm'), name)
  t.end()
})

t.test('its WebSocket of a browser brings its token', async (t) => {
  const [example] = blocks.filter(({ language }) => language === 'javascript')
  const service = await startWebSocketService(t)
  const { port } = await startGateway(t, { upstream: service.url, websocketTokens: true })
  const [, protocols = ''] = /\[(.*)\]/.exec(example?.code ?? '') ?? []
  const offered = protocols
    .split(', ')
    .map((word) => (word === 'token' ? mint() : word.slice(1, -1)))
  t.equal(offered.length, 3)
  const { socket } = await openWebSocket(t, port, { protocols: offered, headers: {} })
  t.equal(socket.protocol, 'chat.v1')
})

t.test('its programs run as they stand, on ports that are free', async (t) => {
  const programs = blocks.filter(({ language }) => language === 'js')
  t.equal(programs.length, 4)
  const folder = join(ROOT, '.tap/readme') // inside the package, which can so import itself by name
  mkdirSync(folder, { recursive: true })
  t.teardown(() => rmSync(folder, { recursive: true }))
  const ports = { 8080: await freePort(), 4000: await freePort() }
  for (const [i, { code }] of programs.entries()) {
    const file = join(folder, `${i}.mjs`)
    const onFreePorts = code
      .replaceAll('8080', `${ports[8080]}`)
      .replaceAll('4000', `${ports[4000]}`)
    // Whatever listens is left alone after a moment's work, so that the program can end.
    writeFileSync(file, `${onFreePorts}\nsetImmediate(() => process.exit())\n`)
    const secret = 'a secret of the tests, at least 32 bytes'
    const env = { ...process.env, JWT_SECRET: secret, PASSPORT_SECRET: secret }
    const { stderr } = await promisify(execFile)(process.execPath, [file], { env })
    t.equal(stderr, '', file)
  }
})

t.test('its curl lines do what it says', async (t) => {
  const service = await startService(t)
  const { origin } = await startGateway(t, { upstream: service.url })
  const shell = blocks
    .filter(({ language }) => language === 'sh')
    .map(({ code }) => code)
    .join('\n')
  const calls = [...shell.replaceAll(/\\\n\s*/g, '').matchAll(/curl [^\n]*/g)].map(([line]) => {
    const headers = [...line.matchAll(/-H ['"]([\w-]+): ([^'"]*)['"]/g)]
    return {
      path: /http:\/\/localhost:8080(\/\S*)/.exec(line)?.[1] ?? '',
      body: /-d '([^']*)'/.exec(line)?.[1],
      headers: Object.fromEntries(headers.map(([, name = '', value = '']) => [name, value])),
    }
  })
  t.same(
    calls.map(({ path }) => path),
    ['/v1/auth/signup', '/v1/auth/login', '/v1/proxy/hello'],
  )
  let token = ''
  for (const { path, body, headers } of calls) {
    const sent = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value.replace('$TOKEN', token)]),
    )
    const response = body
      ? await postJson(origin + path, body, sent)
      : await fetch(origin + path, { headers: sent })
    t.ok(response.ok, path)
    if (body) token = ((await response.json()) as { token: string }).token
  }
  t.equal(service.requests.at(-1)?.url, '/hello')
})
