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
