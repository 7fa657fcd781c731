import fc from 'fast-check'
import t from 'tap'
import { parseOptions } from '../lib/config.js'
import { reportToken } from '../lib/explain.js'
import { encode, forge, HEADER, NOW, SECRET, verify } from './support/forge.js'

const config = parseOptions({ jwtSecret: SECRET, upstream: 'http://127.0.0.1:9' })

t.test('whatever a token holds, it is judged as the gateway would, and told in words', (t) => {
  const name = fc.constantFrom('sub', 'user_id', 'exp', 'nbf', 'iat', 'jti', 'email', 'country')
  const value = fc.oneof(
    fc.constantFrom<unknown>(null, '', 'a', 'x'.repeat(256), NOW, NOW + 60, -1, 1.5, true, {}, []),
    fc.json().map((json): unknown => JSON.parse(json)),
  )
  const token = fc.oneof(
    fc.dictionary(name, value).map((claims) => forge(HEADER, claims)),
    fc
      .dictionary(fc.constantFrom('alg', 'typ', 'kid', 'crit', 'b64'), value)
      .map((header) => forge({ ...HEADER, ...header }, {})),
    fc.tuple(fc.json(), fc.json(), fc.base64String()).map((parts) => parts.map(encode).join('.')),
    fc.string({ unit: 'binary' }),
  )
  fc.assert(
    fc.property(token, (token) => {
      const verification = verify(token)
      const { accepted, reason, why } = reportToken(config, token, NOW)
      t.equal(accepted, verification.ok)
      if (verification.ok) return
      t.equal(reason, verification.reason)
      t.match(why, /^[^\p{C}]+$/u)
    }),
    { numRuns: 500 },
  )
  t.end()
})
