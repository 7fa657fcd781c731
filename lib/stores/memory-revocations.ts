import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '../clock.js'
import { GatewayError } from '../errors.js'
import type { LocalRevocations, Revocation } from '../revocation/revocation-store.js'

export interface MemoryRevocationsOptions {
  clock: Clock
  /** How many tokens, and how many users, there is room for. */
  limitEntries: number
  /** How long a token of the gateway's own is accepted, in seconds. */
  ownLifeSeconds: number
}

interface Watermark {
  issuedUntilMs: number
  keepUntilSeconds: number
}

/**
 * Revocations in two `Map`s: gone when the process ends. An entry goes when its token would have
 * expired: each revocation clears away two that have. No user gets more than a thousandth of the
 * room for tokens (nor those few whom chance puts into the same share), so that one who revokes in a
 * loop cannot take it from the others. Where there is no room for another user, the one that was
 * revoked first makes room, and in his place *all* tokens that are as old as those revoked then are:
 * but only once no token of the gateway's own is, unless it is learnt, and so cannot be refused.
 */
export const createMemoryRevocations = (options: MemoryRevocationsOptions): LocalRevocations => {
  const { clock, limitEntries, ownLifeSeconds } = options
  // An expiry and the number of a share in one number: an object for each would double the size.
  const tokens = new Map<string, number>()
  const users = new Map<string, Watermark>()
  let allUntilMs = -1
  const aheadMs = clock.now() - clock.monotonic()
  // A wall clock that jumps ahead may jump back, and what had expired is good again.
  const surelyMs = (): number => Math.min(clock.now(), clock.monotonic() + aheadMs)
  const counts = new Uint32Array(SHARES)
  const limitShare = Math.max(Math.floor(limitEntries / 1_000), SHARE_MIN)
  const salt = randomBytes(16)
  const listeners: Array<(revocation: Revocation) => void> = []

  const shareOf = (userId: string): number =>
    createHash('sha256').update(salt).update(userId).digest().readUInt16LE()

  const forgetToken = (tokenId: string, packed: number): boolean => {
    if (Math.floor(packed / SHARES) + GRACE_SECONDS > surelyMs() / 1000) return false
    const share = packed % SHARES
    counts[share] = (counts[share] as number) - 1 // it was counted when it came
    return tokens.delete(tokenId)
  }
  const forgetUser = (userId: string, { keepUntilSeconds }: Watermark): boolean =>
    keepUntilSeconds + GRACE_SECONDS <= surelyMs() / 1000 && users.delete(userId)

  const sweepTokens = createSweep(tokens, forgetToken)
  const sweepUsers = createSweep(users, forgetUser)

  const tell = (revocation: Revocation): void => {
    for (const listener of listeners) listener(revocation)
  }

  const revokedUntilMs = (userId: string): number =>
    Math.max(0, users.get(userId)?.issuedUntilMs ?? 0, allUntilMs)

  const hasRoomForUser = (userId: string): boolean => users.has(userId) || users.size < limitEntries

  /** The user who was revoked first; only asked for where there is one. */
  const first = (): [string, Watermark] => users.entries().next().value as [string, Watermark]

  const giveWay = (): void => {
    const [userId, { issuedUntilMs }] = first()
    users.delete(userId)
    learnAll(issuedUntilMs)
  }

  const learnAll = (untilMs: number): void => {
    if (untilMs <= allUntilMs) return
    allUntilMs = untilMs
    tell({ allUntilMs })
  }

  /** What is known already is never lowered nor shortened: older tokens may live until then. */
  const put = (userId: string, untilMs: number, keepUntilSeconds: number): void => {
    const known = users.get(userId) ?? UNKNOWN
    const isRaised = untilMs > known.issuedUntilMs
    if (isRaised) users.delete(userId) // so that the first is the one that was revoked first
    const issuedUntilMs = Math.max(untilMs, known.issuedUntilMs)
    users.set(userId, {
      issuedUntilMs,
      keepUntilSeconds: Math.max(keepUntilSeconds, known.keepUntilSeconds),
    })
    if (isRaised) tell({ userId, issuedUntilMs })
  }

  const makeRoomFor = (userId: string): void => {
    sweepUsers()
    if (hasRoomForUser(userId)) return
    if (first()[1].issuedUntilMs + ownLifeSeconds * 1000 > surelyMs())
      throw new GatewayError('overloaded')
    giveWay()
  }

  const hasRoomFor = (userId: string): boolean =>
    tokens.size < limitEntries && (counts[shareOf(userId)] as number) < limitShare // one for each share

  const store: LocalRevocations = {
    isCurrent: () => true,
    issueMs: async (userId) => Math.max(clock.now(), revokedUntilMs(userId) + 1),
    // The id of a token may be a digest, which is made when it is asked for.
    isRevoked: (token) =>
      (tokens.size > 0 && tokens.has(token.tokenId)) ||
      token.issuedAtMs <= Math.max(users.get(token.userId)?.issuedUntilMs ?? -1, allUntilMs),
    revokedUntilMs,
    hasRoomFor,
    learnAll,

    revokeToken: async (token) => {
      const { tokenId, userId, expSeconds } = token
      sweepTokens()
      if (store.isRevoked(token)) return false
      if (!hasRoomFor(userId)) throw new GatewayError('overloaded')
      const share = shareOf(userId)
      counts[share] = (counts[share] as number) + 1
      tokens.set(tokenId, Math.min(expSeconds, LAST_SECONDS) * SHARES + share)
      tell({ userId, tokenId })
      return true
    },

    revokeUser: async (userId, untilMs, keepUntilSeconds) => {
      makeRoomFor(userId)
      const { issuedUntilMs } = users.get(userId) ?? UNKNOWN
      // The present, should time have passed since it was asked for.
      put(userId, Math.max(untilMs, clock.now(), issuedUntilMs + 1), keepUntilSeconds)
    },

    learnUser: async (userId, issuedUntilMs, keepUntilSeconds) => {
      sweepUsers()
      if (issuedUntilMs <= allUntilMs) return
      if (!hasRoomForUser(userId)) giveWay()
      put(userId, issuedUntilMs, keepUntilSeconds)
    },

    reserve: async (userId, keepUntilSeconds) => {
      makeRoomFor(userId)
      put(userId, NEVER_MS, keepUntilSeconds)
    },

    follow: (listener) => void listeners.push(listener),
  }
  return store
}

// Before any token.
const NEVER_MS = -1
const UNKNOWN: Watermark = { issuedUntilMs: NEVER_MS, keepUntilSeconds: 0 }
const SHARES = 65_536
// In the year 4147: more would not fit beside a share into what a number holds exactly.
const LAST_SECONDS = 2 ** 36
const SHARE_MIN = 100
// Longer than a token is accepted, should the clock be set back.
const GRACE_SECONDS = 300

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
