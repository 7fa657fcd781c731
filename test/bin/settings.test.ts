import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { helpText, parseCommandLine, UsageError } from '../../bin/command-line.js'
import { resolveSettings } from '../../bin/settings.js'
import type { Settings } from '../../lib/config.js'
import { envOfSecret, listOptions } from '../../lib/option-list.js'

const folder = mkdtempSync(join(tmpdir(), 'gateway-'))
t.teardown(() => rmSync(folder, { recursive: true }))

const writeFile = (name: string, content: unknown): string => {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

const SECRET = 'x'.repeat(32)
const ENV = { JWT_SECRET: SECRET, UPSTREAM_URL: 'http://env.example' }

const resolve = (args: string[], env: Record<string, string> = ENV, stopgaps = {}): Settings =>
  resolveSettings({
    commandLine: parseCommandLine(args),
    env,
    stopgaps: new Map(Object.entries(stopgaps)),
  })

const linesOf = (args: string[], env?: Record<string, string>): readonly string[] => {
  try {
    resolve(args, env)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    return error.lines
  }
  return []
}

t.test('a flag wins over the environment, the environment over the file', (t) => {
  const upstream = 'http://file.example'
  const path = writeFile('options.json', {
    upstream,
    port: 1,
    trustProxy: ['10.0.0.1'],
    passAuthorization: true,
    timeouts: { connectMs: 1, idleBodyMs: 2 },
  })
  const file = ['--config', path]
  t.match(resolve(file, { JWT_SECRET: SECRET }).upstream, [{ url: upstream }])
  t.match(resolve(file).upstream, [{ url: 'http://env.example' }])
  const flags = ['--upstream', 'http://flag.example', '--port=3', '--timeouts-connect-ms', '4']
  t.match(resolve([...file, ...flags, '--trust-proxy', '::1, 10.0.0.0/8'], { ...ENV, PORT: '2' }), {
    upstream: [{ url: 'http://flag.example', weight: 1 }],
    port: 3,
    trustProxy: ['::1', '10.0.0.0/8'],
    passAuthorization: true,
    timeouts: { connectMs: 4, idleBodyMs: 2, shutdownMs: 10_000 },
  })
  t.equal(resolve([...file, '--pass-authorization=false']).passAuthorization, false)
  t.equal(resolve(['--pass-authorization']).passAuthorization, true)
  t.equal(resolve([], { ...ENV, PASS_AUTHORIZATION: 'false' }).passAuthorization, false)
  t.equal(resolve(['--log-success-share=0.25']).logSuccessShare, 0.25)
  t.match(linesOf(['--log-success-share=most']), [/^--log-success-share: /])
  t.equal(resolve([], { ...ENV, PORT: '' }).port, 8080, 'an empty variable is none')
  t.end()
})

t.test('every option can be given by the environment, and all but secrets by a flag', (t) => {
  const values = { text: 'x', integer: '7', number: '1', boolean: 'true', list: '::', json: '[1]' }
  for (const { name, env, flag, kind } of listOptions()) {
    if (envOfSecret(name) !== undefined) {
      t.equal(flag, '')
      continue
    }
    const lines = linesOf([`${flag}=${values[kind]}`], {
      ...ENV,
      [env]: 'rubbish of the environment',
    })
    for (const line of lines) t.match(line, new RegExp(`^${flag}(, entry 1)?: `))
  }
  t.end()
})

t.test('all problems are told at once, each with the place it came from', (t) => {
  const path = writeFile('faulty.json', {
    jwtSecret: 'hunter22hunter22',
    port: -1,
    foo: 2,
    limits: { users: 'many' },
  })
  const lines = linesOf(
    [
      '--config',
      path,
      '--upstrem',
      'x',
      '--limits-body-bytes',
      '--check',
      '--log-level=loud',
      '--jwt-secret=hunter22',
      '--trust-proxy',
      '10.0.0.1,hunter22',
      '--host',
    ],
    { TIMEOUTS_CONNECT_MS: '3s', PASS_AUTHORIZATION: 'yes' },
  )
  t.same(lines, [
    '--upstrem: is no option; --help lists what there is',
    'there are only options, each with its name (--upstream URL); a switch is turned off by =false',
    '--jwt-secret: a secret is never a flag, which others can see; set JWT_SECRET',
    '--host: needs a value',
    `${path}: jwtSecret: is taken from the environment alone: set JWT_SECRET`,
    `${path}: port: must be a whole number from 0 to 65535`,
    '--log-level: must be one of: debug, info, warn, error, silent',
    '--trust-proxy, entry 2: must be an IP address or a CIDR range',
    'PASS_AUTHORIZATION: must be true or false',
    'TIMEOUTS_CONNECT_MS: must be a whole number from 1 to 2147483647',
    '--limits-body-bytes: must be a whole number from 1 to 9007199254740991',
    `${path}: limits.users: must be a whole number from 1 to 9007199254740991`,
    `${path}: foo: is no option`,
    'JWT_SECRET is missing: set it to at least 32 random bytes, for instance JWT_SECRET=$(npx passport-gateway secret); or give --jwt-secrets-file; or try --demo',
    'no service behind: give --upstream URL or UPSTREAM_URL; or try --demo',
  ])
  t.notMatch(lines.join(), /hunter22/)
  t.same(linesOf([], { ...ENV, JWT_SECRET: 'short' }), ['JWT_SECRET: must have at least 32 bytes'])
  t.same(linesOf(['--port', '-1']), ['--port: must be a whole number from 0 to 65535'])
  t.same(linesOf(['--config=']), ['--config: must name a file'])
  t.same(linesOf(['--routes={'], { JWT_SECRET: SECRET }), ['--routes: is not JSON'])
  t.same(linesOf(['--routes={}']), ['--routes: must be a list'])
  t.same(linesOf(['--routes=[{"path":"/a"}]']), ['--routes, entry 1 upstream: must be given'])
  t.same(linesOf(['--port=1', '--port=2']), ['--port: is given twice'])
  t.same(
    linesOf(['--tls-cert-file=/nowhere', '--tls-key-file=/nowhere'], {
      ...ENV,
      UPSTREAM_TLS_CA_FILE: '/nowhere',
    }),
    [
      '--tls-cert-file: cannot be read (ENOENT)',
      '--tls-key-file: cannot be read (ENOENT)',
      'UPSTREAM_TLS_CA_FILE: cannot be read (ENOENT)',
    ],
  )
  const broken = writeFile('broken.json', '{"upstream": "http://a"')
  const [only = '', ...others] = linesOf(['--config', broken], { JWT_SECRET: SECRET })
  t.match(only, /is not JSON/)
  t.same(others, [])
  t.same(linesOf(['--routes=[{"path":"/a","upstream":"x"},{"path":"a","upstream":"http://a"}]']), [
    '--routes, entry 1 upstream.0.url: must be http://host[:port][/path], https://host[:port][/path] or unix:/path/of/socket',
    '--routes, entry 2 path: must be / or a path as requests have it, and not end with a slash or /*',
  ])
  t.end()
})

t.test('a file that cannot be used is named, and nothing of what it holds', (t) => {
  const rows: Array<[string, RegExp]> = [
    [join(folder, 'missing.json'), /: cannot be read \(ENOENT\)$/],
    [folder, /: cannot be read \(EISDIR\)$/],
    [writeFile('a.json', '{\n  "hunter22" 1}'), /: is not JSON \(line 2, column 14\)$/],
    [writeFile('b.json', ''), /: is not JSON$/],
    [writeFile('c.json', '[]'), /: must hold a JSON object$/],
    [writeFile('d.json', 'null'), /: must hold a JSON object$/],
    [writeFile('e.json', { timeouts: 5 }), /: timeouts: must be a group of options$/],
    [writeFile('f.json', { timeouts: [] }), /: timeouts: must be a group of options$/],
    [writeFile('g.json', { trustProxy: '::1' }), /: trustProxy: must be a list$/],
  ]
  for (const [path, expected] of rows) {
    const lines = linesOf(['--config', path])
    t.equal(lines.length, 1)
    t.ok(lines[0]?.startsWith(`${path}: `))
    t.match(lines[0], expected)
    t.notMatch(lines[0], /hunter22/)
  }
  t.equal(resolve(['--config', writeFile('bom.json', '\ufeff{"port": 5}')]).port, 5)
  const group = writeFile('group.json', { timeouts: 5 })
  t.same(linesOf(['--config', group, '--timeouts-connect-ms=1']).length, 1)
  t.end()
})

t.test('routes come as JSON, and several targets as a list', (t) => {
  const routes = '[{"path":"/a","upstream":"http://a.example"}]'
  t.match(resolve([`--routes=${routes}`], { JWT_SECRET: SECRET }).routes, [
    { path: '/a', upstream: [{ url: 'http://a.example', weight: 1 }] },
  ])
  t.match(resolve(['--upstream=http://a', '--upstream', 'unix:/b']).upstream, [
    { url: 'http://a' },
    { url: 'unix:/b' },
  ])
  t.match(resolve(['--upstream', 'http://a, unix:/b']).upstream, [
    { url: 'http://a' },
    { url: 'unix:/b' },
  ])
  t.end()
})

t.test('a stopgap stands in for what nobody gave', (t) => {
  const stopgaps = { upstream: 'http://stopgap.example', jwtSecret: 'y'.repeat(32) }
  t.match(resolve([], {}, stopgaps), {
    upstream: [{ url: stopgaps.upstream }],
    jwtSecret: Buffer.from('y'.repeat(32)),
  })
  t.match(resolve([], ENV, stopgaps).upstream, [{ url: 'http://env.example' }])
  const routes = '[{"path":"/","upstream":"http://a.example"}]'
  t.equal(resolve([`--routes=${routes}`], {}, stopgaps).upstream, undefined)
  t.end()
})

t.test('the help names every option with its unit, default and variable', (t) => {
  const help = helpText()
  for (const { flag, env, unit, fallback } of listOptions()) {
    const line = help.split('\n').find((line) => line.includes(`(${env})`)) ?? ''
    t.ok(line.includes(flag), env)
    t.ok(unit === '' || line.includes(`, in ${unit}`), unit)
    t.ok(fallback === undefined || line.includes(String(fallback)), String(fallback))
  }
  t.match(
    help,
    /--timeouts-connect-ms +connecting to the service, in ms \[3000\] \(TIMEOUTS_CONNECT_MS\)/,
  )
  t.end()
})
