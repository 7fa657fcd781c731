import type { LogEntry, RevocationLog } from '../revocation/revocation-log.js'
import type { LocalRevocations } from '../revocation/revocation-store.js'

type Numbered = { seq: number; entry: LogEntry }

/**
 * The order in which revocations of this process became known, for others who follow them: what is
 * revoked, for how long, and how much of it there may be is up to `local`. A position is the number of an
 * entry; those that are over, or that a later one stands for, are passed over and cleared away in time.
 */
export const createMemoryRevocationLog = (local: LocalRevocations): RevocationLog => {
  let entries: Numbered[] = []
  let lastSeq = 0
  let allUntilMs = -1
  let clearAt = LEAST_ENTRIES
  const listeners: Array<() => void> = []

  const isKnown = (entry: LogEntry): boolean => {
    if ('allUntilMs' in entry) return entry.allUntilMs === allUntilMs
    if ('issuedUntilMs' in entry)
      return entry.issuedUntilMs > allUntilMs && isNewest(entry.userId, entry.issuedUntilMs)
    return local.isRevoked({ ...entry, issuedAtMs: Number.MAX_SAFE_INTEGER }) // by itself
  }
  const isNewest = (userId: string, untilMs: number): boolean =>
    local.revokedUntilMs(userId) === untilMs

  const add = (entry: LogEntry): void => {
    entries.push({ seq: ++lastSeq, entry })
    if (entries.length >= clearAt) {
      entries = entries.filter(({ entry }) => isKnown(entry))
      clearAt = Math.max(LEAST_ENTRIES, 2 * entries.length)
    }
    for (const listener of listeners) listener()
  }

  local.follow((revocation) => {
    if (!('allUntilMs' in revocation)) return
    allUntilMs = revocation.allUntilMs
    add({ allUntilMs })
  })

  /** The place of the first entry behind a number. */
  const placeBehind = (seq: number): number => {
    let [low, high] = [0, entries.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((entries[middle] as Numbered).seq <= seq) low = middle + 1
      else high = middle
    }
    return low
  }

  return {
    issueMs: (userId) => local.issueMs(userId),
    reserve: (userId, keepUntilSeconds) => local.reserve(userId, keepUntilSeconds),

    addToken: async (token) => {
      const isAdded = await local.revokeToken(token)
      const { userId, tokenId, expSeconds } = token
      if (isAdded) add({ userId, tokenId, expSeconds })
      return isAdded
    },

    raiseUser: async (userId, untilMs, keepUntilSeconds) => {
      await local.revokeUser(userId, untilMs, keepUntilSeconds)
      const issuedUntilMs = local.revokedUntilMs(userId)
      add({ userId, issuedUntilMs, keepUntilSeconds })
      return issuedUntilMs
    },

    read: async (position = '0', limit) => {
      const page: LogEntry[] = []
      let seq = Number(position)
      for (let i = placeBehind(seq); i < entries.length; i++) {
        const next = entries[i] as Numbered
        if (isKnown(next.entry)) {
          if (page.length === limit) return { entries: page, position: String(seq), hasMore: true }
          page.push(next.entry)
        }
        seq = next.seq
      }
      return { entries: page, position: String(seq), hasMore: false }
    },

    listen: (onNews) => void listeners.push(onNews),
  }
}

// Fewer are not worth clearing away.
const LEAST_ENTRIES = 1_000
