// Tokens that must be refused, each for a reason of its own, before the service sees anything.
import { createHmac } from 'node:crypto'
import { numberOf } from '../faults/messages.mjs'
import { INVALID, MISSING, mustBeRefused } from './expect.mjs'

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')

const sign = (secret, header, claims, hash = 'sha256') => {
  const input = `${encode(header)}.${encode(claims)}`
  return `${input}.${createHmac(hash, secret).update(input).digest('base64url')}`
}

const HEADER = { alg: 'HS256', typ: 'JWT' }

const claimsOf = (more) => {
  const iat = Math.floor(Date.now() / 1_000)
  return { sub: 'user_of_a_bad_token', iat, exp: iat + 60, ...more }
}

/** `Authorization` of each kind; `good` is a token that would be let in. */
const KINDS = {
  'no token': () => undefined,
  'no Bearer': ({ good }) => `Basic ${good}`,
  'no JWT': () => 'Bearer abc',
  'two parts': ({ good }) => `Bearer ${good.split('.').slice(0, 2).join('.')}`,
  'too long': ({ good }) => `Bearer ${good}${'A'.repeat(8_192)}`,
  'another secret': () =>
    `Bearer ${sign('another secret, of 32 bytes or more!', HEADER, claimsOf())}`,
  'changed claims': ({ good }) => {
    const [header, , signature] = good.split('.')
    return `Bearer ${header}.${encode(claimsOf({ subscription: 'pro' }))}.${signature}`
  },
  'alg none': () => `Bearer ${encode({ alg: 'none' })}.${encode(claimsOf())}.`,
  'alg none, signed': ({ secret }) => `Bearer ${sign(secret, { alg: 'none' }, claimsOf())}`,
  'alg HS512': ({ secret }) => `Bearer ${sign(secret, { alg: 'HS512' }, claimsOf(), 'sha512')}`,
  crit: ({ secret }) => `Bearer ${sign(secret, { ...HEADER, crit: ['exp'] }, claimsOf())}`,
  'unknown kid': ({ secret }) => `Bearer ${sign(secret, { ...HEADER, kid: 'other' }, claimsOf())}`,
  expired: ({ secret }) =>
    `Bearer ${sign(secret, HEADER, claimsOf({ exp: Math.floor(Date.now() / 1_000) - 1 }))}`,
  'not yet valid': ({ secret }) =>
    `Bearer ${sign(secret, HEADER, claimsOf({ nbf: Math.floor(Date.now() / 1_000) + 60 }))}`,
  'no exp': ({ secret }) => `Bearer ${sign(secret, HEADER, claimsOf({ exp: undefined }))}`,
  'too long-lived': ({ secret }) =>
    `Bearer ${sign(secret, HEADER, claimsOf({ exp: Math.floor(Date.now() / 1_000) + 9_999 }))}`,
  'another audience': ({ secret }) => `Bearer ${sign(secret, HEADER, claimsOf({ aud: 'other' }))}`,
  'no user': ({ secret }) => `Bearer ${sign(secret, HEADER, claimsOf({ sub: undefined }))}`,
  revoked: ({ revoked }) => `Bearer ${revoked ?? 'abc'}`,
}
const NAMES = Object.keys(KINDS)
const WITHOUT_TOKEN = new Set(['no token', 'no Bearer'])

export const createBadTokens = ({ wire, sessions, secret }) => ({
  'bad token': (id) =>
    sessions.lend(async ({ token: good }) => {
      const name = NAMES[numberOf(id) % NAMES.length]
      const field = KINDS[name]({ good, secret, revoked: sessions.anyRevoked() })
      const answer = await wire.send({
        method: numberOf(id) % 2 === 0 ? 'GET' : 'POST',
        path: `/v1/proxy/never/${id}`,
        headers: field === undefined ? {} : { Authorization: field },
      })
      try {
        mustBeRefused(answer, WITHOUT_TOKEN.has(name) ? MISSING : INVALID)
      } catch (error) {
        error.message = `${name}: ${error.message}`
        throw error
      }
    }),
})
