import { availableParallelism } from 'node:os'
import t, { type Test } from 'tap'
import { cheapHasher, postJson, startGateway } from '../support/gateways.js'
import { createDatabase } from '../support/database.js'
import { connectRaw, leaveWithinBody, type RawClient } from '../support/raw-client.js'
import { until } from '../support/until.js'

const ADA = { email: 'ada@example.com', password: 'correct horse' }

t.test('a password is never cut: 72 bytes and more do not log in where 72 do', async (t) => {
  const { origin } = await startGateway(t)
  const longest = { ...ADA, password: 'x'.repeat(72) }
  await postJson(`${origin}/v1/auth/signup`, longest)
  const logIn = (password: string): Promise<Response> =>
    postJson(`${origin}/v1/auth/login`, { ...ADA, password })
  t.equal((await logIn(longest.password)).status, 200)
  t.equal((await logIn(`${longest.password}y`)).status, 401)
  t.equal((await logIn(longest.password.slice(1))).status, 401)
})

t.test('a login without its fields is 400 and names them', async (t) => {
  const { origin } = await startGateway(t)
  const logIn = (body: unknown): Promise<Response> => postJson(`${origin}/v1/auth/login`, body)
  const response = await logIn({ email: 5 })
  t.equal(response.status, 400)
  t.match(await response.json(), {
    code: 'invalid_request',
    errors: [
      { field: 'email', detail: 'must be a string' },
      { field: 'password', detail: 'is required' },
    ],
  })
  t.equal((await logIn('no JSON')).status, 400)
  t.equal((await postJson(`${origin}/v1/auth/login`, ADA, { 'Content-Type': 'x/y' })).status, 415)
})

t.test('when too many passwords wait, the next one is told to come back', async (t) => {
  let finish = (): void => {}
  const blocked = new Promise<void>((resolve) => (finish = resolve))
  const passwordHasher = {
    hash: async () => 'hash',
    compare: async () => {
      await blocked
      return false
    },
  }
  const { origin } = await startGateway(t, { limits: { hashQueue: 1 } }, { passwordHasher })
  const logins = Array.from({ length: 20 }, () => postJson(`${origin}/v1/auth/login`, ADA))
  const response = await Promise.race(logins)
  t.equal(response.status, 503)
  t.equal(response.headers.get('retry-after'), '1')
  t.match(await response.json(), { code: 'overloaded' })
  finish()
  const statuses = (await Promise.all(logins)).map(({ status }) => status)
  t.ok(statuses.includes(401), 'those who waited are answered')
})

/** A client that has sent a login, and can go away. */
const sendLogin = (t: Test, port: number, account: object): RawClient => {
  const body = JSON.stringify(account)
  const client = connectRaw(t, port)
  client.send(
    'POST /v1/auth/login HTTP/1.1',
    'Host: a',
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    '',
    body,
  )
  return client
}

/** A gateway all of whose turns are taken by logins that do not end, and who comes then. */
const startBusy = async (t: Test) => {
  const compared: string[] = []
  let finish = (): void => {}
  const ended = new Promise<boolean>((resolve) => (finish = () => resolve(false)))
  const passwordHasher = {
    ...cheapHasher(),
    compare: (password: string) => {
      compared.push(password)
      return ended
    },
  }
  const engine = createDatabase().connect()
  const found: string[] = []
  const store = {
    ...engine,
    users: {
      ...engine.users,
      findByEmail: async (email: string) => {
        found.push(email)
        return undefined
      },
    },
  }
  const options = { limits: { hashQueue: 2 }, timeouts: { hashQueueMs: 5_000 } }
  const running = await startGateway(t, options, { passwordHasher, store })
  const turns = Math.min(Math.max(1, availableParallelism() - 1), 3)
  const logIn = (email: string): Promise<Response> =>
    postJson(`${running.origin}/v1/auth/login`, { email, password: email })
  /** Whoever has been looked up stands in the line in the same turn of the event loop. */
  const stands = (email: string): Promise<void> => until(email, () => found.includes(email))
  const busy = Array.from({ length: turns }, (_, i) => logIn(`busy ${i}`))
  await until('all turns are taken', () => compared.length === turns)
  return { ...running, logIn, stands, compared, finish, busy }
}

t.test('who waits too long for his turn is told at once, and others get theirs', async (t) => {
  const { logIn, stands, compared, finish, busy, clock } = await startBusy(t)
  const late = logIn('late')
  await stands('late')
  clock.advance(4_000)
  const patient = logIn('patient')
  await stands('patient')
  clock.advance(1_000)
  const response = await late
  t.equal(response.status, 503)
  t.equal(response.headers.get('retry-after'), '1')
  t.match(await response.json(), { code: 'overloaded' })
  finish()
  t.equal((await patient).status, 401)
  for (const login of busy) t.equal((await login).status, 401)
  t.ok(compared.includes('patient') && !compared.includes('late'))
})

t.test('who goes away leaves the line, and another can take his place', async (t) => {
  const { logIn, stands, compared, finish, port, lastRequest } = await startBusy(t)
  const client = sendLogin(t, port, { email: 'leaver', password: 'leaver' })
  await stands('leaver')
  const first = logIn('first')
  await stands('first')
  t.equal((await logIn('too many')).status, 503)
  client.socket.destroy()
  await until('it is noticed', () => lastRequest()?.aborted === true)
  const second = logIn('second')
  await stands('second')
  t.equal((await logIn('too many again')).status, 503)
  finish()
  t.same([(await first).status, (await second).status], [401, 401])
  t.same(compared.slice(-2), ['first', 'second'])
  t.notOk(compared.includes('leaver'))
})

t.test('who is gone before he could stand in line is not compared', async (t) => {
  const passwordHasher = cheapHasher()
  const { users, throttle, ...engine } = createDatabase().connect()
  let held = ''
  let release = (): void => {}
  const hold = (what: string): Promise<void> => {
    held = what
    return new Promise((resolve) => {
      release = () => {
        held = ''
        resolve()
      }
    })
  }
  let lookedUp = 0
  const store = {
    ...engine,
    users: {
      ...users,
      findByEmail: async () => {
        await hold('user')
        lookedUp++
        return undefined
      },
    },
    throttle: {
      count: async (key: string, windowMs: number) => {
        await hold('attempt')
        return throttle.count(key, windowMs)
      },
    },
  }
  const { port, events } = await startGateway(t, {}, { passwordHasher, store })
  // By its address, by its account, and then the user is looked up.
  for (const holdsToPass of [1, 2]) {
    const client = sendLogin(t, port, ADA)
    for (let i = 0; i < holdsToPass; i++) {
      await until('it is held', () => held !== '')
      release()
    }
    await until('it is held', () => held === (holdsToPass === 1 ? 'attempt' : 'user'))
    const before = events.length
    client.socket.destroy()
    await until('it is noticed', () => events.length > before)
    release()
    if (holdsToPass === 1) await until('the user is looked up', () => held === 'user')
    release()
    await until('the user is looked up', () => lookedUp === holdsToPass)
  }
  await new Promise(setImmediate)
  t.equal(passwordHasher.compared, 0)
  t.notOk(events.some(({ event }) => event === 'handler_failed'))
})

t.test('a client that leaves before its body is there is logged in nowhere', async (t) => {
  const hasher = cheapHasher()
  const { port, lastRequest } = await startGateway(t, {}, { passwordHasher: hasher })
  for (const name of ['signup', 'login']) {
    await leaveWithinBody(t, port, `POST /v1/auth/${name}`)
    await until('it is noticed', () => lastRequest()?.route === `/v1/auth/${name}`)
    t.match(lastRequest(), { aborted: true })
  }
  t.equal(hasher.compared + hasher.hashed, 0)
})
