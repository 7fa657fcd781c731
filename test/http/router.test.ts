import t from 'tap'
import { createRouter } from '../../lib/http/router.js'

t.test('a thousand routes are found as fast as one, and a path of slashes costs nothing', (t) => {
  const handler = (): void => {}
  const many = createRouter(
    Array.from({ length: 1_000 }, (_, i) => ({ pattern: `/r${i}/x/*`, methods: handler })),
  )
  t.match(many('GET', '/r999/x/y'), { pattern: '/r999/x/*' })
  t.equal(many('GET', '/r1000/x/y'), undefined)
  t.equal(many('GET', '/r1/xx/y'), undefined)
  t.equal(many('GET', '/'.repeat(16_000)), undefined)
  const found = createRouter([
    { pattern: '/a/*', methods: handler },
    { pattern: '/a/b/*', methods: handler },
    { pattern: '/a/b', methods: handler },
  ])
  t.match(found('GET', '/a/b/c'), { pattern: '/a/b/*' })
  t.match(found('GET', '/a/b'), { pattern: '/a/b' })
  t.match(found('GET', '/a/c/b/'), { pattern: '/a/*' })
  t.equal(found('GET', '/a'), undefined)
  t.end()
})

t.test('whatever way a route is spelt, no other spelling is taken for another route', (t) => {
  const handler = (): void => {}
  for (const [path, ...spellings] of [
    ['/Admin', '/admin', '/ADMIN', '/%41dmin', '/Admin;x', '//Admin'],
    ['/%61dmin', '/admin', '/%2561dmin', '/%41dmin'],
    ['/a//b', '/a/b', '/a///b'],
    ['/a;v=1', '/a', '/a;v=2'],
    ['/a%20b', '/a%20B'],
  ]) {
    const find = createRouter([
      { pattern: '/*', methods: handler },
      { pattern: `${path}/*`, methods: handler },
    ])
    t.match(find('GET', `${path}/x`), { pattern: `${path}/*`, handler })
    for (const spelling of spellings)
      t.match(find('GET', `${spelling}/x`), { isAmbiguous: true }, `${spelling} for ${path}`)
  }
  const alike = createRouter(
    ['/*', '/a/*', '/A/*'].map((pattern) => ({ pattern, methods: handler })),
  )
  t.match(alike('GET', '/a/x'), { pattern: '/a/*', handler })
  t.match(alike('GET', '/A/x'), { pattern: '/A/*', handler })
  t.end()
})

t.test('a path that is long and strange costs little', (t) => {
  const handler = (): void => {}
  const find = createRouter(['/*', '/a/*'].map((pattern) => ({ pattern, methods: handler })))
  const startMs = performance.now()
  for (const piece of ['.', ' ', '/', ';', '%25', '. ', './', ';/', '%2e', 'A', '%255c;%2523. '])
    find('GET', `/${piece.repeat(16_000 / piece.length)}x`)
  t.ok(performance.now() - startMs < 500)
  t.end()
})

t.test('no dot segment is hidden from the choice of a route', (t) => {
  const handler = (): void => {}
  const find = createRouter(
    ['/p/*', '/p/open/*', '/p/admin', '/p/admin/*'].map((pattern) => ({
      pattern,
      methods: handler,
    })),
  )
  for (const path of [
    '/p/open/%252e%252e/admin',
    '/p/open/.%252e/admin',
    '/p/open/..%253bx/admin',
    '/p/open/..%20/admin',
    '/p/open/x%255c..%255cadmin',
    '/p/admin%2509/x',
    '/p/%5cadmin/x',
    '/p/admin%3fx/y',
    '/p/open/%252e%252e..',
  ])
    t.match(find('GET', path), { isAmbiguous: true }, path)
  t.match(find('GET', '/p/open/a.b/..c/%e4%bd%a0'), { pattern: '/p/open/*', handler })
  t.end()
})

t.test('what is cut off before it is decoded, or between two times, hides no other route', (t) => {
  const handler = (): void => {}
  const routesAt = (...paths: string[]) =>
    createRouter(
      paths.flatMap((path) =>
        [path, `${path}/*`].map((pattern) => ({ pattern, methods: handler })),
      ),
    )
  const find = routesAt('/p/open', '/p/open/admin', '/p')
  for (const path of [
    '/p/open/;%23/admin',
    '/p/open/;%3f/admin/x',
    '/p/open/;%252fx/admin',
    '/p/open/%3b%2523;x=/admin',
    '/p/%253b%3f/open/x',
    `/p/open/x%${'25'.repeat(40)}41`,
  ])
    t.match(find('GET', path), { isAmbiguous: true }, path)
  t.match(find('GET', '/p/open/a%3fb%23c;d/e%253b'), { pattern: '/p/open/*', handler })
  t.end()
})

t.test('one route alone is not left by dot segments that are hidden', (t) => {
  const handler = (): void => {}
  const find = createRouter(
    ['/p/open', '/p/open/*'].map((pattern) => ({ pattern, methods: handler })),
  )
  for (const path of ['/p/open/..%255c', '/p/open/..%253b', '/p/open/%252e%252e/x'])
    t.match(find('GET', path), { isAmbiguous: true }, path)
  t.match(find('GET', '/p/open/%41'), { pattern: '/p/open/*', handler })
  t.end()
})
