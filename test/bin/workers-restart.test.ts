// SIGHUP replaces workers one after another, and nobody notices.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { ADA, tokenOf } from '../support/accounts.js'
import { originOf, run } from '../support/command.js'
import { bearer, postJson, SECRET } from '../support/gateways.js'
import { startHttpService } from '../support/services.js'
import { startTraffic } from '../support/traffic.js'
import { until } from '../support/until.js'
import { askAnew, linesOf, pidsOf, untilTold } from '../support/worker-run.js'

const start = async (t: Test) => {
  const service = await startHttpService(t, (_, response) => response.end('ok'))
  const file = join(t.testdir({}), 'options.json')
  const put = (next: object): void => writeFileSync(file, JSON.stringify(next))
  put({ upstream: service.url })
  const running = run(t, ['--port=0', '--workers=2', '--config', file], {
    JWT_SECRET: SECRET,
  })
  const origin = await originOf(running)
  const pids = await pidsOf(running, 2)
  const token = await tokenOf(await postJson(`${origin}/v1/auth/signup`, ADA))
  return { service, put, running, origin, pids, token }
}

t.test('of all who ask meanwhile nobody is refused or cut off', async (t) => {
  const { running, origin, pids, token } = await start(t)
  const traffic = startTraffic(`${origin}/v1/proxy/`, {
    headers: bearer(token),
    kept: 6,
    fresh: 3,
  })
  const idle = startTraffic(`${origin}/healthz`, { headers: {}, kept: 1, fresh: 0, pauseMs: 700 })
  await until('all ask', () => traffic.answered > 100)
  running.child.kill('SIGHUP')
  await untilTold(running, 'workers_replaced')
  running.child.kill('SIGHUP')
  await untilTold(running, 'worker_started', 5)
  running.child.kill('SIGHUP')
  running.child.kill('SIGHUP')
  await untilTold(running, 'workers_replaced', 3)
  const { answered } = traffic
  await until('all ask still', () => traffic.answered > answered + 100)
  await Promise.all([traffic.stop(), idle.stop()])
  t.same(traffic.failures, [])
  t.same(idle.failures, [])
  t.ok(traffic.opened < traffic.answered, 'most connections were kept')
  t.equal((await pidsOf(running, 8)).length, 8, 'twice while it was done is once more')
  t.notOk((await pidsOf(running, 8)).slice(2).some((pid) => pids.includes(pid)))
  t.same(linesOf(running, 'worker_ended'), [])
  t.ok(linesOf(running, 'closed').every(({ cutConnections }) => cutConnections === false))
  running.child.kill('SIGTERM')
  t.equal(await running.ended, 0)
})

t.test('new workers have the options as they are then, and there are as many', async (t) => {
  const { put, running, origin, token } = await start(t)
  const other = await startHttpService(t, (_, response) => response.writeHead(202).end())
  put({ upstream: other.url, logLevel: 'debug' })
  running.child.kill('SIGHUP')
  await untilTold(running, 'workers_replaced')
  t.match(linesOf(running, 'log_level_changed'), [{ from: 'info', to: 'debug' }])
  for (let i = 0; i < 4; i++)
    t.equal(await askAnew(`${origin}/v1/proxy/`, bearer(token)), 202, 'and he is known still')
  running.child.kill('SIGTERM')
  t.equal(await running.ended, 0)
})

t.test('options that are not right are told, and change nothing', async (t) => {
  const { put, running, origin, service, token } = await start(t)
  put({ upstream: service.url, logLevel: 'hunter22' })
  running.child.kill('SIGHUP')
  await untilTold(running, 'config_reload_failed')
  t.match(linesOf(running, 'config_reload_failed'), [{ cause: /options\.json: logLevel: must be/ }])
  t.notMatch(running.stdout, /hunter22/)
  put({ upstream: service.url, store: `sqlite:${join(t.testdir({}), 'nowhere', 'a.db')}` })
  running.child.kill('SIGHUP')
  await untilTold(running, 'worker_start_failed')
  t.match(linesOf(running, 'worker_start_failed'), [{ worker: 1, cause: /^cannot start: / }])
  t.equal(await askAnew(`${origin}/v1/proxy/`, bearer(token)), 200)
  t.equal(linesOf(running, 'worker_started').length, 2)
  put({ upstream: service.url })
  running.child.kill('SIGHUP')
  await untilTold(running, 'workers_replaced')
  running.child.kill('SIGTERM')
  t.equal(await running.ended, 0)
})

t.test('who is told to stop while a new worker comes up does not wait for it', async (t) => {
  const { running } = await start(t)
  running.child.kill('SIGHUP')
  running.child.kill('SIGTERM')
  t.equal(await running.ended, 0)
  t.equal(linesOf(running, 'closed').length, 2)
  t.same(linesOf(running, 'worker_start_failed'), [])
})
