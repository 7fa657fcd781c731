import t from 'tap'
import { createIdempotent, type Answer } from '../../lib/idempotency/idempotent.js'
import type { IdempotencyStore } from '../../lib/idempotency/idempotency-store.js'
import { GatewayError } from '../../lib/errors.js'
import { createKeyRing, lastingSecret } from '../../lib/jwt/key-ring.js'
import { createSealer } from '../../lib/idempotency/seal.js'
import { createMemoryIdempotency } from '../../lib/stores/memory-idempotency.js'
import { createManualClock } from '../support/manual-clock.js'
import { until } from '../support/until.js'

const keys = createKeyRing([lastingSecret(Buffer.alloc(32, 7))])
const others = createKeyRing([lastingSecret(Buffer.alloc(32, 8))])
const PAYLOAD = Buffer.from('{"password":"correct horse"}')

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

const answer = (status: number, body = ''): Answer => ({ status, contentType: 'text/plain', body })

interface Settle {
  resolve: (answer: Answer) => void
  reject: (error: Error) => void
}

/** Work that ends when a test says so. */
const pending = (): { work: () => Promise<Answer>; started: Promise<Settle> } => {
  let start: (settle: Settle) => void
  const started = new Promise<Settle>((resolve) => (start = resolve))
  const work = (): Promise<Answer> => new Promise((resolve, reject) => start({ resolve, reject }))
  return { work, started }
}

/** `wrap` is what stands between it and its store. */
const setUp = (wrap = (store: IdempotencyStore): IdempotencyStore => store) => {
  const clock = createManualClock()
  const memory = createMemoryIdempotency({ clock, limitEntries: 10, limitBytes: 10_000 })
  const store = wrap(memory)
  const settings = { store, sealer: createSealer(keys), clock, ttlMs: 300_000 }
  const isKept = ({ status }: Answer): boolean => status === 201
  return { clock, store, idempotent: createIdempotent({ ...settings, isKept }) }
}

t.test('what is sealed cannot be read, changed, or moved to another key', (t) => {
  const sealer = createSealer(keys)
  const fingerprint = sealer.fingerprint(PAYLOAD)
  const sealed = sealer.seal('key', fingerprint, 'a token')
  t.equal(sealer.open('key', fingerprint, sealed), 'a token')
  t.notMatch(Buffer.from(sealed.bytes).toString('latin1'), /token/)
  t.not(
    Buffer.from(sealer.seal('key', fingerprint, 'a token').bytes).toString('hex'),
    hex(sealed.bytes),
  )
  t.throws(() => sealer.open('other', fingerprint, sealed))
  t.throws(() => sealer.open('key', sealer.fingerprint(Buffer.from('{}')), sealed))
  t.throws(() => createSealer(others).open('key', fingerprint, sealed))
  for (let i = 0; i < sealed.bytes.length; i++) {
    const bytes = Uint8Array.from(sealed.bytes)
    bytes[i] = (bytes[i] as number) ^ 1
    t.throws(() => sealer.open('key', fingerprint, { bytes }), `byte ${i}`)
  }
  t.throws(() => sealer.open('key', fingerprint, { bytes: sealed.bytes.subarray(0, 10) }))
  t.end()
})

t.test('a fingerprint is an HMAC: without the secret a payload cannot be guessed from it', (t) => {
  const one = createSealer(keys).fingerprint(PAYLOAD)
  t.equal(createSealer(keys).fingerprint(PAYLOAD), one)
  t.not(createSealer(keys).fingerprint(Buffer.from('{}')), one)
  t.not(createSealer(others).fingerprint(PAYLOAD), one)
  t.end()
})

t.test('the seed of a work is that of its key and payload', async (t) => {
  const { idempotent } = setUp()
  const seeds: string[] = []
  const run = (key: string, payload: Uint8Array): Promise<unknown> =>
    idempotent.run(key, payload, async (seed) => {
      seeds.push(seed)
      return answer(503)
    })
  await run('k', PAYLOAD)
  await run('k', PAYLOAD)
  await run('other', PAYLOAD)
  await run('k', Buffer.from('{}'))
  t.equal(seeds[0], seeds[1])
  t.equal(new Set(seeds).size, 3)
  t.not(seeds[0], createSealer(keys).fingerprint(PAYLOAD))
})

t.test('an answer that is not final frees the key', async (t) => {
  const { idempotent } = setUp()
  t.same(await idempotent.run('k', PAYLOAD, async () => answer(503)), {
    answer: answer(503),
    replayed: false,
  })
  t.same(await idempotent.run('k', PAYLOAD, async () => answer(201)), {
    answer: answer(201),
    replayed: false,
  })
  t.same(await idempotent.run('k', PAYLOAD, async () => answer(201, 'again')), {
    answer: answer(201),
    replayed: true,
  })
})

t.test('work that throws frees the key, and who waited runs it', async (t) => {
  const { idempotent } = setUp()
  const { work, started } = pending()
  const first = idempotent.run('k', PAYLOAD, work)
  const second = idempotent.run('k', PAYLOAD, async () => answer(201, 'second'))
  const third = idempotent.run('k', PAYLOAD, async () => answer(201, 'third'))
  ;(await started).reject(new Error('the store is gone'))
  await t.rejects(first, { message: 'the store is gone' })
  t.same(await second, { answer: answer(201, 'second'), replayed: false })
  t.same(await third, { answer: answer(201, 'second'), replayed: true })
})

t.test('another payload under the same key is told apart, while it runs and after', async (t) => {
  const { idempotent } = setUp()
  const { work, started } = pending()
  const first = idempotent.run('k', PAYLOAD, work)
  const other = Buffer.from('{"password":"another"}')
  const never = (): Promise<Answer> => Promise.reject(new Error('it ran'))
  t.same(await idempotent.run('k', other, never), { problem: 'idempotency_key_reused' })
  ;(await started).resolve(answer(201))
  await first
  t.same(await idempotent.run('k', other, never), { problem: 'idempotency_key_reused' })
})

t.test('who waits for a request of another process polls, and gives up after 30 s', async (t) => {
  const { idempotent, store, clock } = setUp()
  await store.claim('k', createSealer(keys).fingerprint(PAYLOAD), 60_000) // by somebody else
  const never = (): Promise<Answer> => Promise.reject(new Error('it ran'))
  const waiting = idempotent.run('k', PAYLOAD, never)
  for (let waitedMs = 0; waitedMs < 30_000; waitedMs += 10_000) {
    await until('it sleeps', () => clock.sleepers > 0)
    clock.advance(10_000)
  }
  t.same(await waiting, { problem: 'idempotency_in_progress' })
})

t.test('a claim whose process died is taken over when it expires', async (t) => {
  const { idempotent, store, clock } = setUp()
  await store.claim('k', createSealer(keys).fingerprint(PAYLOAD), 5_000)
  const waiting = idempotent.run('k', PAYLOAD, async () => answer(201))
  await until('it sleeps', () => clock.sleepers > 0)
  clock.advance(5_000)
  t.same(await waiting, { answer: answer(201), replayed: false })
})

const UNAVAILABLE = { code: 'store_unavailable' }

/** A store whose verbs `lost` are done, or not, and not answered, as long as it is away. */
const failing = (lost: ReadonlyArray<keyof IdempotencyStore>, isDone: boolean) => {
  const away = { isAway: true }
  const wrap = (store: IdempotencyStore): IdempotencyStore => {
    const through =
      <A extends unknown[], R>(name: keyof IdempotencyStore, verb: (...args: A) => Promise<R>) =>
      async (...args: A): Promise<R> => {
        if (!away.isAway || !lost.includes(name)) return verb(...args)
        if (isDone) await verb(...args)
        throw new GatewayError('store_unavailable')
      }
    return {
      claim: through('claim', (...args: Parameters<IdempotencyStore['claim']>) =>
        store.claim(...args),
      ),
      settle: through('settle', (...args: Parameters<IdempotencyStore['settle']>) =>
        store.settle(...args),
      ),
      release: through('release', (...args: Parameters<IdempotencyStore['release']>) =>
        store.release(...args),
      ),
    }
  }
  return { away, wrap }
}

t.test(
  'an answer that the store did not take is given, and given again once the store is back',
  async (t) => {
    const { away, wrap } = failing(['settle'], false)
    const { idempotent, clock } = setUp(wrap)
    const first = { answer: answer(201, 'first'), replayed: false }
    t.same(await idempotent.run('k', PAYLOAD, async () => first.answer), first)
    away.isAway = false
    clock.hurry(t)
    const never = (): Promise<Answer> => Promise.reject(new Error('it ran'))
    t.same(await idempotent.run('k', PAYLOAD, never), { ...first, replayed: true })
  },
)

t.test('a key that could not be released is free once the store is back', async (t) => {
  const { away, wrap } = failing(['release'], false)
  const { idempotent, clock } = setUp(wrap)
  const failed = { answer: answer(503), replayed: false }
  t.same(await idempotent.run('k', PAYLOAD, async () => failed.answer), failed)
  clock.advance(1_000)
  await until('it tries again', () => clock.sleepers > 0)
  away.isAway = false
  clock.hurry(t)
  const next = await idempotent.run('k', PAYLOAD, async () => answer(201))
  t.same(next, { answer: answer(201), replayed: false })
})

t.test('a claim whose answer was lost holds no key', async (t) => {
  const { away, wrap } = failing(['claim'], true)
  const { idempotent, clock } = setUp(wrap)
  await t.rejects(
    idempotent.run('k', PAYLOAD, async () => answer(201)),
    UNAVAILABLE,
  )
  away.isAway = false
  clock.hurry(t)
  const next = await idempotent.run('k', PAYLOAD, async () => answer(201))
  t.same(next, { answer: answer(201), replayed: false })
})
