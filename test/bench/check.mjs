// Whether a contender does what it is measured for.
import assert from 'node:assert/strict'
import { createForgedToken, createToken, HOLDER, passportOf, segmentOf } from './tokens.mjs'

const VERIFYING = ['gateway', 'fastify', 'express', 'http-proxy', 'haproxy']
const FORWARDING = [...VERIFYING, 'nginx']
const BY_ITSELF = { answer: 200, refuse: 401 }

/** Throws where it lets somebody in whom it should not, or the service is not told who is asking. */
export const check = async (name, { url }, { isSigned = false } = {}) => {
  const ask = (path, token) =>
    fetch(`${url}/v1/proxy${path}`, {
      headers: { 'X-Passport': 'forged', ...(token && { Authorization: `Bearer ${token}` }) },
      signal: AbortSignal.timeout(10_000),
    })
  const statusOf = async (token) => {
    const response = await ask('/small', token)
    await response.arrayBuffer()
    return response.status
  }
  if (BY_ITSELF[name]) return assert.equal(await statusOf(), BY_ITSELF[name], name)
  const response = await ask('/seen', createToken())
  assert.equal(response.status, 200, name)
  const seen = fieldsOf(await response.json())
  if (VERIFYING.includes(name)) {
    assert.equal(await statusOf(), 401, `${name} without a token`)
    assert.equal(await statusOf(createForgedToken()), 401, `${name} with a forged token`)
    checkPassport(name, seen)
    assert.equal(seen.has('x-passport-signature'), isSigned, `${name}: a signature`)
  }
  if (FORWARDING.includes(name)) checkForwarding(name, seen, new URL(url).host)
}

const fieldsOf = ([, ...lines]) => {
  const fields = new Map()
  for (const line of lines) {
    const [, key, value] = /^([^:]+): *(.*)$/.exec(line)
    fields.set(key.toLowerCase(), [...(fields.get(key.toLowerCase()) ?? []), value])
  }
  return fields
}

const decode = (base64) => JSON.parse(Buffer.from(base64, 'base64').toString())

const checkPassport = (name, seen) => {
  const [value, ...more] = seen.get('x-passport') ?? []
  assert.ok(value && more.length === 0, `${name}: one passport`)
  const { issued_at: issuedAt, ...passport } = decode(value)
  const { issued_at: nowSeconds, ...expected } = decode(passportOf(HOLDER))
  assert.equal(JSON.stringify(passport), JSON.stringify(expected), `${name}: the right passport`)
  assert.ok(Math.abs(issuedAt - nowSeconds) <= 2, `${name}: a passport of now`)
  assert.deepEqual(seen.get('x-proxy-state'), [segmentOf(HOLDER)], `${name}: the segment`)
  assert.equal(seen.get('authorization'), undefined, `${name} keeps the token`)
}

const checkForwarding = (name, seen, host) => {
  const [address] = seen.get('x-forwarded-for') ?? []
  assert.match(address ?? '', /^(::ffff:)?127\.0\.0\.1$/, `${name}: X-Forwarded-For`)
  assert.deepEqual(seen.get('x-forwarded-proto'), ['http'], `${name}: X-Forwarded-Proto`)
  for (const field of ['x-request-id', 'via'])
    assert.equal(seen.get(field)?.length, 1, `${name}: ${field}`)
  assert.ok([host, host.split(':')[0]].includes(seen.get('x-forwarded-host')?.[0]), `${name}: host`)
}
