import { createHash, randomBytes } from 'node:crypto'
import { unixSeconds, type Clock } from '../clock.js'
import { GatewayError } from '../errors.js'
import type { Revocation, RevocationStore } from '../revocation/revocation-store.js'

export interface MemoryRevocationsOptions {
  clock: Clock
  /** How many tokens, and how many users, there is room for. */
  limitEntries: number
}

interface Watermark {
  issuedUntilMs: number
  keepUntilSeconds: number
}

/**
 * Revocations in two `Map`s: gone when the process ends. An entry goes when its token would have
 * expired: each revocation clears away two that have. No user gets more than a thousandth of the
 * room for tokens (nor those few whom chance puts into the same share), so that one who revokes in a
 * loop cannot take it from the others.
 */
export const createMemoryRevocations = (options: MemoryRevocationsOptions): RevocationStore => {
  const { clock, limitEntries } = options
  // An expiry and the number of a share in one number: an object for each would double the size.
  const tokens = new Map<string, number>()
  const users = new Map<string, Watermark>()
  const counts = new Uint32Array(SHARES)
  const limitShare = Math.max(Math.floor(limitEntries / 1_000), SHARE_MIN)
  const salt = randomBytes(16)
  const listeners: Array<(revocation: Revocation) => void> = []

  const shareOf = (userId: string): number =>
    createHash('sha256').update(salt).update(userId).digest().readUInt16LE()

  const forgetToken = (tokenId: string, packed: number): boolean => {
    if (Math.floor(packed / SHARES) > unixSeconds(clock)) return false
    const share = packed % SHARES
    counts[share] = (counts[share] as number) - 1 // it was counted when it came
    return tokens.delete(tokenId)
  }
  const forgetUser = (userId: string, { keepUntilSeconds }: Watermark): boolean =>
    keepUntilSeconds <= unixSeconds(clock) && users.delete(userId)

  const sweepTokens = createSweep(tokens, forgetToken)
  const sweepUsers = createSweep(users, forgetUser)

  const tell = (revocation: Revocation): void => {
    for (const listener of listeners) listener(revocation)
  }

  const revokedUntilMs = (userId: string): number => users.get(userId)?.issuedUntilMs ?? 0

  const store: RevocationStore = {
    isRevoked: ({ tokenId, userId, issuedAtMs }) =>
      tokens.has(tokenId) || issuedAtMs <= (users.get(userId)?.issuedUntilMs ?? -1),
    revokedUntilMs,

    revokeToken: async (token) => {
      const { tokenId, userId, expSeconds } = token
      sweepTokens()
      if (store.isRevoked(token)) return false
      const share = shareOf(userId)
      const count = counts[share] as number // there are as many as a share can be
      if (tokens.size >= limitEntries || count >= limitShare) throw new GatewayError('overloaded')
      counts[share] = count + 1
      tokens.set(tokenId, Math.min(expSeconds, LAST_SECONDS) * SHARES + share)
      tell({ userId, tokenId })
      return true
    },

    revokeUser: async (userId, untilMs, keepUntilSeconds) => {
      sweepUsers()
      const known = users.get(userId)
      if (!known && users.size >= limitEntries) throw new GatewayError('overloaded')
      const issuedUntilMs = Math.max(untilMs, revokedUntilMs(userId))
      users.set(userId, { issuedUntilMs, keepUntilSeconds })
      tell({ userId, issuedUntilMs })
    },

    follow: (listener) => void listeners.push(listener),
  }
  return store
}

const SHARES = 65_536
// In the year 4147: more would not fit beside a share into what a number holds exactly.
const LAST_SECONDS = 2 ** 36
const SHARE_MIN = 100

/** Builds what looks at the next two entries of a map, round and round, and removes what is over. */
const createSweep = <T>(map: Map<string, T>, forget: (key: string, value: T) => boolean) => {
  let entries = map.entries()
  return (): void => {
    for (let i = 0; i < 2; i++) {
      const next = entries.next()
      if (next.done) {
        entries = map.entries()
        return
      }
      forget(...next.value)
    }
  }
}
