import type { IdempotencyStore } from '../idempotency/idempotency-store.js'
import type { RevocationLog } from '../revocation/revocation-log.js'
import type { ThrottleStore } from '../throttle/throttle-store.js'
import type { UserStore } from '../users/user-store.js'

/** A database that keeps what must survive, and that several gateways can share. */
export interface Engine {
  /** As in a URL: `postgres`. */
  readonly name: string
  readonly users: UserStore
  readonly idempotency: IdempotencyStore
  readonly revocations: RevocationLog
  readonly throttle: ThrottleStore
  /**
   * Connects, and brings the schema up to date; can be called again after it has failed. Rejects with
   * `StoreError`.
   */
  open(): Promise<void>
  /**
   * What `open` would run to bring the schema up to date, in the language of the engine; empty where there
   * is nothing to do. Changes nothing. Rejects with `StoreError`.
   */
  pending(): Promise<string>
  /** Whether it answers; rejects with `store_unavailable` when not in time. */
  ping(): Promise<void>
  /** Gives up connections and threads; what is under way fails. */
  close(): Promise<void>
}

/** Why a store cannot be opened, in a line for a person that holds no address and no secret. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  /** Whether trying again may help. */
  readonly isPassing: boolean

  constructor(message: string, { isPassing }: { isPassing: boolean }) {
    super(message)
    this.isPassing = isPassing
  }
}
