// Uses the package as it is installed: argv names the folder of a project that depends on it.
// Plain JavaScript, so that every supported Node runs it as it is.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const project = process.argv[2]
const require = createRequire(join(project, 'index.js'))
const { createGateway } = await import(pathToFileURL(require.resolve('passport-gateway')))
const { readPassport } = require('passport-gateway/passport')

const post = (url, body, headers = {}) =>
  fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
const ADA = { email: 'ada@example.com', password: 'correct horse', country: 'IN' }

const useGateway = async (origin) => {
  const key = { 'Idempotency-Key': 'k' }
  const signup = await post(`${origin}/v1/auth/signup`, ADA, key)
  assert.equal(signup.status, 201)
  const again = await post(`${origin}/v1/auth/signup`, ADA, key)
  assert.equal(await again.text(), await signup.text())
  assert.equal((await post(`${origin}/v1/auth/signup`, ADA)).status, 409)
  const login = await post(`${origin}/v1/auth/login`, ADA)
  assert.equal(login.status, 200)
  const { token } = await login.json()
  const Authorization = `Bearer ${token}`
  const body = 'x'.repeat(1_000_000)
  const proxied = await fetch(`${origin}/v1/proxy/a?b=c`, {
    method: 'PUT',
    headers: { Authorization, X_Passport: 'forged' },
    body,
  })
  assert.equal(proxied.status, 200)
  assert.equal((await fetch(`${origin}/v1/proxy/a`)).status, 401)
  return proxied.json()
}

// Embedded, in front of a service that reads its passport.
const service = createServer((request, response) => {
  let bytes = 0
  request.on('data', (chunk) => (bytes += chunk.length))
  request.on('end', () => {
    const { passport } = readPassport(request.headers, { unsigned: 'accept' })
    response.end(
      JSON.stringify({ passport, bytes, url: request.url, forged: request.headers.x_passport }),
    )
  })
}).listen(0, '127.0.0.1')
await once(service, 'listening')
const options = {
  jwtSecret: 'a secret of this program, 32 bytes or more',
  upstream: `http://127.0.0.1:${service.address().port}`,
  store: `sqlite:${join(project, `${process.version}.db`)}`,
}
const gateway = createGateway(options)
const { port } = await gateway.listen(0)
const seen = await useGateway(`http://127.0.0.1:${port}`)
assert.equal(seen.passport.email, 'ada@example.com')
assert.deepEqual([seen.bytes, seen.url, seen.forged], [1_000_000, '/a?b=c', undefined])
await gateway.close()
const next = createGateway(options)
const { port: nextPort } = await next.listen(0)
assert.equal((await post(`http://127.0.0.1:${nextPort}/v1/auth/login`, ADA)).status, 200)
await next.close()
service.close()
service.closeAllConnections()

// From the command line, with the built-in echo service.
const bin = join(project, 'node_modules/passport-gateway/dist/bin/passport-gateway.js')
const useCommand = async (flags, use) => {
  const child = spawn(process.execPath, [bin, '--demo', '--port=0', ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.setEncoding('utf8')
  // Until each of these stands in its log.
  const events = ['listening', ...(flags.includes('--admin-port=0') ? ['admin_listening'] : [])]
  const portOf = (event) => new RegExp(`"event":"${event}".*"port":(\\d+)`).exec(text)?.[1]
  child.stdout.on('data', (chunk) => (text += chunk))
  while (!events.every(portOf)) await once(child.stdout, 'data')
  await use(...events.map((event) => `http://127.0.0.1:${portOf(event)}`))
  child.kill('SIGTERM')
  assert.deepEqual(await once(child, 'exit'), [0, null])
}

await useCommand(['--admin-port=0'], async (origin, admin) => {
  const echoed = await useGateway(origin)
  assert.equal(echoed.passport.country, 'IN')
  assert.equal(echoed.segment, 'free:IN:unknown')
  const page = await (await fetch(admin)).text()
  const files = [...page.matchAll(/(?:href|src)="(\/page\/[^"]+)"/g)].map(([, path]) => path)
  assert.ok(files.length > 1)
  for (const path of files) assert.equal((await fetch(admin + path)).status, 200, path)
})
await useCommand(['--workers=2'], useGateway)
await useCommand(
  ['--store', `sqlite:${join(project, `${process.version}-command.db`)}`],
  useGateway,
)
for (const name of ['migrate', 'secret', 'token', 'top', 'users'])
  assert.match(
    execFileSync(process.execPath, [bin, name, '--help'], { encoding: 'utf8' }),
    /^usage: /i,
  )
console.log(`works on ${process.version}`)
