import type { IncomingMessage } from 'node:http'
import { get } from 'node:https'
import t from 'tap'
import { CA, certificateFile } from '../support/certificates.js'
import { originOf, run } from '../support/command.js'
import { postJson, SECRET, startGateway } from '../support/gateways.js'
import { startService } from '../support/services.js'
import { until } from '../support/until.js'

t.test('--demo signs up, logs in and proxies with nothing else installed', async (t) => {
  const running = run(t, ['--demo', '--port=0'])
  const origin = await originOf(running)
  await until('it says what to try', () => running.stderr.endsWith('\n\n'))
  t.match(running.stderr, new RegExp(`passport-gateway listens on ${origin}`))
  t.match(running.stderr, /a built-in echo service/)
  t.match(running.stderr, /JWT secret of this run: [\w-]{43}\n/)
  for (const path of ['auth/signup', 'auth/login', 'proxy/hello'])
    t.match(running.stderr, new RegExp(`curl .*${origin}/v1/${path}`))
  const body = /-d '(\{.*"country".*\})'/.exec(running.stderr)?.[1] ?? ''
  const response = await postJson(`${origin}/v1/auth/signup`, body)
  t.equal(response.status, 201)
  const { token, user_id } = (await response.json()) as { token: string; user_id: string }
  const proxied = await fetch(`${origin}/v1/proxy/hello?x=1`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}` },
    body: 'four',
  })
  t.match(await proxied.json(), {
    service: 'echo',
    method: 'POST',
    path: '/hello?x=1',
    passport: { user_id, email: 'ada@example.com', token_status: 'valid' },
    segment: 'free:IN:android',
    headers: { 'x-passport': String, authorization: undefined },
    body_bytes: 4,
  })
  t.match(
    await (
      await fetch(`${origin}/v1/proxy/`, { headers: { Authorization: `Bearer ${token}` } })
    ).json(),
    {
      path: '/',
    },
  )
  running.child.kill('SIGINT')
  t.equal(await running.ended, 0)
})

t.test('--demo takes a real service and secret where they are given', async (t) => {
  const service = await startService(t)
  const args = ['--demo', '--port=0', '--host=::', `--upstream=${service.url}`]
  const running = run(t, args, { JWT_SECRET: SECRET })
  await until('it says what to try', () => running.stderr.includes('Try it'))
  t.match(running.stderr, new RegExp(`service behind: ${service.url}`))
  t.match(running.stderr, /JWT secret: your own\n/)
  t.match(running.stderr, /listens on http:\/\/\[::1\]:\d+\n/)
  running.child.kill('SIGTERM')
  t.equal(await running.ended, 0)
})

t.test('what cannot be used is told in one line, with an exit code and no stack', async (t) => {
  const { port } = await startGateway(t)
  const env = { JWT_SECRET: SECRET, UPSTREAM_URL: 'http://127.0.0.1:9' }
  const rows: Array<[string[], Record<string, string>, number, RegExp]> = [
    [[], { UPSTREAM_URL: 'http://a' }, 2, /^passport-gateway: JWT_SECRET is missing: .*\n$/],
    [
      [],
      { ...env, JWT_SECRET: 'short' },
      2,
      /^passport-gateway: JWT_SECRET: must have at least 32 bytes\n$/,
    ],
    [
      ['--upstream=ftp://a'],
      env,
      2,
      /^passport-gateway: --upstream, entry 1: must be http:\/\/.*\n$/,
    ],
    [
      ['--check', '--tls-cert-file=/nowhere', '--tls-key-file=/nowhere'],
      env,
      2,
      /^passport-gateway: --tls-cert-file: cannot be read \(ENOENT\)\npassport-gateway: --tls-key-file: [^\n]*\n$/,
    ],
    [['--check', '--port=x'], env, 2, /^passport-gateway: --port: must be a whole number .*\n$/],
    [
      [`--port=${port}`],
      env,
      1,
      new RegExp(`^passport-gateway: port ${port} is taken; give another with --port\n$`),
    ],
    [
      ['--host=192.0.2.1'],
      env,
      1,
      /^passport-gateway: the host is not an address of this machine; .*--host\n$/,
    ],
    [
      ['--host=nowhere.invalid'],
      env,
      1,
      /^passport-gateway: (the host is not|cannot start: EAI_AGAIN).*\n$/,
    ],
  ]
  for (const [args, given, code, stderr] of rows) {
    const running = run(t, args, given)
    t.equal(await running.ended, code, args.join(' '))
    await until('it is told', () => running.stderr !== '')
    t.match(running.stderr, stderr)
    t.equal(running.stdout, '')
  }
})

t.test('it listens with TLS and with routes alone', async (t) => {
  const service = await startService(t)
  const running = run(
    t,
    [
      '--demo',
      '--port=0',
      `--tls-cert-file=${certificateFile('localhost.pem')}`,
      `--tls-key-file=${certificateFile('localhost.key')}`,
      `--routes=[{"path":"/a","upstream":"${service.url}","auth":"optional"}]`,
    ],
    { JWT_SECRET: SECRET },
  )
  const port = Number(new URL(await originOf(running)).port)
  await until('the words', () => running.stderr.includes(`curl -s https://127.0.0.1:${port}`))
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ port, path: '/v1/proxy/a', ca: CA, host: '127.0.0.1' }, resolve).on('error', reject)
  })
  response.resume()
  t.equal(response.statusCode, 200)
  t.equal(service.requests.length, 1)
  const alone = run(t, ['--port=0', `--routes=[{"path":"/a","upstream":"${service.url}"}]`], {
    JWT_SECRET: SECRET,
  })
  t.equal((await fetch(`${await originOf(alone)}/v1/proxy/b`)).status, 404)
  for (const { child, ended } of [running, alone]) {
    child.kill('SIGTERM')
    t.equal(await ended, 0)
  }
})

t.test('--check, --help and --version answer and exit', async (t) => {
  const rows: Array<[string[], RegExp]> = [
    [['--check', '--demo'], /^the configuration is valid\n$/],
    [['--help'], /^usage: passport-gateway \[options\]\n/],
    [['-h', '--typo'], /^usage: /],
    [['-v'], /^\d+\.\d+\.\d+\n$/],
  ]
  for (const [args, stdout] of rows) {
    const running = run(t, args)
    t.equal(await running.ended, 0)
    await until('it is told', () => running.stdout !== '')
    t.match(running.stdout, stdout)
  }
})
