import { randomBytes, randomUUID } from 'node:crypto'
import type { Test } from 'tap'
import type { Engine } from '../../lib/stores/engine.js'
import { until } from '../support/until.js'
import { HOSTILE, type Open } from './conform-samples.js'

const LONG_MS = 60_000

export const conformIdempotency = async (t: Test, open: Open): Promise<void> => {
  const claim = async ({ idempotency }: Engine, key: string, ttlMs = LONG_MS): Promise<string> => {
    const claimed = await idempotency.claim(key, 'f', ttlMs)
    return 'claimId' in claimed ? claimed.claimId : 'held'
  }
  const bytesOf = async ({ idempotency }: Engine, key: string): Promise<unknown> => {
    const held = await idempotency.claim(key, 'other', LONG_MS)
    return 'heldBy' in held && held.heldBy.answer && new Uint8Array(held.heldBy.answer.bytes)
  }

  await t.test(
    'of 200 claims of one key one wins, and the others see its fingerprint',
    async (t) => {
      const engines = await open(t)
      const claims = await Promise.all(
        Array.from({ length: 200 }, (_, i) =>
          (engines[i % 2] as Engine).idempotency.claim('k', `f${i}`, LONG_MS),
        ),
      )
      const winner = claims.findIndex((claimed) => 'claimId' in claimed)
      t.equal(claims.filter((claimed) => 'claimId' in claimed).length, 1)
      for (const [i, claimed] of claims.entries())
        if (i !== winner) t.same(claimed, { heldBy: { fingerprint: `f${winner}` } })
    },
  )

  await t.test('a claim is called as it is told, and given up by that name', async (t) => {
    const [one, other] = await open(t)
    const claimId = randomUUID()
    t.same(await one.idempotency.claim('k', 'f', LONG_MS, claimId), { claimId })
    await other.idempotency.release('k', claimId)
    t.not(await claim(one, 'k'), 'held')
  })

  await t.test(
    'an answer comes back byte for byte, with the fingerprint of its claim',
    async (t) => {
      const [one, other] = await open(t)
      for (const [i, key] of [...HOSTILE, '~'.repeat(255)].entries()) {
        const bytes = new Uint8Array(
          i === 0
            ? Array.from({ length: 256 }, (_, byte) => byte)
            : randomBytes(i === 1 ? 65_536 : 99),
        )
        await one.idempotency.settle(key, await claim(one, key), { bytes }, LONG_MS)
        t.match(await other.idempotency.claim(key, 'x', LONG_MS), { heldBy: { fingerprint: 'f' } })
        t.same(await bytesOf(other, key), bytes, key)
      }
    },
  )

  await t.test('a claim and an answer end by the clock of the engine', async (t) => {
    const [one, other] = await open(t)
    t.not(await claim(one, 'brief', 50), 'held')
    await until('the claim is over', async () => (await claim(other, 'brief')) !== 'held')
    const claimId = await claim(one, 'answered')
    await one.idempotency.settle('answered', claimId, { bytes: new Uint8Array(3) }, 50)
    await until('the answer is over', async () => (await claim(other, 'answered')) !== 'held')
    t.equal(await bytesOf(one, 'answered'), undefined, 'and is there no more')
    const long = await claim(one, 'long', 50)
    await one.idempotency.settle('long', long, { bytes: new Uint8Array(3) }, LONG_MS)
    await until('another is over', async () => (await claim(other, randomUUID(), 50)) !== 'held')
    t.same(await bytesOf(other, 'long'), new Uint8Array(3), 'an answer lives as long as itself')
  })

  await t.test('who holds an expired claim can neither settle nor release', async (t) => {
    const [one, other] = await open(t)
    const late = await claim(one, 'k', 30)
    let present = 'held'
    await until('it is taken over', async () => (present = await claim(other, 'k')) !== 'held')
    await one.idempotency.settle('k', late, { bytes: new Uint8Array(4) }, LONG_MS)
    await one.idempotency.release('k', late)
    t.same(await one.idempotency.claim('k', 'x', LONG_MS), { heldBy: { fingerprint: 'f' } })
    await one.idempotency.release('k', present)
    t.not(await claim(one, 'k'), 'held', 'who holds it can, from anywhere')
  })

  await t.test('an answer is not replaced and not released', async (t) => {
    const [one, other] = await open(t)
    const claimId = await claim(one, 'k')
    await one.idempotency.settle('k', claimId, { bytes: new Uint8Array([1]) }, LONG_MS)
    await other.idempotency.settle('k', claimId, { bytes: new Uint8Array([2]) }, LONG_MS)
    await other.idempotency.release('k', claimId)
    t.same(await bytesOf(other, 'k'), new Uint8Array([1]))
    await one.idempotency.settle('nobody', claimId, { bytes: new Uint8Array([2]) }, LONG_MS)
    t.not(await claim(one, 'nobody'), 'held')
  })
}
