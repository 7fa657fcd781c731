import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.js'
import { GatewayError } from '../errors.js'
import type { IdempotencyRecord, IdempotencyStore } from './idempotency-store.js'
import { createOverdue } from './overdue.js'
import type { Sealer } from './seal.js'

/** An answer that can be given again, byte for byte. */
export interface Answer {
  status: number
  contentType: string
  body: string
}

export type Outcome =
  | { answer: Answer; replayed: boolean }
  | { problem: 'idempotency_key_reused' | 'idempotency_in_progress' }

export interface Idempotent {
  /**
   * Runs `work` once for `key`, and gives its answer again to whoever comes with the same key and
   * payload in time. `isKept` answers are kept; after any other, or when `work` throws, the key is
   * free again. What the store cannot be told of how it ended, it is told when it is back, so that a
   * retry does not wait for a request that runs no more.
   *
   * The work is told a `seed`, the same for the same key and payload, which nobody without the secret
   * can know: by it a work can find what one before it has done whose answer was lost.
   */
  run(key: string, payload: Uint8Array, work: (seed: string) => Promise<Answer>): Promise<Outcome>
}

export interface IdempotentOptions {
  store: IdempotencyStore
  sealer: Sealer
  clock: Clock
  /** How long an answer is given again, in milliseconds. */
  ttlMs: number
  /** Whether an answer is final, so that a retry must get it again. */
  isKept: (answer: Answer) => boolean
}

export const createIdempotent = (options: IdempotentOptions): Idempotent => {
  const { store, sealer, clock } = options
  // Those who wait in this process are woken the moment the work ends.
  const running = new Map<string, Promise<void>>()
  const overdue = createOverdue(clock)

  /** Tells the store how it ended; later, should it not answer: what was done is done all the same. */
  const end = (tell: () => Promise<void>): Promise<void> =>
    tell().catch(() => overdue.add(tell, LEASE_MS))

  const claim = async (
    key: string,
    fingerprint: string,
  ): Promise<{ claimId: string } | { heldBy: IdempotencyRecord }> => {
    const claimId = randomUUID()
    try {
      return await store.claim(key, fingerprint, LEASE_MS, claimId)
    } catch (error) {
      // Where only the answer was lost, the key is held, by nobody.
      if (!(error instanceof GatewayError && error.code === 'overloaded'))
        overdue.add(() => store.release(key, claimId), LEASE_MS)
      throw error
    }
  }

  const perform = async (
    key: string,
    fingerprint: string,
    claimId: string,
    work: () => Promise<Answer>,
  ): Promise<Outcome> => {
    let answer: Answer | undefined
    try {
      answer = await work()
      return { answer, replayed: false }
    } finally {
      if (answer && options.isKept(answer)) {
        const sealed = sealer.seal(key, fingerprint, JSON.stringify(answer))
        await end(() => store.settle(key, claimId, sealed, options.ttlMs))
      } else await end(() => store.release(key, claimId))
    }
  }

  return {
    run: async (key, payload, work) => {
      const fingerprint = sealer.fingerprint(payload)
      const startMs = clock.monotonic()
      while (true) {
        const claimed = await claim(key, fingerprint)
        if ('claimId' in claimed) {
          const seed = sealer.fingerprint(Buffer.from(`seed ${key} ${fingerprint}`))
          const performed = perform(key, fingerprint, claimed.claimId, () => work(seed))
          const ended = performed.then(ignore, ignore).then(() => {
            if (running.get(key) === ended) running.delete(key)
          })
          running.set(key, ended)
          return performed
        }
        const outcome = readRecord(claimed.heldBy, key, payload, sealer)
        if (outcome) return outcome
        const leftMs = WAIT_LIMIT_MS - (clock.monotonic() - startMs)
        if (leftMs <= 0) return { problem: 'idempotency_in_progress' }
        const here = running.get(key)
        // A request that runs in another process is looked at now and then.
        await (here ? Promise.race([here, clock.sleep(leftMs)]) : clock.sleep(POLL_MS))
      }
    },
  }
}

/** How long a claim holds without an answer, should the process that holds it die. */
const LEASE_MS = 120_000
const WAIT_LIMIT_MS = 30_000
const POLL_MS = 100

const ignore = (): void => {}

const readRecord = (
  held: IdempotencyRecord,
  key: string,
  payload: Uint8Array,
  sealer: Sealer,
): Outcome | undefined => {
  const { fingerprint, answer: sealed } = held
  if (!sealer.isOf(fingerprint, payload)) return { problem: 'idempotency_key_reused' }
  if (!sealed) return undefined
  const plain = sealer.open(key, fingerprint, sealed)
  return { answer: JSON.parse(plain) as Answer, replayed: true } // sealed here
}
