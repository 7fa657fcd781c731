import { get } from 'node:https'
import { join } from 'node:path'
import type { IncomingMessage } from 'node:http'
import t, { type Test } from 'tap'
import { ADA, tokenOf } from '../support/accounts.js'
import { CA, certificateFile } from '../support/certificates.js'
import { originOf, run, type Run } from '../support/command.js'
import { bearer, postJson, SECRET, startGateway } from '../support/gateways.js'
import { freePort } from '../support/port.js'
import { startService } from '../support/services.js'
import { until } from '../support/until.js'
import { askAnew, isAlive, linesOf, pidsOf, untilTold } from '../support/worker-run.js'

const ENV = { JWT_SECRET: SECRET, UPSTREAM_URL: 'http://127.0.0.1:9' }

const endsWell = async (t: Test, running: Run): Promise<void> => {
  running.child.kill('SIGTERM')
  t.equal(await running.ended, 0)
}

t.test('a demonstration with workers is one, whoever serves', async (t) => {
  const running = run(t, ['--demo', '--port=0', '--workers=2'])
  const origin = await originOf(running)
  await pidsOf(running, 2)
  t.match(running.stderr, new RegExp(`passport-gateway listens on ${origin}`))
  t.equal(running.stderr.split('Try it').length, 2, 'it is told once')
  const token = await tokenOf(await postJson(`${origin}/v1/auth/signup`, ADA))
  for (let i = 0; i < 8; i++) t.equal(await askAnew(`${origin}/v1/proxy/a`, bearer(token)), 200)
  t.equal((await postJson(`${origin}/v1/auth/login`, ADA)).status, 200)
  await untilTold(running, 'request', 10)
  t.same(
    [...new Set(linesOf(running, 'request').map(({ worker }) => worker))].toSorted(
      (one, other) => Number(one) - Number(other),
    ),
    [1, 2],
    'each has its turn, and says which it is',
  )
  t.same(
    linesOf(running, 'store_in_memory').map(({ worker }) => worker),
    [undefined],
    'told once',
  )
  await endsWell(t, running)
  t.equal(linesOf(running, 'closed').length, 2)
})

t.test('what is in memory outlives a worker, and others serve until it is replaced', async (t) => {
  const running = run(t, ['--port=0', '--workers=2', '--admin-port=0'], ENV)
  const origin = await originOf(running)
  const pids = await pidsOf(running, 2)
  const token = await tokenOf(await postJson(`${origin}/v1/auth/signup`, ADA))
  t.equal((await postJson(`${origin}/v1/auth/logout`, '', bearer(token))).status, 204)
  process.kill(pids[0] as number, 'SIGKILL')
  await untilTold(running, 'worker_ended')
  for (let i = 0; i < 4; i++) t.equal(await askAnew(`${origin}/healthz`), 200)
  t.match(linesOf(running, 'worker_ended'), [{ worker: 1, cause: 'SIGKILL', level: 'error' }])
  await pidsOf(running, 3)
  for (let i = 0; i < 4; i++)
    t.equal(await askAnew(`${origin}/v1/auth/me`, bearer(token)), 401, 'it stays revoked')
  t.equal((await postJson(`${origin}/v1/auth/login`, ADA)).status, 200)
  const [{ port }] = linesOf(running, 'admin_listening') as [{ port: number }]
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  t.match(metrics, /\npassport_gateway_workers_lost_total 1\n/)
  await endsWell(t, running)
})

t.test('workers share a store that is given, and TLS', async (t) => {
  const store = `sqlite:${join(t.testdir({}), 'gateway.db')}`
  const args = [
    '--port=0',
    '--workers=2',
    `--tls-cert-file=${certificateFile('localhost.pem')}`,
    `--tls-key-file=${certificateFile('localhost.key')}`,
  ]
  const running = run(t, args, { ...ENV, STORE_URL: store })
  const { port } = new URL(await originOf(running))
  await pidsOf(running, 2)
  for (let i = 0; i < 4; i++) {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const options = { port, path: '/readyz', ca: CA, host: '127.0.0.1', agent: false }
      get(options, resolve).on('error', reject)
    })
    response.resume()
    t.equal(response.statusCode, 200)
  }
  t.same(linesOf(running, 'store_in_memory'), [])
  t.match(linesOf(running, 'store_opened'), [{ store: 'sqlite' }, { store: 'sqlite' }])
  await endsWell(t, running)
})

t.test('what keeps it from starting is told in one line, once', async (t) => {
  const { port } = await startGateway(t)
  const nowhere = join(t.testdir({}), 'nowhere', 'a.db')
  for (const [args, env, status, stderr] of [
    [[`--port=${port}`], ENV, 1, /^passport-gateway: port \d+ is taken; give .* --port\n$/],
    [
      ['--port=0', `--admin-port=${port}`],
      ENV,
      1,
      /^passport-gateway: port \d+ is taken; give .* --admin-port\n$/,
    ],
    [
      [],
      { ...ENV, STORE_URL: `sqlite:${nowhere}` },
      1,
      /^passport-gateway: cannot start: [^\n]*\n$/,
    ],
    [['--workers=0'], ENV, 2, /--workers: must be auto, or a whole number from 1 to 256\n$/],
  ] as const) {
    const running = run(t, ['--workers=3', ...args].slice(args[0] === '--workers=0' ? 1 : 0), env)
    t.equal(await running.ended, status, args.join(' '))
    await until('it is told', () => running.stderr !== '')
    t.match(running.stderr, stderr)
  }
})

t.test('one worker is none: this process serves', async (t) => {
  const running = run(t, ['--port=0'], { ...ENV, WORKERS: '1' })
  await originOf(running)
  t.notMatch(running.stdout, /worker/)
  await endsWell(t, running)
})

t.test(
  'workers end by themselves when the primary is gone, and finish what they have',
  async (t) => {
    let answer = (): void => {}
    const service = await startService(
      t,
      (_, response) => (answer = () => void response.end('done')),
    )
    const running = run(t, ['--demo', '--port=0', '--workers=2', `--upstream=${service.url}`])
    const origin = await originOf(running)
    const pids = await pidsOf(running, 2)
    t.teardown(() => {
      for (const pid of pids) if (isAlive(pid)) process.kill(pid, 'SIGKILL')
    })
    const token = await tokenOf(await postJson(`${origin}/v1/auth/signup`, ADA))
    const answered = fetch(`${origin}/v1/proxy/`, { headers: bearer(token) })
    await until('the service is asked', () => service.requests.length === 1)
    running.child.kill('SIGKILL')
    await until('one has ended', () => pids.filter(isAlive).length === 1)
    answer()
    t.equal(await (await answered).text(), 'done')
    await until('both have ended', () => !pids.some(isAlive))
    t.equal(linesOf(running, 'closed').length, 2)
  },
)

t.test('where all end at once, the next ones listen where they did', async (t) => {
  const port = await freePort()
  for (const flag of ['--port=0', `--port=${port}`]) {
    const running = run(t, [flag, '--workers=2'], ENV)
    const origin = await originOf(running)
    for (const pid of await pidsOf(running, 2)) process.kill(pid, 'SIGKILL')
    await pidsOf(running, 4)
    t.equal(await askAnew(`${origin}/healthz`), 200)
    await endsWell(t, running)
  }
})
