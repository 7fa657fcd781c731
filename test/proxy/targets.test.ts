// One service, several targets: who gets a request, and what happens when one fails.
import t from 'tap'
import { bearer, startGateway } from '../support/gateways.js'
import { connectRaw } from '../support/raw-client.js'
import { freePort } from '../support/port.js'
import { startHttpService, startRawService, startService } from '../support/services.js'
import { AUTHORIZATION, sendRaw, startBroken } from '../support/raw-requests.js'
import { until } from '../support/until.js'

const nowhere = async (): Promise<string> => `http://127.0.0.1:${await freePort()}`

t.test('requests go to all targets, by their weights', async (t) => {
  const light = await startService(t)
  const heavy = await startService(t)
  const { origin } = await startGateway(t, {
    upstream: [light.url, { url: heavy.url, weight: 9 }],
  })
  for (let i = 0; i < 200; i++) await fetch(`${origin}/v1/proxy/`, { headers: bearer() })
  const share = light.requests.length / 200
  t.equal(light.requests.length + heavy.requests.length, 200)
  t.ok(share > 0.02 && share < 0.25, `${share} of them to the light one`)
})

t.test('the less busy of two gets the next', async (t) => {
  let held = 0
  const busy = await startHttpService(t, () => void held++)
  const free = await startService(t)
  const { port, origin } = await startGateway(t, { upstream: [busy.url, free.url] })
  while (held < 1) {
    connectRaw(t, port).send('GET /v1/proxy/ HTTP/1.1', 'Host: a', AUTHORIZATION, '', '')
    const before = free.requests.length
    await until('it is somewhere', () => held > 0 || free.requests.length > before)
  }
  const before = free.requests.length
  for (let i = 0; i < 50; i++) {
    const response = await fetch(`${origin}/v1/proxy/`, { headers: bearer() })
    t.equal(response.status, 200)
  }
  t.equal(free.requests.length - before, 50)
  t.equal(held, 1)
})

t.test(
  'where no connection can be made, another target has the request, whatever it is',
  async (t) => {
    const service = await startService(t)
    const { port, events } = await startGateway(t, {
      upstream: [await nowhere(), { url: service.url, weight: 1 }],
      ejection: { failures: 1_000 },
      retries: { budgetPercent: 100 },
    })
    for (let i = 0; i < 10; i++) {
      t.match(await sendRaw(t, port, 'GET'), /^HTTP\/1\.1 200 /)
      t.match(await sendRaw(t, port, 'POST', 'Content-Length: 4', '', 'body'), /^HTTP\/1\.1 200 /)
    }
    t.equal(service.requests.length, 20)
    t.same(
      service.requests.filter(({ method, body }) => method === 'POST' && body !== 'body'),
      [],
    )
    const failures = events.filter(({ event }) => event === 'upstream_failed')
    t.ok(failures.length > 0, 'and it is logged')
    t.match(failures[0], { phase: 'connecting', cause: 'ECONNREFUSED', target: /^http:/ })
  },
)

t.test('one that fails before a byte of its answer: what may be repeated goes on', async (t) => {
  const broken = await startBroken(t)
  const service = await startService(t)
  const { port } = await startGateway(t, {
    upstream: [{ url: broken.url, weight: 1000 }, service.url],
    ejection: { failures: 1_000 },
    retries: { budgetPercent: 100 },
  })
  const rows: Array<[string, string[], boolean]> = [
    ['GET', [], true],
    ['DELETE', [], true],
    ['PUT', ['Content-Length: 4', '', 'body'], true],
    ['PUT', ['Transfer-Encoding: chunked', '', '4', 'body', '0', '', ''], true],
    ['POST', ['Idempotency-Key: k', 'Content-Length: 4', '', 'body'], true],
    ['POST', ['Content-Length: 4', '', 'body'], false],
    ['POST', [], false],
    ['PATCH', ['Content-Length: 4', '', 'body'], false],
  ]
  for (const [method, lines, isRepeated] of rows) {
    const seen = broken.connections.length
    const whole = service.requests.length
    const name = `${method} ${lines[0]}`
    const received = await sendRaw(t, port, method, ...lines)
    t.ok(broken.connections.length > seen, `${name} came to the broken one, as 1000 of 1001 do`)
    t.match(received, isRepeated ? /^HTTP\/1\.1 200 / : /^HTTP\/1\.1 502 /, name)
    t.equal(service.requests.length - whole, isRepeated ? 1 : 0, name)
    if (isRepeated && lines.length > 0) t.equal(service.requests.at(-1)?.body, 'body', name)
  }
})

t.test('after a byte of an answer nothing is sent again', async (t) => {
  for (const answer of ['H', 'garbage\r\n\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx']) {
    const broken = await startBroken(t, answer)
    const service = await startService(t)
    const { port } = await startGateway(t, {
      upstream: [{ url: broken.url, weight: 1000 }, service.url],
    })
    const received = await sendRaw(t, port, 'GET')
    t.equal(broken.connections.length, 1, 'it came to the broken one, as 1000 of 1001 do')
    t.notMatch(received, /ok/, answer)
    t.equal(service.requests.length, 0)
  }
})

t.test('a body too large to be kept is not sent again', async (t) => {
  const broken = await startRawService(t, ({ socket, received }) => {
    if (received.includes('last')) socket.resetAndDestroy()
  })
  const service = await startService(t)
  const { port } = await startGateway(t, {
    upstream: [{ url: broken.url, weight: 1000 }, service.url],
    ejection: { failures: 1_000 },
    retries: { bodyBytes: 10 },
  })
  for (const [size, status] of [
    [10, 200],
    [11, 502],
  ] as const) {
    const seen = broken.connections.length
    const body = `${'x'.repeat(size - 4)}last`
    const received = await sendRaw(t, port, 'PUT', `Content-Length: ${size}`, '', body)
    t.ok(broken.connections.length > seen, 'it came to the broken one, as 1000 of 1001 do')
    t.match(received, new RegExp(`^HTTP/1\\.1 ${status} `))
  }
})

t.test(
  'retries are a fifth of all requests at most, and none where there is no budget',
  async (t) => {
    for (const [budgetPercent, most] of [
      [20, 50],
      [0, 0],
    ] as const) {
      const broken = [await startBroken(t), await startBroken(t), await startBroken(t)]
      const { port } = await startGateway(t, {
        upstream: broken.map(({ url }) => url),
        ejection: { failures: 1_000 },
        retries: { budgetPercent },
      })
      for (let i = 0; i < 200; i++) await sendRaw(t, port, 'GET')
      const tries = broken.reduce((sum, { connections }) => sum + connections.length, 0)
      t.ok(tries - 200 <= most, `${tries} tries of 200 requests`)
      if (most > 0) t.ok(tries > 200, 'and some there are')
    }
  },
)

t.test('a request is sent to so many others and no more', async (t) => {
  const broken = await Promise.all(Array.from({ length: 5 }, () => startBroken(t)))
  const { port } = await startGateway(t, {
    upstream: broken.map(({ url }) => url),
    retries: { most: 2 },
  })
  t.match(await sendRaw(t, port, 'GET'), /^HTTP\/1\.1 502 /)
  t.same(
    broken.map(({ connections }) => connections.length).sort((a, b) => a - b),
    [0, 0, 1, 1, 1],
    'each of them once',
  )
})
