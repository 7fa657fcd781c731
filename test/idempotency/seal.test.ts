import t from 'tap'
import { createIdempotent } from '../../lib/idempotency/idempotent.js'
import { createSealer } from '../../lib/idempotency/seal.js'
import { createKeyRing, lastingSecret } from '../../lib/jwt/key-ring.js'
import { createManualClock } from '../support/manual-clock.js'
import { heapLeftBytes } from '../support/heap.js'

const PAYLOAD = Buffer.from('{"password":"correct horse"}')

t.test('of secrets that are gone the last hundred are known, and those of the ring always', (t) => {
  const first = lastingSecret(Buffer.alloc(32, 1))
  const keys = createKeyRing([first])
  const sealer = createSealer(keys)
  const fingerprint = sealer.fingerprint(PAYLOAD)
  const rotate = (from: number, to: number): void => {
    for (let i = from; i < to; i++) {
      const secret = Buffer.alloc(32, 2)
      secret.writeUInt32BE(i)
      keys.replace([lastingSecret(secret)])
      sealer.fingerprint(PAYLOAD)
    }
  }
  rotate(0, 99)
  t.equal(sealer.isOf(fingerprint, PAYLOAD), true)
  rotate(99, 100)
  t.equal(sealer.isOf(fingerprint, PAYLOAD), false, 'it is the 101st')
  keys.replace([first])
  t.equal(sealer.isOf(fingerprint, PAYLOAD), true, 'it is back')
  t.end()
})

t.test('keys whose requests are over take no room in the process', async (t) => {
  const idempotent = createIdempotent({
    store: {
      claim: async () => ({ claimId: 'mine' }),
      settle: async () => {},
      release: async () => {},
    },
    sealer: createSealer(createKeyRing([lastingSecret(Buffer.alloc(32, 7))])),
    clock: createManualClock(),
    ttlMs: 300_000,
    isKept: () => true,
  })
  const answer = { status: 201, contentType: 'text/plain', body: '' }
  const leftBytes = await heapLeftBytes((number) =>
    idempotent.run(`${number}`.padEnd(255), PAYLOAD, async () => answer),
  )
  t.ok(leftBytes < 1_000_000, `${leftBytes} bytes`)
})
