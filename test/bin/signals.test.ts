import t from 'tap'
import { originOf, run } from '../support/command.js'
import { postJson, SECRET } from '../support/gateways.js'
import { entry, startFile } from '../support/secrets.js'
import { startService } from '../support/services.js'
import { until } from '../support/until.js'

t.test('SIGTERM finishes what is in flight and exits 0, also when it comes twice', async (t) => {
  let answer = (): void => {}
  const service = await startService(t, (_, response) => (answer = () => void response.end('done')))
  const env = { JWT_SECRET: SECRET, UPSTREAM_URL: service.url, PORT: '0' }
  for (const signals of [
    ['SIGTERM', 'SIGTERM'],
    ['SIGINT', 'SIGTERM'],
  ] as const) {
    const running = run(t, [], env)
    const origin = await originOf(running)
    const signup = await postJson(`${origin}/v1/auth/signup`, {
      email: 'a@b.c',
      password: 'correct horse',
    })
    const { token } = (await signup.json()) as { token: string }
    const answered = fetch(`${origin}/v1/proxy/`, { headers: { Authorization: `Bearer ${token}` } })
    await until('the service is asked', () => service.requests.length === 1)
    for (const [i, signal] of signals.entries()) {
      running.child.kill(signal)
      await until('it closes', () => running.stdout.includes('"event":"closing"'))
      t.equal(running.child.exitCode, null, `after ${i + 1}`)
    }
    answer()
    t.equal(await (await answered).text(), 'done')
    t.equal(await running.ended, 0)
    t.match(running.stdout, /"event":"closed","cutConnections":false/)
    service.requests.splice(0)
  }
})

t.test('whoever interrupts twice does not want to wait', async (t) => {
  const service = await startService(t, () => {}) // never answers
  const running = run(t, ['--port=0'], { JWT_SECRET: SECRET, UPSTREAM_URL: service.url })
  const origin = await originOf(running)
  const signup = await postJson(`${origin}/v1/auth/signup`, {
    email: 'a@b.c',
    password: 'correct horse',
  })
  const { token } = (await signup.json()) as { token: string }
  const cut = t.rejects(
    fetch(`${origin}/v1/proxy/`, { headers: { Authorization: `Bearer ${token}` } }),
  )
  await until('the service is asked', () => service.requests.length === 1)
  running.child.kill('SIGINT')
  await until('it closes', () => running.stdout.includes('"event":"closing"'))
  running.child.kill('SIGINT')
  t.equal(await running.ended, 130)
  await cut
})

t.test('a gateway whose log nobody reads any more goes on', async (t) => {
  const running = run(t, ['--demo', '--port=0'])
  const origin = await originOf(running)
  running.child.stdout?.destroy()
  for (let i = 0; i < 5; i++) t.equal((await fetch(`${origin}/healthz`)).status, 200)
  running.child.kill('SIGTERM')
  t.equal(await running.ended, 0)
  t.notMatch(running.stderr, /Error/)
})

t.test('SIGHUP reads the secrets anew, and ends nothing', async (t) => {
  const service = await startService(t)
  const file = startFile(t)
  file.put([entry('old')])
  const running = run(t, ['--port=0', '--jwt-secrets-file', file.path], {
    UPSTREAM_URL: service.url,
  })
  const origin = await originOf(running)
  const signup = await postJson(`${origin}/v1/auth/signup`, {
    email: 'a@b.c',
    password: 'correct horse',
  })
  const { token } = (await signup.json()) as { token: string }
  const headers = { Authorization: `Bearer ${token}` }
  t.equal((await fetch(`${origin}/v1/auth/me`, { headers })).status, 200)
  file.put([entry('new')])
  running.child.kill('SIGHUP')
  await until('they are read', () => running.stdout.includes('"event":"secrets_reloaded"'))
  t.match(running.stdout, /"option":"jwtSecretsFile","kids":"new"/)
  t.equal((await fetch(`${origin}/v1/auth/me`, { headers })).status, 401)
  running.child.kill('SIGTERM')
  t.equal(await running.ended, 0)
})
