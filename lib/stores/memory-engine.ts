import type { Clock } from '../clock.js'
import type { Engine } from './engine.js'
import { createMemoryIdempotency } from './memory-idempotency.js'
import { createMemoryRevocationLog } from './memory-revocation-log.js'
import { createMemoryRevocations } from './memory-revocations.js'
import { createMemoryThrottle } from './memory-throttle.js'
import { createMemoryUsers } from './memory-users.js'

export interface MemoryEngineOptions {
  clock: Clock
  /** How many of each there is room for; answers in bytes besides. */
  limits: {
    users: number
    idempotencyEntries: number
    idempotencyBytes: number
    revocations: number
    throttleKeys: number
  }
  /** How long a token of the gateway's own is accepted, in seconds. */
  ownLifeSeconds: number
}

/** All in the memory of this process, for others that ask it: gone when it ends. */
export const createMemoryEngine = (options: MemoryEngineOptions): Engine => {
  const { clock, limits, ownLifeSeconds } = options
  const { idempotencyEntries: limitEntries, idempotencyBytes: limitBytes } = limits
  return {
    name: 'memory',
    users: createMemoryUsers({ limitUsers: limits.users }),
    idempotency: createMemoryIdempotency({ clock, limitEntries, limitBytes }),
    revocations: createMemoryRevocationLog(
      createMemoryRevocations({ clock, limitEntries: limits.revocations, ownLifeSeconds }),
    ),
    throttle: createMemoryThrottle({ clock, limitKeys: limits.throttleKeys }),
    open: async () => {},
    pending: async () => '',
    ping: async () => {},
    close: async () => {},
  }
}
