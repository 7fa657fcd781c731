import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import t, { type Test } from 'tap'
import { startGateway } from '../support/gateways.js'
import { ADMIN_TOKEN, operatorOf, WITH_ADMIN } from '../support/operator.js'
import { freePort } from '../support/port.js'
import { startHttpService } from '../support/services.js'
import { statusAfter } from '../support/snapshots.js'
import { wake } from '../support/ticks.js'
import { top, type TopRun } from '../support/top-command.js'
import { until } from '../support/until.js'

const ENTER = '\u001b[?1049h\u001b[?25l'
const LEAVE = '\u001b[?25h\u001b[?1049l'
const FRAME = '\u001b[?2026h\u001b[H'

const framesOf = ({ stdout }: TopRun): string[] => stdout.split(FRAME).slice(1)
const frames = (running: TopRun, count: number): Promise<void> =>
  until(`frame ${count}`, () => framesOf(running).length === count)
/** A second later. */
const next = async (running: TopRun): Promise<void> => {
  await until('it waits', () => running.clock.sleepers === 1)
  running.clock.advance(1_000)
}

/** What tells how a gateway is, at a port that stays. */
const startTeller = async (t: Test, port = 0): Promise<{ url: string; server: Server }> => {
  const server = createServer((request, response) =>
    response.end(request.url === '/v1/status?last=60' ? JSON.stringify(statusAfter(3)) : '{}'),
  )
  await once(server.listen(port, '127.0.0.1'), 'listening')
  t.teardown(() => server.close().closeAllConnections())
  const address = server.address()
  return { url: `http://127.0.0.1:${(address as { port: number }).port}`, server }
}

t.test('a gateway is shown as it is, frame after frame', async (t) => {
  const { origin, clock, events } = await startGateway(t, WITH_ADMIN)
  const env = { ADMIN_TOKEN, ADMIN_URL: operatorOf({ events }).origin }
  await (await fetch(`${origin}/v1/proxy/a`)).text()
  await until('it is told', () => events.some(({ event }) => event === 'request'))
  await wake(clock, 1_000, 2)
  const running = top(['--count=2'], env)
  await next(running)
  t.equal(await running.ended, 0)
  t.equal(running.stderr, '')
  const [first = '', second = '', rest] = split(running)
  t.equal(rest, '')
  t.match(
    first,
    new RegExp(`^passport-gateway \\d+\\.\\d+\\.\\d+  ${env.ADMIN_URL} .* up 00:00:01`),
  )
  t.match(first, /\nready {3}overload none\nrequests {8}1\/s {60}█\n/)
  t.match(first, /\nstatuses {2}4xx 1\/s\n/)
  t.match(first, /\n\/v1\/proxy\/\* 127\.0\.0\.1:9 up /)
  t.match(first, /\nno_token {36}1 {10}1\n/)
  t.match(first, / GET {5}401 {4}no_token {17}\/v1\/proxy\/\*$/)
  t.match(second, 'passport-gateway')
  t.notMatch(running.stdout, '\u001b')
})

/** Frames of text, of which each begins with the name; what is behind the last is empty. */
const split = ({ stdout }: TopRun): string[] =>
  stdout.split(/\n\n(?=passport-gateway|$)/).map((text) => text.trimEnd())

t.test('without a token a gateway is asked without one', async (t) => {
  const { events } = await startGateway(t, { admin: { port: 0 } })
  const listening = events.find(({ event }) => event === 'admin_listening') as { port: number }
  const running = top([`--admin-url=http://127.0.0.1:${listening.port}/`, '--count', '1'])
  t.equal(await running.ended, 0)
  t.match(running.stdout, 'there are no figures yet')
})

t.test('a terminal is left as it was, whatever ends it', async (t) => {
  const { url } = await startTeller(t)
  const ends: Array<[number, (running: TopRun) => void]> = [
    [0, ({ hit }) => hit('xyq')],
    [130, ({ hit }) => hit('\u0003')],
    [130, ({ signal }) => signal('SIGINT')],
    [143, ({ signal }) => signal('SIGTERM')],
    [129, ({ signal }) => signal('SIGHUP')],
  ]
  for (const [status, act] of ends) {
    const running = top([], { ADMIN_URL: url }, { columns: 100, rows: 30 })
    await frames(running, 1)
    await next(running)
    await frames(running, 2)
    t.ok(running.isRaw)
    t.equal(running.listeners, 4)
    running.hit('xyz')
    act(running)
    t.ok(running.stdout.endsWith(LEAVE), 'at once')
    t.equal(await running.ended, status)
    t.equal(running.isRaw, false)
    t.equal(running.listeners, 0)
    t.ok(running.stdout.startsWith(ENTER + FRAME))
    t.equal(running.stdout.split(LEAVE).length, 2, 'once')
    for (const frame of framesOf(running)) t.equal(frame.split('\r\n').length, 30)
  }
  const tall = top(['--count=1'], { ADMIN_URL: url }, { columns: 90, rows: 50 })
  t.equal(await tall.ended, 0)
  const rows = framesOf(tall)[0]?.split('\r\n') ?? []
  t.equal(rows.length, 50)
  t.equal(rows[48], ' '.repeat(90), 'nothing is left of what stood there')
  const counted = top(['--count=1'], { ADMIN_URL: url }, {})
  t.equal(await counted.ended, 0)
  t.ok(counted.stdout.endsWith(LEAVE))
  const [frame = ''] = framesOf(counted)
  t.equal(frame.split('\r\n').length, 24, 'of a terminal that does not tell its size')
})

t.test('colours are for terminals that want them', async (t) => {
  const { url } = await startTeller(t)
  for (const [env, isColoured] of [
    [{}, true],
    [{ NO_COLOR: '' }, true],
    [{ NO_COLOR: '1' }, false],
  ] as const) {
    const running = top(['--count=1'], { ADMIN_URL: url, ...env }, { hasKeys: false })
    t.equal(await running.ended, 0)
    t.equal(running.isRaw, false)
    t.equal(running.stdout.includes('\u001b[32m'), isColoured)
  }
  const dumb = top(['--count=1'], { ADMIN_URL: url, TERM: 'dumb' }, {})
  t.equal(await dumb.ended, 0)
  t.notMatch(dumb.stdout, '\u001b')
})

t.test('a gateway that goes away is waited for', async (t) => {
  const { url, server } = await startTeller(t)
  const running = top([], { ADMIN_URL: url }, {})
  await frames(running, 1)
  server.close().closeAllConnections()
  for (let seconds = 1; seconds <= 2; seconds++) {
    await next(running)
    await frames(running, 1 + seconds)
    t.match(framesOf(running).at(-1), `no answer for ${seconds} s (ECONNREFUSED); what is shown is`)
    t.match(framesOf(running).at(-1), '127.0.0.1:4001', 'what was known last')
  }
  await startTeller(t, Number(new URL(url).port))
  await next(running)
  await frames(running, 4)
  t.notMatch(framesOf(running).at(-1), 'no answer')
  running.hit('q')
  t.equal(await running.ended, 0)
})

t.test('what ends it while it waits for an answer ends it at once', async (t) => {
  let asked = 0
  const { url } = await startHttpService(t, (_, response) => {
    if (asked++ === 0) response.end(JSON.stringify(statusAfter(1)))
  })
  const running = top([], { ADMIN_URL: url }, {})
  await next(running)
  await until('it asks', () => asked === 2)
  running.signal('SIGINT')
  t.equal(await running.ended, 130)
  t.equal(running.stderr, '')
  asked = 1
  const early = top([], { ADMIN_URL: url }, {})
  await until('it asks', () => asked === 2)
  early.signal('SIGTERM')
  t.equal(await early.ended, 143)
  t.equal(early.stdout, '')
})

t.test('what is wrong is told in one line, with exit status 1', async (t) => {
  const { events } = await startGateway(t, WITH_ADMIN)
  const { origin } = operatorOf({ events })
  const { url: strange } = await startHttpService(t, (_, response) => response.end('{}'))
  const { url: web } = await startHttpService(t, (_, response) => response.end('<html>'))
  const nowhere = `http://127.0.0.1:${await freePort()}`
  for (const [env, told] of [
    [{ ADMIN_URL: nowhere }, /no gateway answers operators at .*ECONNREFUSED.*; set ADMIN_URL/],
    [{ ADMIN_URL: origin }, /answers 401: ADMIN_TOKEN is needed: set it to its token$/],
    [{ ADMIN_URL: origin, ADMIN_TOKEN: 'x' }, /answers 401: ADMIN_TOKEN is not its token$/],
    [{ ADMIN_URL: strange }, /ADMIN_URL is no admin listener of a gateway$/],
    [{ ADMIN_URL: web }, /answers 200 as no gateway does/],
  ] as const) {
    const running = top([], env, {})
    t.equal(await running.ended, 1)
    t.match(running.stderr, /^passport-gateway: top: [^\n]+\n$/)
    t.match(running.stderr.trimEnd(), told)
    t.equal(running.stdout, '')
  }
})

t.test('a gateway that asks for another token meanwhile is not asked again', async (t) => {
  let asked = 0
  const { url } = await startHttpService(t, (_, response) => {
    if (asked++ === 0) response.end(JSON.stringify(statusAfter(1)))
    else response.writeHead(401).end('{}')
  })
  const running = top([], { ADMIN_URL: url }, {})
  await next(running)
  t.equal(await running.ended, 1)
  t.equal(asked, 2)
  t.ok(running.stdout.endsWith(LEAVE))
  t.match(running.stderr, 'ADMIN_TOKEN is needed')
})
