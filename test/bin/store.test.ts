import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ADA, tokenOf } from '../support/accounts.js'
import { originOf, run } from '../support/command.js'
import { bearer, postJson, SECRET } from '../support/gateways.js'

const ENV = { JWT_SECRET: SECRET, UPSTREAM_URL: 'http://127.0.0.1:9' }

t.test('whoever signed up is there after kill -9, and who logged out stays so', async (t) => {
  const file = join(t.testdir({}), 'gateway.db')
  const args = ['--port=0', `--store=sqlite:${file}`]
  const first = run(t, args, ENV)
  const url = `${await originOf(first)}/v1/auth`
  const key = { 'Idempotency-Key': 'k' }
  const signup = await postJson(`${url}/signup`, ADA, key)
  t.equal(signup.status, 201)
  const body = await signup.text()
  const token = await tokenOf(await postJson(`${url}/login`, ADA))
  t.equal((await postJson(`${url}/logout`, '', bearer(token))).status, 204)
  first.child.kill('SIGKILL')
  t.equal(await first.ended, 'SIGKILL')
  t.match(first.stdout, /"event":"store_opened","store":"sqlite","keeps":"all"/)
  t.equal(statSync(file).mode & 0o777, 0o600)

  const second = run(t, ['--port=0'], { ...ENV, STORE_URL: `sqlite:${file}` })
  const origin = await originOf(second)
  t.equal((await postJson(`${origin}/v1/auth/login`, ADA)).status, 200)
  const again = await postJson(`${origin}/v1/auth/signup`, ADA, key)
  t.equal(again.headers.get('idempotent-replayed'), 'true')
  t.equal(await again.text(), body, 'the same bytes as before')
  const proxied = await fetch(`${origin}/v1/proxy/`, { headers: bearer(token) })
  t.equal(proxied.status, 401)
  second.child.kill('SIGTERM')
  t.equal(await second.ended, 0)
})

t.test('two processes over one file are as one', async (t) => {
  const args = ['--port=0', `--store=sqlite:${join(t.testdir({}), 'gateway.db')}`]
  const runs = [run(t, args, ENV), run(t, args, ENV)]
  const [one = '', other = ''] = await Promise.all(runs.map(originOf))
  const key = { 'Idempotency-Key': 'at-both-at-once' }
  const bodies = await Promise.all(
    [one, other].map(async (origin) =>
      (await postJson(`${origin}/v1/auth/signup`, ADA, key)).text(),
    ),
  )
  t.equal(bodies[0], bodies[1])
  t.match(bodies[0], /"token":/)
  const token = await tokenOf(await postJson(`${one}/v1/auth/login`, ADA))
  await postJson(`${one}/v1/auth/logout`, '', bearer(token))
  const startMs = performance.now()
  let status = 0
  while (status !== 401 && performance.now() - startMs < 1_000) {
    const response = await fetch(`${other}/v1/proxy/`, { headers: bearer(token) })
    await response.arrayBuffer()
    status = response.status
  }
  t.equal(status, 401, 'refused by the other within a second')
})

t.test('a store that cannot be used is told in one line', async (t) => {
  const folder = t.testdir({})
  writeFileSync(join(folder, 'text'), 'this is no database, however one looks at it\n'.repeat(50))
  for (const [store, code, line] of [
    [
      `sqlite:${folder}/missing/gateway.db`,
      1,
      'cannot start: the folder of the SQLite file is missing',
    ],
    [`sqlite:${folder}`, 1, 'cannot start: the SQLite file is a folder'],
    [`sqlite:${folder}/text`, 1, 'cannot start: the SQLite file is not an SQLite database'],
    ['sqlite:', 2, '--store: must be memory: or sqlite:<file>'],
    ['mysql://root:secret@localhost/', 2, '--store: must be memory: or sqlite:<file>'],
  ] as const) {
    const running = run(t, ['--port=0', `--store=${store}`], ENV)
    t.equal(await running.ended, code, store)
    t.equal(running.stderr.split('\n')[0], `passport-gateway: ${line}`)
    t.notMatch(running.stdout + running.stderr, /secret|\n {4}at /)
  }
})

t.test('users in memory are said to be', async (t) => {
  const running = run(t, ['--port=0'], ENV)
  await originOf(running)
  t.match(running.stdout, /"level":"warn","event":"store_in_memory"/)
})
