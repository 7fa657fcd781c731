// Several users, so that an answer to somebody else is noticed.
import { createHmac } from 'node:crypto'

const COUNT = 7

/** `{ id, token }` of each, whose token is good for an hour. */
export const createUsers = (secret, count = COUNT) =>
  Array.from({ length: count }, (_, i) => ({
    id: `user_${i}`,
    token: createToken(secret, `user_${i}`),
  }))

const createToken = (secret, sub) => {
  const now = Math.floor(Date.now() / 1000)
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = { sub, iat: now, exp: now + 3600 }
  const input = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}
