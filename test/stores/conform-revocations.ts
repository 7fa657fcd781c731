import type { Test } from 'tap'
import type { LogEntry } from '../../lib/revocation/revocation-log.js'
import type { RevocableToken } from '../../lib/revocation/revocation-store.js'
import type { Engine } from '../../lib/stores/engine.js'
import { until } from '../support/until.js'
import { HOSTILE, type Open } from './conform-samples.js'

const token = (tokenId: string, more: Partial<RevocableToken> = {}): RevocableToken => ({
  tokenId,
  userId: 'user_ada',
  issuedAtMs: Date.now(),
  expSeconds: Math.floor(Date.now() / 1000) + 600,
  ...more,
})

const nameOf = (entry: LogEntry): string =>
  'tokenId' in entry ? entry.tokenId : 'userId' in entry ? entry.userId : 'all'

export const conformRevocations = async (t: Test, open: Open): Promise<void> => {
  const readAll = async ({ revocations }: Engine, from?: string, limit = 7) => {
    const entries: LogEntry[] = []
    let position = from
    while (true) {
      const page = await revocations.read(position, limit)
      entries.push(...page.entries)
      position = page.position
      if (!page.hasMore) return { entries, position }
    }
  }

  await t.test('of 200 adds of one token one wins', async (t) => {
    const engines = await open(t)
    const added = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        (engines[i % 2] as Engine).revocations.addToken(token('a')),
      ),
    )
    t.equal(added.filter(Boolean).length, 1)
    t.equal((await readAll(engines[1])).entries.length, 1)
  })

  await t.test('what is added is read as it was, in order, from where one was', async (t) => {
    const [one, other] = await open(t)
    const start = await readAll(one)
    t.same(start.entries, [])
    const written = HOSTILE.map((text) => token(text, { userId: `u ${text}` }))
    for (const each of written) t.equal(await one.revocations.addToken(each), true)
    const { entries, position } = await readAll(other, start.position)
    const shown = written.map(({ userId, tokenId, expSeconds }) => ({
      userId,
      tokenId,
      expSeconds,
    }))
    t.same(entries, shown)
    t.same((await readAll(other)).entries, shown, 'from the first on too')
    t.same((await readAll(other, position)).entries, [])
    await other.revocations.addToken(token('later'))
    t.match((await readAll(one, position)).entries, [{ tokenId: 'later' }])
  })

  await t.test('a user has one moment, which only grows, and no token of before it', async (t) => {
    const [one, other] = await open(t)
    const expSeconds = Math.floor(Date.now() / 1000) + 600
    const ahead = Date.now() + 100_000
    t.equal(await one.revocations.raiseUser('user_ada', ahead, expSeconds), ahead)
    t.equal(await other.revocations.raiseUser('user_ada', 5, expSeconds), ahead + 1, 'and one more')
    t.equal(await other.revocations.issueMs('user_ada'), ahead + 2, 'issued behind it')
    t.equal(await one.revocations.addToken(token('old', { issuedAtMs: ahead + 1 })), false)
    t.equal(await one.revocations.addToken(token('new', { issuedAtMs: ahead + 2 })), true)
    t.equal(await one.revocations.addToken(token('bob', { userId: 'user_bob' })), true)
    const now = await one.revocations.issueMs('user_eve')
    t.ok(Math.abs(now - Date.now()) < 5_000, 'the present of the engine')
    const raised = await other.revocations.raiseUser('user_eve', 5, Infinity)
    t.ok(raised >= now && raised < now + 5_000, 'raised to the present at least')
    const { entries } = await readAll(other)
    t.same(entries.slice(0, 1), [
      { userId: 'user_ada', issuedUntilMs: ahead + 1, keepUntilSeconds: expSeconds },
    ])
    t.same(entries.at(-1), {
      userId: 'user_eve',
      issuedUntilMs: raised,
      keepUntilSeconds: Infinity,
    })
    t.equal(entries.length, 4, 'one entry for each user')
  })

  await t.test('a reader beside many writers misses nothing', async (t) => {
    const engines = await open(t)
    const seen = new Set<string>()
    let position: string | undefined
    const readOn = async (): Promise<void> => {
      const page = await engines[1].revocations.read(position, 11)
      position = page.position
      for (const entry of page.entries)
        seen.add(
          'issuedUntilMs' in entry ? `${entry.userId} ${entry.issuedUntilMs}` : nameOf(entry),
        )
    }
    let isWriting = true
    const reading = (async () => {
      while (isWriting) await readOn()
    })()
    const raised = await Promise.all(
      Array.from({ length: 300 }, async (_, i) => {
        const { revocations } = engines[i % 2] as Engine
        if (i % 3 > 0) return void (await revocations.addToken(token(`t${i}`, { userId: `u${i}` })))
        return `v${i} ${await revocations.raiseUser(`v${i}`, 0, Infinity)}`
      }),
    )
    isWriting = false
    await reading
    await until('all is read', async () => {
      await readOn()
      return seen.size >= 300
    })
    const expected = raised.map((text, i) => text ?? `t${i}`)
    t.same([...seen].toSorted(), expected.toSorted())
  })

  await t.test('news are told, here and at the other', async (t) => {
    const engines = await open(t)
    const told = [0, 0]
    for (const [i, { revocations }] of engines.entries())
      revocations.listen(() => (told[i] = (told[i] as number) + 1))
    let n = 0
    for (const [i] of engines.entries())
      await until('it is told', async () => {
        if ((told[i] as number) > 1) return true
        await (engines[1 - i] as Engine).revocations.addToken(token(`n${n++}`))
        return false
      })
    t.ok(told.every((count) => count > 1))
  })

  await t.test('what is over goes, a few at a time', async (t) => {
    const [{ revocations }] = await open(t)
    const past = Math.floor(Date.now() / 1000) - 301
    for (let i = 0; i < 6; i++) await revocations.addToken(token(`old${i}`, { expSeconds: past }))
    for (let i = 0; i < 6; i++) await revocations.raiseUser(`gone${i}`, 1, past)
    for (let i = 0; i < 20; i++) {
      await revocations.addToken(token(`new${i}`))
      await revocations.raiseUser(`here${i}`, 1, Infinity)
    }
    let position: string | undefined
    const left: string[] = []
    for (let hasMore = true; hasMore;) {
      const page = await revocations.read(position, 100)
      left.push(...page.entries.map(nameOf))
      position = page.position
      hasMore = page.hasMore
    }
    t.same(
      left.filter((name) => /old|gone/.test(name)),
      [],
    )
    t.equal(left.length, 40)
  })
}
