// What an answer must be. Whoever finds it otherwise throws.
import { Broken } from './wire.mjs'

/** What the gateway answers while the service is away. */
const AWAY = new Map([
  [502, ['upstream_unreachable', 'upstream_failed']],
  [503, ['upstream_unavailable']],
])

class Wrong extends Error {}

export const must = (isSo, what) => {
  if (!isSo) throw new Wrong(what)
}

/** The answer to a proxied request of this session: 200, and what the service saw is true of its user. */
export const mustBeServed = (answer, session) => {
  const { status, headers, text } = answer
  mustNotBeAway(answer)
  must(status === 200, `${status} ${text?.slice(0, 200)}`)
  must(headers['x-proxy-state'] === session.segment, `X-Proxy-State ${headers['x-proxy-state']}`)
  must(headers['x-passport'] === undefined, 'a passport came back')
  mustBeSeen(headers.saw, session)
}

/** A 502 or 503 that says by itself that the service is away counts as no answer. */
export const mustNotBeAway = ({ status, text }) => {
  if (AWAY.get(status)?.includes(codeOf(text))) throw new Broken(`${status} ${codeOf(text)}`)
}

/** What the service saw is the passport of this session's user, once, and of now; and no token. */
export const mustBeSeen = (saw, { user, segment }) => {
  const { passport, state, fields, isTokenThere } = JSON.parse(saw)
  const { issued_at: issuedAt, ...told } = JSON.parse(passport)
  const { id, email, country, platform } = user
  const expected = {
    user_id: id,
    email,
    subscription: 'free',
    country,
    platform,
    token_status: 'valid',
  }
  must(JSON.stringify(told) === JSON.stringify(expected), `the passport of another: ${passport}`)
  must(Math.abs(Date.now() / 1_000 - issuedAt) < 30, `a passport of ${issuedAt}`)
  must(state === segment, `the service saw X-Proxy-State ${state}`)
  must(fields === 1, `${fields} fields that could be a passport`)
  must(!isTokenThere, 'the service saw the token')
}

/** A refusal with this status, code, and challenge. */
export const mustBeRefused = ({ status, headers, text }, [expected, code, challenge]) => {
  must(status === expected && codeOf(text) === code, `${status} ${text.slice(0, 200)}`)
  must(headers['content-type'] === 'application/problem+json', headers['content-type'])
  if (challenge) must(challenge.test(headers['www-authenticate']), headers['www-authenticate'])
}

export const INVALID = [401, 'invalid_token', /error="invalid_token"/]
export const MISSING = [401, 'missing_token', /^Bearer realm="passport-gateway"$/]

const codeOf = (text) => {
  try {
    return JSON.parse(text).code
  } catch {
    return undefined
  }
}
