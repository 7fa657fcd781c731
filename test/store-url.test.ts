import t from 'tap'
import { loadDriver } from '../lib/drivers.js'
import { hasPassword, parseStoreUrl } from '../lib/store-url.js'

t.test('the URL of a store names an engine, and what it is told', (t) => {
  for (const [text, url] of [
    ['memory:', { kind: 'memory' }],
    ['sqlite:./gateway.db', { kind: 'sqlite', file: './gateway.db' }],
    ['sqlite:/var/lib/gate way#1?.db', { kind: 'sqlite', file: '/var/lib/gate way#1?.db' }],
    ['postgres://localhost', { kind: 'postgres', url: 'postgres://localhost', isSecure: false }],
    [
      'postgresql://a:b%40@db:5433/c?sslmode=verify-full',
      { kind: 'postgres', url: 'postgresql://a:b%40@db:5433/c', isSecure: true },
    ],
    [
      'postgres://db/c?sslmode=disable',
      { kind: 'postgres', url: 'postgres://db/c', isSecure: false },
    ],
    [
      'postgres://[::1]/c?sslmode=verify-full',
      { kind: 'postgres', url: 'postgres://[::1]/c', isSecure: true },
    ],
    ['redis://db', { kind: 'redis', url: 'redis://db', isSecure: false, database: 0 }],
    ['redis://db/', { kind: 'redis', url: 'redis://db/', isSecure: false, database: 0 }],
    [
      'rediss://default:b@db:6380/2',
      { kind: 'redis', url: 'rediss://default:b@db:6380/2', isSecure: true, database: 2 },
    ],
  ] as const)
    t.same(parseStoreUrl(text), url, text)
  t.end()
})

t.test('what is none is told what would be right, and never repeated', (t) => {
  for (const [text, rule] of [
    ['', /^must be memory:, sqlite:<file>, /],
    ['memory', /^must be memory:, /],
    ['memory:x', /^must be memory:, /],
    ['mysql://secret@db/', /^must be memory:, /],
    ['sqlite:', /^must be sqlite:<file>, /],
    ['sqlite://gateway.db', /^must be sqlite:<file>, /],
    ['sqlite: ', /^must be sqlite:<file>, /],
    ['sqlite::memory:', /^must be sqlite:<file>, /],
    ['sqlite:file:gateway.db?mode=memory', /^must be sqlite:<file>, /],
    ['postgres:///a', /must name a host/],
    ['redis:///0', /must name a host/],
    ['postgres://db/a', /must end in \?sslmode=verify-full, or /],
    ['postgres://db/a?sslmode=prefer', /must end in \?sslmode/],
    ['postgres://localhost/a?sslmode=require', /no other mode verifies the server/],
    ['postgres://db/a?sslmode=disable&sslmode=verify-full', /must end in \?sslmode/],
    ['postgres://db/a?sslmode=disable&options=-c', /nothing behind the path/],
    ['postgres://localhost/a#b', /nothing behind the path/],
    ['postgres://a:100%@db/a?sslmode=disable', /% as %25/],
    ['postgres://a:%e4@db/a?sslmode=disable', /% as %25/],
    ['postgres://%zz:b@db/a?sslmode=disable', /% as %25/],
    ['postgres://db/%?sslmode=disable', /% as %25/],
    ['postgres://a:secret/b@db/a?sslmode=disable', /\/ as %2F/],
    ['redis://:100%@db', /% as %25/],
    ['rediss://:secret#b@db', /\/ as %2F/],
    ['redis://db/0?tls=false', /nothing behind the path/],
    ['redis://db/0#x', /nothing behind the path/],
    ['redis://db/secret', /must have a number behind the host/],
    ['redis://db/0/1', /must have a number behind the host/],
  ] as const) {
    const problem = parseStoreUrl(text)
    t.type(problem, 'string', text)
    t.match(problem, rule)
    t.notMatch(problem, /secret/)
  }
  t.end()
})

t.test('a password is seen', (t) => {
  for (const text of ['redis://:a@db', 'postgres://a:b@db/c']) t.equal(hasPassword(text), true)
  for (const text of ['redis://a@db', 'sqlite::a@b', 'memory:', ''])
    t.equal(hasPassword(text), false)
  t.end()
})

t.test('a package that is not installed is none', (t) => {
  t.equal(loadDriver('no-such-driver' as 'pg'), undefined)
  t.type(loadDriver('ioredis'), 'function')
  t.end()
})
