import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { runToken } from '../../bin/token-command.js'
import { run } from '../support/command.js'
import { call } from '../support/command-io.js'
import { CLAIMS, forge, GOOD, HEADER, NOW } from '../support/forge.js'
import { until } from '../support/until.js'

const SECRET = 'a secret of the tests, at least 32 bytes'
const ENV = { JWT_SECRET: SECRET }
const EXPLAIN = ['explain', `--now=${NOW}`]

t.test('each command has a help, and what is no command is refused', async (t) => {
  const rows: Array<[string[], RegExp]> = [
    [['--help'], /^usage: passport-gateway token explain .*\n +passport-gateway token mint/],
    [['-h'], /^usage: passport-gateway token explain /],
    [['explain', '--help', '--typo'], /^usage: passport-gateway token explain /],
    [['mint', '-h'], /^usage: passport-gateway token mint /],
  ]
  for (const [args, stdout] of rows)
    t.match(await call(runToken, args), { status: 0, stdout, stderr: '' })
  for (const args of [[], [GOOD], ['mint2']])
    t.same(await call(runToken, args), {
      status: 2,
      stdout: '',
      stderr: 'token: say explain or mint; token --help tells of both',
    })
})

t.test('white space around a token is forgiven, and Bearer before it', async (t) => {
  for (const stdin of [
    `${GOOD}\n`,
    `\ufeff\r\n  ${GOOD} \t\r\n`,
    `Bearer ${GOOD}`,
    `bearer\t${GOOD}`,
  ])
    t.match(await call(runToken, EXPLAIN, { env: ENV, stdin }), {
      status: 0,
      stdout: /^accepted\n/,
    })
})

t.test('a token is never an argument, and the refusal does not repeat it', async (t) => {
  const spaced = forge('{ "alg": "HS256" }', CLAIMS)
  const broken = forge('{\n"alg":"HS256"}', CLAIMS)
  const rows = [
    [GOOD],
    [`Bearer ${GOOD}`],
    [`--token=${GOOD}`],
    [`--${spaced}`],
    [broken],
    ['-h', GOOD],
  ]
  for (const args of rows)
    t.same(await call(runToken, [...EXPLAIN, ...args], { env: ENV, stdin: GOOD }), {
      status: 2,
      stdout: '',
      stderr:
        'token explain: a token is never an argument, which others can see and shells remember; give it on standard input',
    })
  const { status, stderr } = await call(runToken, [...EXPLAIN, 'hunter22'], { env: ENV })
  t.equal(status, 2)
  t.notMatch(stderr, /hunter22/)
})

t.test('without a token, or a way to read one, it is wrong use', async (t) => {
  for (const stdin of ['', ' \r\n\t', 'Bearer ', '\ufeff'])
    t.same(await call(runToken, EXPLAIN, { env: ENV, stdin, isTTY: true }), {
      status: 2,
      stdout: '',
      stderr:
        'the token, then Enter and Ctrl-D:\ntoken explain: there is no token on standard input',
    })
  const failing = async function* (): AsyncGenerator<string> {
    yield GOOD
    throw Object.assign(new Error(`at ${GOOD}`), { code: 'EISDIR' })
  }
  t.same(await call(runToken, EXPLAIN, { env: ENV, stdin: failing() }), {
    status: 2,
    stdout: '',
    stderr: 'token explain: standard input cannot be read (EISDIR)',
  })
})

t.test('whatever comes in, nothing of it steers the terminal', async (t) => {
  const evil = '\x1b[2J\x1b]0;x\x07\x9b31m\x7f\r\n\u202e\u2066\u2028\u{e0041}\0'
  const nested = `${'['.repeat(2500)}${']'.repeat(2500)}`
  const rows: Array<[string | Uint8Array, RegExp]> = [
    [forge(HEADER, { ...CLAIMS, [evil]: evil, sub: evil, country: evil }), /^accepted/],
    [forge({ ...HEADER, kid: evil }, CLAIMS), /^refused: unknown_key\nkid is "\\u001b\[2J/],
    [forge({ ...HEADER, alg: evil }, CLAIMS), /^refused: unsupported_algorithm/],
    [
      forge({ ...HEADER, [evil]: evil, typ: { [evil]: 1 } }, CLAIMS),
      /^refused: unsupported_header/,
    ],
    [forge(HEADER, { ...CLAIMS, aud: [evil] }), /^refused: wrong_audience/],
    [forge(HEADER, `{"__proto__":{"sub":"x"},"exp":${NOW + 60}}`), /^refused: malformed_claims/],
    [forge({ ...HEADER, kid: '__proto__' }, CLAIMS), /^refused: unknown_key/],
    [forge(HEADER, `{"a":${nested}}`), /^refused: malformed_claims/],
    [evil, /^refused: malformed/],
    [`${GOOD}\n${evil}`, /^refused: malformed/],
    [Buffer.from(Array.from({ length: 256 }, (_, i) => i)), /^refused: malformed/],
    [`${' '.repeat(70_000)}${GOOD}`, /^refused: malformed\nit is longer than 8192 characters\n/],
  ]
  for (const [stdin, expected] of rows)
    for (const args of [[], ['--json']]) {
      const { status, stdout } = await call(runToken, [...EXPLAIN, ...args], { env: ENV, stdin })
      t.notMatch(stdout, /[^\P{C}\n]|[\p{Zl}\p{Zp}]/u)
      if (args.length > 0) t.equal((JSON.parse(stdout) as { accepted: boolean }).accepted, !status)
      else t.match(stdout, expected)
      t.notMatch(stdout, SECRET)
    }
})

t.test('of endless input only as much is read as shows that it is no token', async (t) => {
  let chunks = 0
  const endless = async function* (): AsyncGenerator<Uint8Array> {
    for (;;) {
      chunks++
      yield Buffer.alloc(16_384, 'x')
    }
  }
  const { status, stdout } = await call(runToken, EXPLAIN, { env: ENV, stdin: endless() })
  t.match({ status, stdout }, { status: 1, stdout: /^refused: malformed\n/ })
  t.equal(chunks, 5)
  t.ok(stdout.length < 3_000)
})

t.test('as processes they work together, with the ring from a file of options', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const [ring, options] = [join(folder, 'ring.json'), join(folder, 'options.json')]
  writeFileSync(ring, JSON.stringify([{ kid: 'today', secret: SECRET }]))
  writeFileSync(options, JSON.stringify({ jwtSecretsFile: ring, audience: 'edge' }))
  const config = `--config=${options}`
  const minted = run(t, ['token', 'mint', config, '--sub=user_ada'])
  t.equal(await minted.ended, 0)
  await until('it is printed', () => minted.stdout.endsWith('\n'))
  const rows: Array<[string[], Record<string, string>, string, number, RegExp, RegExp]> = [
    [[config], {}, minted.stdout, 0, /^accepted\n[^]* kid {3}today\n/, /^$/],
    [[], { JWT_SECRETS_FILE: ring }, minted.stdout, 1, /^refused: wrong_audience\n/, /^$/],
    [[config], {}, 'x'.repeat(1_000_000), 1, /^refused: malformed\n/, /^$/],
    [
      [config, minted.stdout.trim()],
      {},
      '',
      2,
      /^$/,
      /^passport-gateway: token explain: [^\n.]*\n$/,
    ],
    [[], {}, '', 2, /^$/, /^passport-gateway: JWT_SECRET is missing: /],
  ]
  const started = rows.map(([args, env, stdin]) =>
    run(t, ['token', 'explain', ...args], env, stdin),
  )
  for (const [i, running] of started.entries()) {
    const [, , , status, stdout, stderr] = rows[i] as (typeof rows)[number]
    t.equal(await running.ended, status)
    await until('it is told', () => running.stdout + running.stderr !== '')
    t.match(running.stdout, stdout)
    t.match(running.stderr, stderr)
    t.notMatch(running.stdout + running.stderr, SECRET)
  }
})
