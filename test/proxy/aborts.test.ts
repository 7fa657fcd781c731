import { connect } from 'node:net'
import t from 'tap'
import { bearer, startGateway } from '../support/gateways.js'
import { startHttpService } from '../support/services.js'
import { until } from '../support/until.js'

const AUTHORIZATION = `Authorization: ${bearer().Authorization}`
const AT_ONCE = 50

const head = (method: string, path: string, ...lines: string[]): string =>
  [`${method} /v1/proxy${path} HTTP/1.1`, 'Host: a', AUTHORIZATION, ...lines, '', ''].join('\r\n')

// Where a client goes away: before anything comes, in the middle of an answer, of an upload, and
// with a request behind that still waits for its turn.
const KINDS = [
  (id: number) => head('GET', `/silent?${id}`),
  (id: number) => head('GET', `/half?${id}`),
  (id: number) => head('PUT', `/silent?${id}`, 'Content-Length: 1000') + 'x'.repeat(500),
  (id: number) => head('PUT', `/silent?${id}`, 'Transfer-Encoding: chunked') + '5\r\nhello\r\n',
  (id: number) => head('GET', `/half?${id}`) + head('GET', '/behind'),
]

const countResources = (): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const name of process.getActiveResourcesInfo()) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

t.test('10,000 aborted requests leave no socket, listener or timer behind', async (t) => {
  let openRequests = 0
  let behind = 0
  const arrivals = new Map<string, () => void>()
  const service = await startHttpService(t, (request, response) => {
    openRequests++
    const [path, id = ''] = request.url?.split('?') ?? []
    arrivals.get(id)?.()
    if (path === '/behind') behind++
    response.on('close', () => openRequests--)
    request.on('error', () => {}).resume()
    if (path === '/half') response.write('half')
  })
  const warnings: Error[] = []
  const warn = (warning: Error): void => void warnings.push(warning)
  process.on('warning', warn)
  t.teardown(() => void process.off('warning', warn))
  const { port, origin, events, gateway } = await startGateway(t, { upstream: service.url })
  const before = countResources()

  const abort = async (id: number): Promise<void> => {
    const kind = KINDS[id % KINDS.length] as (id: number) => string
    const arrived = new Promise<void>((resolve) => arrivals.set(String(id), resolve))
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(kind(id))
    await arrived
    if (kind(id).includes('/half')) await new Promise((resolve) => socket.once('data', resolve))
    if (id % 2 === 0) socket.resetAndDestroy()
    else socket.destroy()
  }
  let started = 0
  const worker = async (): Promise<void> => {
    while (started < 10_000) {
      await abort(started++)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))

  await until('the service is let go', () => openRequests === 0)
  await until(
    'each is logged',
    () => events.filter(({ event }) => event === 'request').length >= 10_000,
  )
  t.equal((await fetch(`${origin}/healthz`)).status, 200)
  await until('nothing is left', () => {
    const now = countResources()
    return ['TCPSocketWrap', 'Timeout'].every(
      (name) => (now.get(name) ?? 0) <= (before.get(name) ?? 0) + 2,
    )
  })
  t.same(warnings, [], 'no listener leaked')
  t.equal(behind, 0, 'nothing is run for a client that is gone')
  t.ok(events.every((event) => event.event !== 'handler_failed'))
  await gateway.close()
  t.match(events.at(-1), { event: 'closed', cutConnections: false })
})
