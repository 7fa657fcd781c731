import { createHash } from 'node:crypto'
import t from 'tap'
import { createPlainAuthenticate } from '../support/authenticate.js'
import { CLAIMS, forge, HEADER, NOW } from '../support/forge.js'

const authenticate = createPlainAuthenticate()

const tokenIdOf = (token: string): string | undefined => {
  const result = authenticate(['Authorization', `Bearer ${token}`], NOW, false)
  return result.ok ? result.caller.tokenId : undefined
}

t.test('an own token is revoked by its jti, any other by a digest of all of it', (t) => {
  const hex = (NOW * 1000).toString(16).padStart(12, '0')
  const jti = `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`
  t.equal(tokenIdOf(forge(HEADER, { ...CLAIMS, jti })), jti)
  const others = [{ jti: 'a' }, { jti: 'a', exp: NOW + 59 }, {}].map((claims) =>
    forge(HEADER, { ...CLAIMS, ...claims }),
  )
  const ids = others.map(tokenIdOf)
  for (const [i, token] of others.entries())
    t.equal(ids[i], `sha256:${createHash('sha256').update(token).digest('base64url')}`)
  t.equal(new Set(ids).size, 3, 'two tokens of one jti are two')
  t.end()
})
