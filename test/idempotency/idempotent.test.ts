import t from 'tap'
import { createIdempotent, type Answer } from '../../lib/idempotency/idempotent.js'
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

const setUp = () => {
  const clock = createManualClock()
  const store = createMemoryIdempotency({ clock, limitEntries: 10, limitBytes: 10_000 })
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
