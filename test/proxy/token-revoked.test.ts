// A stream does not outlive the revocation of its token, nor its key.
import { get, type IncomingMessage } from 'node:http'
import t, { type Test } from 'tap'
import type { LogEvent } from '../../lib/index.js'
import { createKeyRing, lastingSecret } from '../../lib/jwt/key-ring.js'
import { signToken } from '../../lib/jwt/sign.js'
import { bearer, mint, postJson, startGateway } from '../support/gateways.js'
import { START_SECONDS } from '../support/manual-clock.js'
import { entry, startFile } from '../support/secrets.js'
import { startHttpService } from '../support/services.js'
import { until } from '../support/until.js'
import { openWebSocket, startWebSocketService } from '../support/websockets.js'

const isRevocation = (event: LogEvent): boolean =>
  event.event === 'request' && event.reason === 'token_revoked'

const REVOKED = [1008, 'the token was revoked']

t.test('logout closes the WebSockets of its token with 1008, and no others', async (t) => {
  const service = await startWebSocketService(t)
  const { port, origin, events } = await startGateway(t, { upstream: service.url })
  const [token, other] = [mint(), mint()]
  const ended = await openWebSocket(t, port, { headers: bearer(token) })
  const going = await openWebSocket(t, port, { headers: bearer(other) })
  await fetch(`${origin}/v1/auth/logout`, { method: 'POST', headers: bearer(token) })
  t.same(await ended.closed, REVOKED)
  await until('the service knows', () => service.closed.length === 1)
  t.same(service.closed[0], REVOKED)
  await until('it is logged', () => events.some(isRevocation))
  t.match(events.find(isRevocation), { status: 101, aborted: false })
  going.socket.send('still here')
  await until('an answer', () => going.messages.length === 1)
  await fetch(`${origin}/v1/auth/logout-all`, { method: 'POST', headers: bearer(other) })
  t.same(await going.closed, REVOKED)
})

const openEvents = async (t: Test, origin: string, headers: Record<string, string>) => {
  const response = await new Promise<IncomingMessage>((resolve) =>
    get(`${origin}/v1/proxy/events`, { headers, agent: false }, resolve),
  )
  t.teardown(() => response.destroy())
  const stream = { text: '', isEnded: false }
  response.setEncoding('utf8').on('data', (text: string) => (stream.text += text))
  response.on('end', () => (stream.isEnded = true)).on('error', () => {})
  return stream
}

t.test('logout ends an event stream with a last comment', async (t) => {
  const service = await startHttpService(t, (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('data: 1\n\ndata: h')
  })
  const { origin, events } = await startGateway(t, { upstream: service.url })
  const token = mint()
  const stream = await openEvents(t, origin, bearer(token))
  await until('the first event', () => stream.text.endsWith('data: h'))
  await fetch(`${origin}/v1/auth/logout`, { method: 'POST', headers: bearer(token) })
  await until('the end', () => stream.isEnded)
  t.equal(stream.text, 'data: 1\n\ndata: h\n: the token was revoked\n')
  await until('it is logged', () => events.some(isRevocation))
})

t.test('a stream whose token is revoked before its answer comes ends as it begins', async (t) => {
  let answer: (() => void) | undefined
  const service = await startHttpService(t, (_, response) => {
    answer = () => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('data: 1\n\n')
    }
  })
  const { origin } = await startGateway(t, { upstream: service.url })
  const token = mint()
  const opening = openEvents(t, origin, bearer(token))
  await until('the request', () => answer !== undefined)
  await fetch(`${origin}/v1/auth/logout`, { method: 'POST', headers: bearer(token) })
  answer?.()
  const stream = await opening
  await until('the end', () => stream.isEnded)
  t.match(stream.text, /: the token was revoked\n$/)
})

t.test('a WebSocket too', async (t) => {
  let accept: (() => void) | undefined
  const service = await startWebSocketService(t, {
    verifyClient: (_: unknown, done: (isGood: boolean) => void) => (accept = () => done(true)),
  })
  const { origin, port } = await startGateway(t, { upstream: service.url })
  const token = mint()
  const opening = openWebSocket(t, port, { headers: bearer(token) })
  await until('the request', () => accept !== undefined)
  await fetch(`${origin}/v1/auth/logout`, { method: 'POST', headers: bearer(token) })
  accept?.()
  t.same(await (await opening).closed, REVOKED)
})

t.test('a change of password closes what is open with other tokens', async (t) => {
  const service = await startWebSocketService(t)
  const { port, origin } = await startGateway(t, { upstream: service.url })
  const account = { email: 'ada@example.com', password: 'correct horse' }
  const signup = await postJson(`${origin}/v1/auth/signup`, account)
  const { token } = (await signup.json()) as { token: string }
  const { closed } = await openWebSocket(t, port, { headers: bearer(token) })
  const body = { current_password: account.password, new_password: 'battery staple' }
  await postJson(`${origin}/v1/auth/password`, body, bearer(token))
  t.same(await closed, REVOKED)
})

t.test('a key that is removed ends what is open with its tokens', async (t) => {
  const { path, put } = startFile(t)
  const [old, fresh] = [entry('old'), entry('new')]
  put([old])
  const service = await startWebSocketService(t)
  const gateway = await startGateway(t, {
    upstream: service.url,
    jwtSecret: undefined,
    jwtSecretsFile: path,
  })
  const { port, clock } = gateway
  const oldRing = createKeyRing([{ ...lastingSecret(Buffer.from(old.secret)), kid: 'old' }])
  const claims = { sub: 'user_ada', iat: START_SECONDS, exp: START_SECONDS + 600 }
  const headers = bearer(signToken(oldRing, claims))
  const socket = await openWebSocket(t, port, { headers })
  put([fresh, old])
  gateway.gateway.reload()
  socket.socket.send('still here')
  await until('an answer', () => socket.messages.length === 1)
  put([fresh, { ...old, notAfter: new Date((START_SECONDS + 60) * 1000).toISOString() }])
  gateway.gateway.reload()
  clock.advance(59_000)
  socket.socket.send('still here')
  await until('an answer', () => socket.messages.length === 2)
  clock.advance(1_000)
  t.same(await socket.closed, REVOKED, 'at the moment that its end was set to')
  put([fresh, old])
  gateway.gateway.reload()
  const again = await openWebSocket(t, port, { headers })
  put([fresh])
  gateway.gateway.reload()
  t.same(await again.closed, REVOKED, 'at once when it is removed')
  const response = await fetch(`${gateway.origin}/v1/proxy/`, { headers })
  t.equal(response.status, 401, 'and lets nobody in')
})

t.test('who waits for his turn when his token ends is refused like any other', async (t) => {
  for (const limits of [
    { userRequests: 1, userWaiting: 1 },
    { userRequests: 9, targetConnections: 1, targetWaiting: 1 },
  ])
    for (const [reason, end] of [
      ['revoked', 'The token was revoked'],
      ['expired', 'The token has expired'],
    ] as const) {
      let asked = 0
      const service = await startHttpService(t, () => asked++)
      const gateway = await startGateway(t, { upstream: service.url, limits })
      const { origin, clock, events } = gateway
      const ask = (headers: Record<string, string>): Promise<Response> =>
        fetch(`${origin}/v1/proxy/`, { headers })
      void ask(bearer()).catch(() => {})
      await until('the place is taken', () => asked === 1)
      const headers = bearer(mint({ exp: START_SECONDS + 2 }))
      const answers = [ask(headers), ask(headers)]
      // One is refused at once, so the other waits.
      t.equal((await Promise.race(answers)).status, 503, reason)
      if (reason === 'expired') clock.advance(2_000)
      else await fetch(`${origin}/v1/auth/logout`, { method: 'POST', headers })
      const responses = await Promise.all(answers)
      const refused = responses.find(({ status }) => status === 401)
      t.match(refused?.headers.get('www-authenticate'), `error_description="${end}"`)
      await until('it is logged', () =>
        events.some((event) => event.event === 'request' && event.reason === reason),
      )
      t.equal(asked, 1)
    }
})
