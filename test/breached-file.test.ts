// New passwords are looked up in a file of breached ones.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readlinkSync, rmSync, truncateSync } from 'node:fs'
import t from 'tap'
import { createBreached } from '../lib/breached-file.js'
import { createGateway, type ConfigError } from '../lib/index.js'
import { ADA, startEdge } from './support/accounts.js'
import { NOWHERE, postJson, SECRET } from './support/gateways.js'
import { createManualClock } from './support/manual-clock.js'
import { startFile } from './support/secrets.js'
import { wake } from './support/ticks.js'

const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex').toUpperCase()

const fileOf = (...passwords: string[]): string =>
  `${passwords.map(sha1).sort().join(':1\r\n')}:1\r\n`

const RULE = 'must hold SHA-1 hashes in hexadecimal, sorted, one a line'

t.test('a file that is none of sorted hashes is refused at the start, in a line', async (t) => {
  const { path, put, remove } = startFile(t)
  const problemsOf = (breachedPasswordsFile: string): string[] => {
    try {
      void createGateway({ jwtSecret: SECRET, upstream: NOWHERE, breachedPasswordsFile }).close()
    } catch (error) {
      return (error as ConfigError).problems.map(({ option, detail }) => `${option}: ${detail}`)
    }
    return []
  }
  const hashes = Array.from({ length: 1_000 }, (_, i) => sha1(String(i))).sort()
  const [first = '', ...rest] = hashes
  const rows: Array<[string, string, string[]]> = [
    ['good', hashes.join('\n'), []],
    ['one line', first, []],
    ['twice the same', `${first}\n${first}`, []],
    ['empty', '', ['must not be empty']],
    ['an empty line at the end', `${first}\n\n`, [RULE]],
    ['an empty line at the begin', `\n${first}`, [RULE]],
    ['no hashes', 'password\nletmein\n', [RULE]],
    ['of NTLM', '0'.repeat(32), [RULE]],
    ['of SHA-256', '0'.repeat(64), [RULE]],
    ['by how often', hashes.toReversed().join('\n'), [RULE]],
    ['two files, one behind the other', [...hashes, ...hashes].join('\n'), [RULE]],
    ['such, met at no block', [...hashes, ...hashes.slice(0, 800)].join('\n'), [RULE]],
    ['the last line cut', `${first}\n${rest[0]?.slice(1)}`, [RULE]],
    ['one long line', `${first}:${'1'.repeat(10_000)}`, [RULE]],
    ['one without end', `${first}:${'1'.repeat(10_000)}\n${rest.join('\n')}`, [RULE]],
  ]
  for (const [what, content, problems] of rows) {
    put(content)
    const told = problems.map((detail) => `breachedPasswordsFile: ${detail}`)
    t.same(problemsOf(path), told, what)
  }
  remove()
  const missing = 'breachedPasswordsFile: cannot be read (ENOENT)'
  t.same(problemsOf(path), [missing])
  // It may go between the check of the options and its use.
  const options = { breachedPasswordsFile: path, filesCheckMs: 1_000 }
  t.throws(() => createBreached(options, { clock: createManualClock(), log: () => {} }), {
    message: missing,
  })
  mkdirSync(path)
  t.same(problemsOf(path), ['breachedPasswordsFile: must be a regular file'])
  rmSync(path, { recursive: true })
  execFileSync('mkfifo', [path])
  t.same(problemsOf(path), ['breachedPasswordsFile: must be a regular file'])
})

t.test('a new password that is there is refused, at a signup and at a change', async (t) => {
  const { path, put } = startFile(t)
  put(fileOf('password1', 'letmein123'))
  const options = { breachedPasswordsFile: path, throttle: { accountAttempts: 3 } }
  const { origin, auth, signUp, logIn } = await startEdge(t, options)
  const bob = { email: 'bob@example.com', password: 'letmein123' }
  for (let i = 0; i < 3; i++) {
    const response = await postJson(`${origin}/v1/auth/signup`, bob)
    t.equal(response.status, 400)
    t.match(await response.json(), {
      code: 'invalid_request',
      errors: [{ field: 'password', detail: 'must not be one that is known from data breaches' }],
    })
  }
  t.equal((await postJson(`${origin}/v1/auth/signup`, bob)).status, 429, 'each was counted')
  const token = await signUp()
  const change = { current_password: ADA.password, new_password: 'password1' }
  const response = await auth('password', token, change)
  t.equal(response.status, 400)
  t.match(await response.json(), { errors: [{ field: 'new_password' }] })
  t.equal((await logIn()).status, 200, 'the old password')
  const better = { ...change, new_password: 'password2' }
  t.equal((await auth('password', token, better)).status, 200)
})

t.test('who has such a password already logs in, and a kept answer is given again', async (t) => {
  const { path, put } = startFile(t)
  put(fileOf('password1'))
  const { origin, gateway, logIn, events } = await startEdge(t, { breachedPasswordsFile: path })
  const signUp = (key: string, body: object): Promise<Response> =>
    postJson(`${origin}/v1/auth/signup`, body, { 'Idempotency-Key': key })
  const bob = { email: 'bob@example.com', password: 'password1' }
  t.equal((await signUp('bob', bob)).status, 400)
  const first = await signUp('ada', ADA)
  t.equal(first.status, 201)
  put(fileOf(ADA.password))
  gateway.reload()
  t.match(events.at(-1), { event: 'breached_passwords_reloaded' })
  t.equal(await (await signUp('ada', ADA)).text(), await first.text())
  t.equal((await logIn()).status, 200)
  t.equal((await signUp('bob', bob)).status, 201, 'of a refusal nothing is kept')
})

t.test('a file that changes is opened anew; one that cannot be used is not', async (t) => {
  const { path, put, remove } = startFile(t)
  put(fileOf('password1'))
  const options = { breachedPasswordsFile: path, filesCheckMs: 1_000 }
  const { origin, clock, gateway, events } = await startEdge(t, options)
  let number = 0
  const statusOf = async (password: string): Promise<number> =>
    (await postJson(`${origin}/v1/auth/signup`, { email: `${++number}@b.c`, password })).status
  const look = (): Promise<void> => wake(clock, 1_000, 2) // samples of overload sleep too
  const told = (name: string) =>
    events.filter(({ event }) => event === `breached_passwords_${name}`)
  t.same([await statusOf('password1'), await statusOf('password2')], [400, 201])
  put(fileOf('password2', 'password3'))
  await look()
  t.equal(told('reloaded').length, 1)
  t.same([await statusOf('password1'), await statusOf('password2')], [201, 400])
  for (const [i, [cause, fault]] of [
    ['must not be empty', () => put('')] as const,
    [RULE, () => put('{}')] as const,
    ['cannot be read (ENOENT)', remove] as const,
  ].entries()) {
    fault()
    await look()
    await look()
    t.equal(told('reload_failed').length, i + 1, 'told once')
    t.match(told('reload_failed').at(-1), { cause })
    t.same([await statusOf('password1'), await statusOf('password2')], [201, 400])
  }
  put(fileOf('password1'))
  await look()
  t.same([await statusOf('password1'), await statusOf('password2')], [400, 201])

  // Written over in place: what was seen of it is no more.
  truncateSync(path, 10)
  for (let i = 0; i < 3; i++) {
    const account = { email: 'c@b.c', password: 'password2' }
    const response = await postJson(`${origin}/v1/auth/signup`, account)
    t.equal(response.status, 503)
    t.equal(response.headers.get('retry-after'), '1')
    t.match(await response.json(), { code: 'store_unavailable' })
  }
  t.same(told('failed'), [{ event: 'breached_passwords_failed', cause: RULE }])
  t.notMatch(JSON.stringify(events), new RegExp(`password\\d|${sha1('password2').slice(0, 8)}`))
  put(fileOf('password1'))
  gateway.reload()
  t.same([await statusOf('password1'), await statusOf('password2')], [400, 201])

  const descriptors = (): string[] =>
    readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith(path) ? [fd] : []
      } catch {
        return [] // it was that of the folder
      }
    })
  t.equal(descriptors().length, 1, 'the newest alone is open')
  await gateway.close()
  t.same(descriptors(), [])
})
