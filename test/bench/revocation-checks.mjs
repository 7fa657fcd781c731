// One process that fills a store with revocations that are live, reads them as a gateway does when it
// starts, and asks whether tokens are revoked: `node --import ../support/typescript.mjs revocation-checks.mjs
// <url> <how many>`.
import { createReplica } from '../../lib/revocation/replica.js'
import { createStore } from '../../lib/store-choice.js'
import { createMemoryRevocations } from '../../lib/stores/memory-revocations.js'

const [url, count] = [process.argv[2], Number(process.argv[3])]
const USERS = 10_000
const AT_ONCE = 256
const CHECKS = 1_000_000
const ROUNDS = 7
const clock = {
  now: Date.now,
  monotonic: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms).unref()),
}

const expSeconds = Math.floor(Date.now() / 1_000) + 86_400
const tokenOf = (number, kind) => ({
  tokenId: `${kind}-${String(number).padStart(12, '0')}-0123456789abcdef`,
  userId: `user_${String(number % USERS).padStart(32, '0')}`,
  issuedAtMs: Date.now(),
  expSeconds,
})

const createLocal = () =>
  createMemoryRevocations({ clock, limitEntries: 1_000_000, ownLifeSeconds: 86_400 })

const fill = async (add) => {
  let number = 0
  const lane = async () => {
    while (number < count) await add(tokenOf(number++, 'revoked'))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
}

/** What a gateway asks, with all the revocations in place, and how long it took to read them. */
const prepare = async () => {
  const local = createLocal()
  const engine = createStore(url, {
    timeoutMs: 10_000,
    limitConnections: 10,
    allowVolatile: false,
    warn: () => {},
    keepsUsers: true,
    tls: {},
  })
  if (!engine) {
    await fill((token) => local.revokeToken(token))
    return { revocations: local, end: async () => {} }
  }
  await engine.open()
  await fill((token) => engine.revocations.addToken(token))
  const replica = createReplica({ log: engine.revocations, local, clock, limitAgeMs: Infinity })
  const startMs = performance.now()
  await replica.start()
  const readMs = performance.now() - startMs
  const end = async () => {
    replica.stop()
    await engine.close()
  }
  return { revocations: replica, readMs, end }
}

const measure = (revocations) => {
  const revoked = Array.from({ length: count }, (_, i) => tokenOf(i, 'revoked'))
  const good = Array.from({ length: count }, (_, i) => tokenOf(i, 'good'))
  const rates = []
  for (let round = 0; round < ROUNDS; round++) {
    const startMs = performance.now()
    let found = 0
    // Far apart, as requests come.
    for (let i = 0, at = 0; i < CHECKS; i++, at = (at + 7_919) % count)
      if (revocations.isRevoked((i & 1 ? revoked : good)[at])) found++
    rates.push((CHECKS * 1_000) / (performance.now() - startMs))
    if (found !== CHECKS / 2) throw new Error(`${found} of ${CHECKS / 2} are revoked`)
  }
  return rates
}

const { revocations, readMs, end } = await prepare()
process.send({ rates: measure(revocations), ...(readMs && { readMs }) })
await end()
process.exit()
