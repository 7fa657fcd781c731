// Tokens of the benchmark, and what a service has to be told of whoever shows one.
import { createHmac } from 'node:crypto'

export const SECRET = 'the secret of a benchmark, 32 bytes or more'

const PERSON = {
  email: 'bench@example.com',
  subscription: 'pro',
  country: 'IN',
  platform: 'android',
}
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
const HEADER = encode({ alg: 'HS256', typ: 'JWT' })
const sign = (input) => createHmac('sha256', SECRET).update(input).digest('base64url')

/** A token that is good for a day. All are as long whose `userId` and `tokenId` are. */
export const createToken = (userId = 'user_bench', tokenId = 'token_bench') => {
  const iat = Math.floor(Date.now() / 1_000)
  const claims = { sub: userId, ...PERSON, iat, exp: iat + 86_400, jti: tokenId }
  const input = `${HEADER}.${encode(claims)}`
  return `${input}.${sign(input)}`
}

/** The same with a signature that is another's. */
export const createForgedToken = () => {
  const token = createToken()
  const [input] = /^.*\./.exec(token)
  return `${input}${sign(`${input} forged`)}`
}

/** The passport of whoever has these claims, as JSON in base64. */
export const passportOf = ({ sub, email, subscription, country, platform }) => {
  const passport = {
    user_id: sub,
    email,
    subscription,
    country,
    platform,
    token_status: 'valid',
    issued_at: Math.floor(Date.now() / 1_000),
  }
  return Buffer.from(JSON.stringify(passport)).toString('base64')
}

export const segmentOf = ({ subscription, country, platform }) =>
  Buffer.from(`${subscription}:${country}:${platform}`).toString('base64')

/** The claims of `createToken()` that a passport tells. */
export const HOLDER = { sub: 'user_bench', ...PERSON }
