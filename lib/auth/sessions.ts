import type { Clock } from '../clock.js'
import type { Deadline, Deadlines } from '../http/deadlines.js'
import type { KeyRing } from '../jwt/key-ring.js'
import type { Revocation } from '../revocation/revocation-store.js'
import type { Revocations } from '../revocation/revocations.js'
import type { Caller, TokenEnd } from './caller.js'

/** The streams that are open with a token and must not outlive it. */
export interface Sessions {
  /** Calls `onEnd` once, when the caller's token ends; gives what stops the watch. */
  watch(caller: Caller, onEnd: (end: TokenEnd) => void): () => void
  /** Looks at those that a revocation concerns. */
  revoked(revocation: Revocation): void
  /** Looks at all of them, as the keys have changed. */
  keysChanged(): void
}

export interface SessionsOptions {
  keys: Pick<KeyRing, 'validUntilSeconds'>
  revocations: Pick<Revocations, 'isRevoked'>
  clock: Clock
  deadlines: Deadlines
}

export const createSessions = (options: SessionsOptions): Sessions => {
  const watches = new Map<string, Set<Watch>>()

  const drop = (watch: Watch): void => {
    watch.stop()
    const { userId } = watch.caller
    const ofUser = watches.get(userId)
    ofUser?.delete(watch)
    if (ofUser?.size === 0) watches.delete(userId)
  }

  return {
    watch: (caller, onEnd) => {
      const watch = new Watch(options, caller, (end) => {
        drop(watch)
        onEnd(end)
      })
      const ofUser = watches.get(caller.userId)
      if (ofUser) ofUser.add(watch)
      else watches.set(caller.userId, new Set([watch]))
      // It may have ended between the request and its answer.
      watch.check()
      return () => drop(watch)
    },
    revoked: (revocation) => {
      if ('userId' in revocation) {
        for (const watch of watches.get(revocation.userId) ?? []) watch.check()
        return
      }
      for (const ofUser of watches.values())
        for (const watch of ofUser)
          if (watch.caller.issuedAtMs <= revocation.allUntilMs) watch.check()
    },
    keysChanged: () => {
      for (const ofUser of watches.values()) for (const watch of ofUser) watch.check()
    },
  }
}

const LOOK_MS = 30_000

/** One stream and its token. */
class Watch {
  readonly caller: Caller
  readonly #options: SessionsOptions
  readonly #onEnd: (end: TokenEnd) => void
  #deadline: Deadline | undefined

  constructor(options: SessionsOptions, caller: Caller, onEnd: (end: TokenEnd) => void) {
    this.#options = options
    this.caller = caller
    this.#onEnd = onEnd
  }

  check(): void {
    const { keys, revocations, clock, deadlines } = this.#options
    const { expSeconds, key } = this.caller
    const keyUntilSeconds = keys.validUntilSeconds(key)
    const nowSeconds = clock.now() / 1000
    if (revocations.isRevoked(this.caller) || nowSeconds >= keyUntilSeconds)
      return this.#onEnd('revoked')
    if (nowSeconds >= expSeconds) return this.#onEnd('expired')
    // Deadlines run on a clock that is never set; the one of the wall may be set meanwhile, either
    // way, so that it is asked now and then.
    this.#deadline?.clear()
    const leftMs = Math.min((Math.min(expSeconds, keyUntilSeconds) - nowSeconds) * 1000, LOOK_MS)
    this.#deadline = deadlines.start(leftMs, () => this.check())
  }

  stop(): void {
    this.#deadline?.clear()
  }
}
