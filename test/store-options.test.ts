import t from 'tap'
import { ConfigError } from '../lib/config-error.js'
import { parseOptions } from '../lib/config.js'

const problemsOf = (options: object): string[] => {
  try {
    parseOptions({ jwtSecret: 'x'.repeat(32), upstream: 'http://127.0.0.1:9', ...options })
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.problems.map(({ option, detail }) => `${option}: ${detail}`)
  }
  return []
}

t.test('memory is no place beside the store, as it would go unused without a word', (t) => {
  const rule =
    'ephemeralStore: must not be memory:, as all is kept with the users then: leave it out for that, or name another store'
  for (const store of [undefined, 'memory:', 'sqlite:a', 'redis://localhost'])
    t.same(problemsOf({ store, ephemeralStore: 'memory:' }), [rule], store ?? 'none')
  for (const ephemeralStore of [undefined, 'sqlite:a', 'redis://localhost', 'postgres://localhost'])
    t.same(problemsOf({ ephemeralStore }), [], ephemeralStore ?? 'none')
  t.end()
})

t.test('what is no URL of a store is one problem, and repeated nowhere', (t) => {
  for (const option of ['store', 'ephemeralStore']) {
    const problems = problemsOf({ [option]: 'mysql://hunter22@a' })
    t.match(problems, [new RegExp(`^${option}: must be `)])
    t.notMatch(problems.join(''), /hunter22/)
    t.same(problemsOf({ [option]: 5 }), [`${option}: must be the URL of a store`])
  }
  t.end()
})
