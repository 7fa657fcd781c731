import type { Check } from './admin/health.js'
import { TOKEN_LIFE_SECONDS } from './auth/tokens.js'
import type { Clock } from './clock.js'
import type { Config } from './config.js'
import type { IdempotencyStore } from './idempotency/idempotency-store.js'
import type { Log } from './log.js'
import { createReplica, type Replica } from './revocation/replica.js'
import type { RevocationStore } from './revocation/revocation-store.js'
import { watchStore, type StoreWatch } from './store-watch.js'
import type { Engine } from './stores/engine.js'
import { createMemoryIdempotency } from './stores/memory-idempotency.js'
import { createMemoryRevocations } from './stores/memory-revocations.js'
import { createMemoryThrottle } from './stores/memory-throttle.js'
import { createMemoryUsers } from './stores/memory-users.js'
import type { ThrottleStore } from './throttle/throttle-store.js'
import type { UserStore } from './users/user-store.js'

/** What is kept from one request to the next, and where. */
export interface State {
  users: UserStore
  idempotency: IdempotencyStore
  revocations: RevocationStore
  throttle: ThrottleStore
  /** Of the engines. */
  checks: readonly Check[]
  /** How old the copy of revocations that gateways share is; `undefined` where they share none. */
  replicaAgeMs: (() => number) | undefined
  /** Resolves once every engine is open; rejects with `StoreError` when one cannot be. */
  readonly opened: Promise<unknown>
  close(): Promise<void>
}

interface StateParts {
  clock: Clock
  log: Log
  /** Where everything is kept; by default in memory. */
  store: Engine | undefined
  /** Where all but the users is kept in its place. */
  ephemeralStore: Engine | undefined
}

export const createState = (config: Config, parts: StateParts): State => {
  const { clock, store } = parts
  const { limits, toleranceSeconds, revocationMaxAgeMs = Infinity } = config
  const { maxTokenAgeSeconds = Infinity } = config
  const ephemeral = parts.ephemeralStore ?? store
  const local = createMemoryRevocations({
    clock,
    limitEntries: limits.revocations,
    ownLifeSeconds: TOKEN_LIFE_SECONDS + toleranceSeconds,
  })
  warnOfOverflow(local, parts)
  const replica =
    ephemeral &&
    createReplica({
      log: ephemeral.revocations,
      local,
      clock,
      longestLifeSeconds: maxTokenAgeSeconds + toleranceSeconds,
      limitAgeMs: revocationMaxAgeMs,
      lateAgeMs: config.timeouts.storeMs + LATE_MS,
      onLate: (isLate) =>
        parts.log({
          event: isLate ? 'revocations_late' : 'revocations_current',
          store: ephemeral.name,
        }),
    })
  const watches = watchEngines(parts, replica)
  const opened = Promise.all(watches.map(({ watch }) => watch.opened))
  opened.catch(() => {}) // it is in the log; whoever listens is told too

  return {
    users: store?.users ?? createMemoryUsers({ limitUsers: limits.users }),
    idempotency:
      ephemeral?.idempotency ??
      createMemoryIdempotency({
        clock,
        limitEntries: limits.idempotencyEntries,
        limitBytes: limits.idempotencyBytes,
      }),
    revocations: replica ?? local,
    throttle:
      ephemeral?.throttle ?? createMemoryThrottle({ clock, limitKeys: limits.throttleKeys }),
    checks: [
      ...watches.map(({ name, watch }) => ({
        name,
        isReady: () => watch.isUp(),
        isVital: false,
        reason: () => 'it does not answer',
      })),
      ...(replica ? [checkOf(replica)] : []),
    ],
    replicaAgeMs: replica && (() => replica.ageMs()),
    opened,
    close: async () => {
      replica?.stop()
      for (const { watch } of watches) watch.stop()
      await Promise.all([store?.close(), parts.ephemeralStore?.close()])
    },
  }
}

// A few looks, beside the time of an answer.
const LATE_MS = 3_000
const WARNING_MS = 60_000

/** Being late makes a gateway `degraded`; knowing too little to let anybody in makes it not ready. */
const checkOf = (replica: Replica): Check => ({
  name: 'revocations',
  isReady: () => replica.isCurrent() && !replica.isLate(),
  reason: () => `nothing was heard of others for ${Math.round(replica.ageMs() / 1_000)} s`,
  get isVital() {
    return !replica.isCurrent()
  },
})

const warnOfOverflow = (
  revocations: Pick<RevocationStore, 'follow'>,
  { clock, log }: Pick<StateParts, 'clock' | 'log'>,
): void => {
  let quietUntilMs = -Infinity
  revocations.follow((revocation) => {
    if (!('allUntilMs' in revocation) || clock.monotonic() < quietUntilMs) return
    quietUntilMs = clock.monotonic() + WARNING_MS
    log({ event: 'revocations_full', untilMs: revocation.allUntilMs })
  })
}

const watchEngines = (
  { clock, log, store, ephemeralStore }: StateParts,
  replica: Replica | undefined,
): Array<{ name: string; watch: StoreWatch }> => {
  const follow = async (): Promise<void> => replica?.start()
  const nothing = async (): Promise<void> => {}
  const watch = (engine: Engine, keeps: string, onOpened: () => Promise<void>): StoreWatch =>
    watchStore({ engine, keeps, clock, log, onOpened })
  return [
    ...(store
      ? [
          {
            name: 'store',
            watch: ephemeralStore ? watch(store, 'users', nothing) : watch(store, 'all', follow),
          },
        ]
      : []),
    ...(ephemeralStore
      ? [{ name: 'ephemeral_store', watch: watch(ephemeralStore, 'ephemeral', follow) }]
      : []),
  ]
}
