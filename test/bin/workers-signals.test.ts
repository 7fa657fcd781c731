import { once } from 'node:events'
import t from 'tap'
import { ADA, tokenOf } from '../support/accounts.js'
import { forkWorker, originOf, run } from '../support/command.js'
import { bearer, postJson, SECRET } from '../support/gateways.js'
import { startService } from '../support/services.js'
import { until } from '../support/until.js'
import { isAlive, linesOf, pidsOf, untilTold } from '../support/worker-run.js'

t.test('all workers finish what is in flight, whoever of the group is told', async (t) => {
  const answers: Array<() => void> = []
  const service = await startService(t, (_, response) =>
    answers.push(() => void response.end('done')),
  )
  for (const signals of [
    ['SIGTERM', 'SIGTERM'],
    ['SIGINT', 'SIGTERM'],
  ] as const) {
    const env = { JWT_SECRET: SECRET, UPSTREAM_URL: service.url }
    const running = run(t, ['--port=0', '--workers=2'], env)
    const origin = await originOf(running)
    const pids = await pidsOf(running, 2)
    const token = await tokenOf(await postJson(`${origin}/v1/auth/signup`, ADA))
    const answered = Array.from({ length: 4 }, async () => {
      const headers = { ...bearer(token), Connection: 'close' }
      return (await fetch(`${origin}/v1/proxy/`, { headers })).text()
    })
    await until('the service is asked', () => answers.length === 4)
    for (const signal of signals) {
      // As a terminal does.
      for (const pid of [running.child.pid as number, ...pids]) process.kill(pid, signal)
      await untilTold(running, 'closing', 2)
    }
    await t.rejects(fetch(`${origin}/healthz`), 'nobody new is taken in')
    t.ok(pids.every(isAlive))
    for (const answer of answers.splice(0)) answer()
    t.same(await Promise.all(answered), ['done', 'done', 'done', 'done'])
    t.equal(await running.ended, 0)
    t.match(linesOf(running, 'closed'), [{ cutConnections: false }, { cutConnections: false }])
    t.notOk(pids.some(isAlive))
  }
})

t.test('whoever interrupts twice does not want to wait', async (t) => {
  const service = await startService(t, () => {}) // never answers
  const env = { JWT_SECRET: SECRET, UPSTREAM_URL: service.url }
  const running = run(t, ['--port=0', '--workers=2'], env)
  const origin = await originOf(running)
  const pids = await pidsOf(running, 2)
  const token = await tokenOf(await postJson(`${origin}/v1/auth/signup`, ADA))
  const cut = t.rejects(fetch(`${origin}/v1/proxy/`, { headers: bearer(token) }))
  await until('the service is asked', () => service.requests.length === 1)
  running.child.kill('SIGINT')
  await untilTold(running, 'closing', 2)
  running.child.kill('SIGINT')
  t.equal(await running.ended, 130)
  await cut
  await until('no worker is left', () => !pids.some(isAlive))
})

t.test('a worker that is told to end before it has served anybody does at once', async (t) => {
  const worker = forkWorker(t, ['--port=0', '--workers=2'], { JWT_SECRET: SECRET })
  const ended = once(worker, 'exit')
  const [message] = (await once(worker, 'message')) as unknown[]
  t.same(message, { note: 'here' })
  worker.send({ note: 'close', idleMs: 60_000 })
  t.same(await ended, [0, null])
})
