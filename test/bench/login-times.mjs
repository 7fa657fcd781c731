// How long the gateway takes to refuse a login, by what is wrong with it: the gateway as it is built, the
// kinds in turns. `npm run login-bench -- --tries 200`.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import bcrypt from 'bcrypt'
import { createStore } from '../../lib/store-choice.js'
import { SECRET } from './tokens.mjs'
import { machine, shuffled, summary, table } from './figures.mjs'

const BIN = fileURLToPath(new URL('../../dist/bin/passport-gateway.js', import.meta.url))
const { values } = parseArgs({ options: { tries: { type: 'string', default: '200' } } })
const tries = Number(values.tries)

const folder = mkdtempSync(join(tmpdir(), 'login-bench-'))
const store = `sqlite:${join(folder, 'users.db')}`
const PASSWORD = 'correct horse'

/** Users of every kind, also such as no import would take. */
const plant = async () => {
  const engine = createStore(store, {
    timeoutMs: 10_000,
    limitConnections: 1,
    allowVolatile: false,
    warn: () => {},
    keepsUsers: true,
    tls: {},
  })
  await engine.open()
  const add = async (name, passwordHash, isDisabled = false) => {
    const [id, email] = [`user_${name}`, `${name}@example.com`]
    const rest = { subscription: 'free', country: 'ZZ', platform: 'unknown', createdAtSeconds: 0 }
    await engine.users.insert({ ...rest, id, email, passwordHash, isDisabled })
  }
  const own = await bcrypt.hash(PASSWORD, 10)
  await add('ada', own)
  await add('disabled', own, true)
  await add('malformed', 'no hash')
  await add('of-php', own.replace('$2b', '$2y'))
  for (const cost of [8, 12]) await add(`imported-${cost}`, await bcrypt.hash(PASSWORD, cost))
  await engine.close()
}

const KINDS = [
  ['right', 'ada', PASSWORD, 200],
  ['wrong password', 'ada', 'wrong horse', 401],
  ['unknown e-mail', 'nobody', PASSWORD, 401],
  ['disabled, right password', 'disabled', PASSWORD, 401],
  ['disabled, wrong password', 'disabled', 'wrong horse', 401],
  ['malformed hash', 'malformed', PASSWORD, 401],
  ['hash of PHP (`$2y$`)', 'of-php', PASSWORD, 401],
  ['password of 73 bytes', 'ada', 'x'.repeat(73), 401],
  ['password of 10 KB', 'ada', 'x'.repeat(10_000), 401],
  ['imported with cost 8, wrong password', 'imported-8', 'wrong horse', 401],
  ['imported with cost 12, wrong password', 'imported-12', 'wrong horse', 401],
].map(([kind, name, password, status]) => {
  const body = JSON.stringify({ email: `${name}@example.com`, password })
  return { kind, body, status, times: [] }
})

/** Starts the command; resolves to its URL. */
const start = async () => {
  const flags = ['--port', '0', '--upstream', 'http://127.0.0.1:9']
  const throttle = [
    '--throttle-address-attempts',
    '1000000',
    '--throttle-account-attempts',
    '1000000',
  ]
  const env = { PATH: process.env.PATH, JWT_SECRET: SECRET, STORE_URL: store }
  const child = spawn(process.execPath, [BIN, ...flags, ...throttle], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  process.once('exit', () => child.kill('SIGKILL'))
  const port = await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the gateway ended with ${code}`)))
    // Read to the end, or the gateway would wait for somebody to take its log.
    createInterface({ input: child.stdout }).on('line', (line) => {
      const event = JSON.parse(line)
      if (event.event === 'listening') resolve(event.port)
    })
  })
  return { child, url: `http://127.0.0.1:${port}/v1/auth/login` }
}

const logIn = async (url, { kind, body, status, times }) => {
  const headers = { 'Content-Type': 'application/json' }
  const startMs = performance.now()
  const response = await fetch(url, { method: 'POST', headers, body })
  await response.arrayBuffer()
  times.push(performance.now() - startMs)
  if (response.status !== status) throw new Error(`${kind}: ${response.status}`)
}

try {
  await plant()
  const { child, url } = await start()
  for (const kind of KINDS) await logIn(url, { ...kind, times: [] })
  for (let i = 0; i < tries; i++) for (const kind of shuffled(KINDS)) await logIn(url, kind)
  const rows = KINDS.map(({ kind, times }) => {
    const sorted = times.toSorted((one, other) => one - other)
    const middle = sorted.slice(Math.floor(tries / 20), Math.ceil(tries * 0.95))
    return [kind, summary(middle, 1).text]
  })
  console.log(`${tries} tries of each in turns, one at a time; ${machine()}\n`)
  console.log(table(['login', 'ms: median (5th to 95th percentile)'], rows))
  child.kill()
  await once(child, 'exit')
} finally {
  rmSync(folder, { recursive: true })
}
