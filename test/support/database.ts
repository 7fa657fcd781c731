import { systemClock, type Clock } from '../../lib/clock.js'
import { GatewayError } from '../../lib/errors.js'
import { StoreError, type Engine } from '../../lib/index.js'
import type { LogEntry, RevocationLog } from '../../lib/revocation/revocation-log.js'
import { createMemoryIdempotency } from '../../lib/stores/memory-idempotency.js'
import { createMemoryThrottle } from '../../lib/stores/memory-throttle.js'
import { createMemoryUsers } from '../../lib/stores/memory-users.js'

/** A database in memory that several engines share, and that can be away. */
export interface Database {
  /** An engine over it; each gateway has its own. */
  connect(): Engine
  state: {
    isDown: boolean
    /** Nobody is told of news. */
    isQuiet: boolean
    /** Why it cannot be opened. */
    refusal: StoreError | undefined
    /** How many engines were opened and closed. */
    opened: number
    closed: number
  }
  /** What was revoked. */
  entries: Array<LogEntry & { seq: number }>
}

export const createDatabase = (clock: Clock = systemClock): Database => {
  const users = createMemoryUsers({ limitUsers: 10_000 })
  const idempotency = createMemoryIdempotency({
    clock,
    limitEntries: 10_000,
    limitBytes: 10_000_000,
  })
  const throttle = createMemoryThrottle({ clock, limitKeys: 10_000 })
  const entries: Database['entries'] = []
  const listeners: Array<() => void> = []
  const state: Database['state'] = {
    isDown: false,
    isQuiet: false,
    refusal: undefined,
    opened: 0,
    closed: 0,
  }
  let lastSeq = 0

  const add = (entry: LogEntry): void => {
    entries.push({ ...entry, seq: ++lastSeq })
    if (!state.isQuiet) for (const listener of listeners) setImmediate(listener)
  }
  const sweep = (): void => {
    const untilSeconds = clock.now() / 1000 - 300
    const isOver = (entry: LogEntry): boolean =>
      ('expSeconds' in entry && entry.expSeconds < untilSeconds) ||
      ('keepUntilSeconds' in entry && entry.keepUntilSeconds < untilSeconds)
    for (let i = entries.findIndex(isOver); i >= 0; i = entries.findIndex(isOver))
      entries.splice(i, 1)
  }
  const momentOf = (userId: string) =>
    entries.find((entry) => 'issuedUntilMs' in entry && entry.userId === userId) as
      { seq: number; issuedUntilMs: number } | undefined

  const revocations: RevocationLog = {
    issueMs: async (userId) => Math.max(clock.now(), (momentOf(userId)?.issuedUntilMs ?? 0) + 1),
    addToken: async ({ tokenId, userId, issuedAtMs, expSeconds }) => {
      sweep()
      const isThere = entries.some((entry) => 'tokenId' in entry && entry.tokenId === tokenId)
      if (isThere || issuedAtMs <= (momentOf(userId)?.issuedUntilMs ?? -1)) return false
      add({ userId, tokenId, expSeconds })
      return true
    },
    raiseUser: async (userId, untilMs, keepUntilSeconds) => {
      const known = momentOf(userId)
      if (known) entries.splice(entries.indexOf(known as never), 1)
      const issuedUntilMs = Math.max(untilMs, clock.now(), (known?.issuedUntilMs ?? -1) + 1)
      add({ userId, issuedUntilMs, keepUntilSeconds })
      sweep()
      return issuedUntilMs
    },
    read: async (position = '0', limit) => {
      const rest = entries.filter(({ seq }) => seq > Number(position))
      const page = rest.slice(0, limit)
      return {
        entries: page.map(({ seq: _seq, ...entry }) => entry as LogEntry),
        position: String(page.at(-1)?.seq ?? position),
        hasMore: rest.length > limit,
      }
    },
    listen: (onNews) => void listeners.push(onNews),
  }

  /** Each method of it fails while the database is down. */
  const guarded = <T extends object>(target: T): T =>
    new Proxy(target, {
      get: (_, name) => {
        const own: unknown = Reflect.get(target, name)
        if (typeof own !== 'function' || name === 'listen') return own
        return async (...args: unknown[]): Promise<unknown> => {
          if (state.isDown) throw new GatewayError('store_unavailable')
          return own.apply(target, args) as unknown
        }
      },
    })

  return {
    state,
    entries,
    connect: () => ({
      name: 'test',
      users: guarded(users),
      idempotency: guarded(idempotency),
      revocations: guarded(revocations),
      throttle: guarded(throttle),
      open: async () => {
        if (state.refusal) throw state.refusal
        if (state.isDown) throw new StoreError('the store cannot be reached', { isPassing: true })
        state.opened++
      },
      pending: async () => '',
      ping: async () => {
        if (state.isDown) throw new GatewayError('store_unavailable')
      },
      close: async () => void state.closed++,
    }),
  }
}
