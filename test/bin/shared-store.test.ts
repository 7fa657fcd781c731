// What two gateways over one store do, with each engine.
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { ADA, tokenOf } from '../support/accounts.js'
import { originOf, run } from '../support/command.js'
import { bearer, postJson, SECRET } from '../support/gateways.js'
import { postgresServer } from '../support/postgres-engines.js'
import { redisServer } from '../support/redis-engines.js'

const ENV = { JWT_SECRET: SECRET, UPSTREAM_URL: 'http://127.0.0.1:9' }

/** What the environment says of each store. */
const STORES: Record<string, (t: Test) => Promise<Record<string, string>>> = {
  SQLite: async (t) => ({ STORE_URL: `sqlite:${join(t.testdir({}), 'gateway.db')}` }),
  PostgreSQL: async (t) => {
    const { url } = await postgresServer(t, { password: 'right' })
    return { STORE_URL: url.replace('gw@', 'gw:right@') }
  },
  Redis: async (t) => {
    const { port } = await redisServer(t, { password: 'right' })
    return { STORE_URL: `redis://:right@127.0.0.1:${port}/` }
  },
  'PostgreSQL for users, and Redis for the rest': async (t) => {
    const [{ url }, { port }] = await Promise.all([postgresServer(t), redisServer(t)])
    return { STORE_URL: url, EPHEMERAL_STORE_URL: `redis://127.0.0.1:${port}/3` }
  },
}

const statusOf = async (origin: string, token: string): Promise<number> => {
  const response = await fetch(`${origin}/v1/proxy/`, { headers: bearer(token) })
  await response.arrayBuffer()
  return response.status
}

for (const [name, setUp] of Object.entries(STORES))
  t.test(`${name}: two processes are as one, and what was answered outlives kill -9`, async (t) => {
    const env = { ...ENV, ...(await setUp(t)) }
    const runs = [run(t, ['--port=0'], env), run(t, ['--port=0'], env)]
    const [one = '', other = ''] = await Promise.all(runs.map(originOf))
    const key = { 'Idempotency-Key': 'at-both-at-once' }
    const signUp = (origin: string): Promise<Response> =>
      postJson(`${origin}/v1/auth/signup`, ADA, key)
    const bodies = await Promise.all(
      [one, other].map(async (origin) => (await signUp(origin)).text()),
    )
    t.match(bodies[0], /"token":/)
    t.equal(bodies[0], bodies[1], 'one signup, and the same bytes for both')

    const logIn = async (): Promise<string> => tokenOf(await postJson(`${one}/v1/auth/login`, ADA))
    const [first, token] = [await logIn(), await logIn()]
    const refreshed = await tokenOf(await postJson(`${one}/v1/auth/refresh`, '', bearer(first)))
    t.equal(await statusOf(one, first), 401, 'refreshed')
    t.equal(await statusOf(other, token), 502, 'good at both')
    t.equal((await postJson(`${one}/v1/auth/logout`, '', bearer(token))).status, 204)
    const startMs = performance.now()
    let status = 0
    while (status !== 401 && performance.now() - startMs < 1_000)
      status = await statusOf(other, token)
    t.equal(status, 401, 'refused by the other within a second')
    t.equal(await statusOf(other, refreshed), 502, 'no other token of the user')

    const guess = async (origin: string): Promise<number> =>
      (await postJson(`${origin}/v1/auth/login`, { ...ADA, email: 'nobody@example.com' })).status
    const guesses = await Promise.all(
      Array.from({ length: 14 }, (_, i) => guess(i % 2 === 0 ? one : other)),
    )
    t.equal(guesses.filter((status) => status === 401).length, 10, 'attempts add up')
    t.equal(guesses.filter((status) => status === 429).length, 4)

    for (const { child } of runs) child.kill('SIGKILL')
    const next = run(t, ['--port=0'], env)
    const origin = await originOf(next)
    t.equal((await postJson(`${origin}/v1/auth/login`, ADA)).status, 200)
    t.equal(await (await signUp(origin)).text(), bodies[0], 'the same bytes as before')
    t.equal(await statusOf(origin, token), 401)
    next.child.kill('SIGTERM')
    t.equal(await next.ended, 0)
  })
