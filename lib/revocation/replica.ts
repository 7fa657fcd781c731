import type { Clock } from '../clock.js'
import { GatewayError } from '../errors.js'
import type { LogEntry, RevocationLog } from './revocation-log.js'
import type { LocalRevocations, RevocationStore } from './revocation-store.js'

export interface ReplicaOptions {
  log: RevocationLog
  local: LocalRevocations
  clock: Clock
  /** For how long any token is accepted at most, in seconds; `Infinity` where nothing bounds it. */
  longestLifeSeconds: number
  /** Beyond what age of the replica it is not current, in milliseconds; `Infinity` for never. */
  limitAgeMs: number
  /** Beyond what age something is wrong, in milliseconds; more than what a look and a failure take. */
  lateAgeMs: number
  /** Called when it becomes older, and when it is younger again. */
  onLate: (isLate: boolean) => void
}

/** Revocations that several gateways share, each with a copy of its own. */
export interface Replica extends RevocationStore {
  /** Reads whatever there is, and follows it from then on. Rejects when the engine does not answer. */
  start(): Promise<void>
  /** Whether it is long ago that everything was known that the engine knew, or was never. */
  isLate(): boolean
  /** How long ago that is, in milliseconds; `Infinity` where it was never. */
  ageMs(): number
  /** Follows the engine no more. */
  stop(): void
}

/**
 * Follows the revocation log of an engine: reads it when there are news, and twice a second. While the
 * engine is away, what is known so far holds. What the room here does not take revokes more, and never
 * less: a token without room all of its user, and a user without room all that are as old as those of
 * the one who makes room for him.
 */
export const createReplica = (options: ReplicaOptions): Replica => {
  const { log, local, clock, longestLifeSeconds, limitAgeMs, lateAgeMs } = options
  let position: string | undefined
  let currentAtMs = -Infinity
  let isStopped = false
  let wake = (): void => {}

  const apply = async (entry: LogEntry): Promise<void> => {
    if ('allUntilMs' in entry) return local.learnAll(entry.allUntilMs)
    if ('issuedUntilMs' in entry)
      return local.learnUser(entry.userId, entry.issuedUntilMs, entry.keepUntilSeconds)
    const { userId, expSeconds } = entry
    const token = { ...entry, issuedAtMs: Number.MAX_SAFE_INTEGER } // so that it counts by itself
    // Each is read again by who has added it, maybe where it took the last room.
    if (local.isRevoked(token)) return
    if (local.hasRoomFor(userId)) return void (await local.revokeToken(token))
    // With it all of the user's tokens are revoked, some of which may live longer than this one.
    const nowMs = clock.now()
    await local.learnUser(userId, nowMs, Math.max(expSeconds, nowMs / 1000 + longestLifeSeconds))
  }

  const read = async (): Promise<void> => {
    while (true) {
      const askedAtMs = clock.monotonic()
      const page = await log.read(position, PAGE_ENTRIES)
      for (const entry of page.entries) await apply(entry)
      position = page.position
      if (page.hasMore) continue
      currentAtMs = askedAtMs
      return
    }
  }

  const ageMs = (): number => clock.monotonic() - currentAtMs
  const isLate = (): boolean => ageMs() > lateAgeMs

  const follow = async (): Promise<void> => {
    let wasLate = false
    for (;;) {
      const news = new Promise<void>((resolve) => (wake = resolve))
      await Promise.race([news, clock.sleep(POLL_MS)])
      if (isStopped) return
      await read().catch(() => {}) // the age tells
      if (isLate() !== wasLate) options.onLate((wasLate = !wasLate))
    }
  }

  return {
    isRevoked: (token) => local.isRevoked(token),
    isCurrent: () => ageMs() <= limitAgeMs && currentAtMs >= 0,
    isLate,
    ageMs,
    follow: (listener) => local.follow(listener),
    // What was revoked in the engine is never refused here.
    reserve: async (userId, keepUntilSeconds) => log.reserve?.(userId, keepUntilSeconds),

    issueMs: async (userId) => {
      const ms = await log.issueMs(userId)
      return Math.max(ms, local.revokedUntilMs(userId) + 1)
    },

    revokeToken: async (token) => {
      if (local.isRevoked(token)) return false
      if (!local.hasRoomFor(token.userId)) throw new GatewayError('overloaded')
      // What comes is more than this, with keys and functions, which are nothing for an engine, and an id
      // that no copy would have.
      const { tokenId, userId, issuedAtMs, expSeconds } = token
      const plain = { tokenId, userId, issuedAtMs, expSeconds }
      const isAdded = await log.addToken(plain)
      await apply(plain) // also where another gateway was faster
      return isAdded
    },

    revokeUser: async (userId, issuedUntilMs, keepUntilSeconds) =>
      local.learnUser(
        userId,
        await log.raiseUser(userId, issuedUntilMs, keepUntilSeconds),
        keepUntilSeconds,
      ),

    start: async () => {
      await read()
      if (isStopped) return
      // Once, as what rejects is called again. What was added since is read with the next look.
      log.listen(() => wake())
      void follow()
    },

    stop: () => {
      isStopped = true
      wake()
    },
  }
}

const PAGE_ENTRIES = 1_000
const POLL_MS = 500
