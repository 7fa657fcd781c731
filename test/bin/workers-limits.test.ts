import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ADA, tokenOf } from '../support/accounts.js'
import { originOf, run } from '../support/command.js'
import { bearer, SECRET } from '../support/gateways.js'
import { connectRaw, type RawClient } from '../support/raw-client.js'
import { freePort } from '../support/port.js'
import { startService } from '../support/services.js'
import { until } from '../support/until.js'
import { askAnew, pidsOf } from '../support/worker-run.js'

const ENV = { JWT_SECRET: SECRET, UPSTREAM_URL: 'http://127.0.0.1:9' }

t.test('where each worker has as many connections as it may, who comes is closed', async (t) => {
  const service = await startService(t, () => {}) // never answers
  const limits = ['connections=10', 'route-requests=100', 'user-requests=100']
  const args = ['--port=0', '--workers=2', ...limits.map((limit) => `--limits-${limit}`)]
  const running = run(t, args, { ...ENV, UPSTREAM_URL: service.url })
  const origin = await originOf(running)
  await pidsOf(running, 2)
  const signup = await fetch(`${origin}/v1/auth/signup`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Connection: 'close' },
    body: JSON.stringify(ADA),
  })
  const { Authorization } = bearer(await tokenOf(signup))
  const ask = (): RawClient => {
    const client = connectRaw(t, Number(new URL(origin).port))
    const fields = ['GET /v1/proxy/ HTTP/1.1', 'Host: a', `Authorization: ${Authorization}`]
    client.send([...fields, '', ''].join('\r\n'))
    return client
  }
  const held: RawClient[] = []
  for (let i = 1; i <= 20; i++) {
    held.push(ask())
    await until('the service is asked', () => service.requests.length === i)
  }
  for (let i = 0; i < 4; i++) t.equal(await ask().untilClosed(), '')
  t.notOk(held.some(({ isClosed }) => isClosed))
  running.child.kill('SIGKILL')
})

t.test('lines of all workers are whole, however slowly they are read', async (t) => {
  const path = join(t.testdir({}), 'log')
  execFileSync('mkfifo', [path])
  const pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  const port = await freePort()
  const running = run(t, [`--port=${port}`, '--workers=2'], ENV, '', pipe)
  const piece = Buffer.alloc(3_000)
  let text = ''
  /** Takes a piece, if there is one. */
  const read = (): void => {
    try {
      text += piece.toString('latin1', 0, readSync(pipe, piece))
    } catch {
      // There is none.
    }
  }
  const count = (event: string): number => text.split(`"event":"${event}"`).length - 1
  await until('both are up', () => {
    read()
    return count('worker_started') === 2
  })
  const ask = async (): Promise<void> => {
    for (let i = 0; i < 100; i++) await askAnew(`http://127.0.0.1:${port}/healthz`)
  }
  await Promise.all(Array.from({ length: 20 }, ask)) // it is full long before
  await until('all is read', () => {
    read()
    return count('request') === 2_000
  })
  for (const line of text.trimEnd().split('\n')) t.equal(typeof JSON.parse(line), 'object')
  running.child.kill('SIGTERM')
  t.equal(await running.ended, 0)
  closeSync(pipe)
})

t.test('a worker of somebody else starts none', async (t) => {
  // As node:cluster has it; there is no channel to a primary.
  const running = run(t, ['--port=0', '--workers=2'], { ...ENV, NODE_UNIQUE_ID: '1' })
  t.equal(await running.ended, 2)
  await until('it is told', () => running.stderr !== '')
  t.match(running.stderr, /^passport-gateway: workers: must be 1 where [^\n]*\n$/)
})
