// What PostgreSQL tells who follows the log, where a server took over that lacks the last entries.
import t from 'tap'
import type { LogPage } from '../../lib/revocation/revocation-log.js'
import { postgresEngine, postgresOperator, postgresServer } from '../support/postgres-engines.js'
import { token } from '../support/store-samples.js'

const idsOf = ({ entries }: LogPage): unknown[] =>
  entries.map((entry) => 'tokenId' in entry && entry.tokenId)

t.test('after a failover', async (t) => {
  const { port } = await postgresServer(t)
  const operator = postgresOperator(t, port)
  const engine = postgresEngine(t, port, { timeoutMs: 2_000 })
  await engine.open()
  const { revocations } = engine
  const setCounter = (seq: string) =>
    operator.query('update passport_gateway.revocation_counter set seq = $1', [seq])
  const minus = (seq: string, ms: number): string => `${BigInt(seq) - BigInt(ms) * 1_000n}`
  const clear = () => operator.query('delete from passport_gateway.revocations')
  t.beforeEach(clear)

  await t.test('a position behind the last entry is read from the first on', async (t) => {
    for (const id of ['a', 'b', 'c']) await revocations.addToken(token(id))
    const { position } = await revocations.read(undefined, 9)
    t.same(idsOf(await revocations.read(position, 9)), [])
    await operator.query(`delete from passport_gateway.revocations where token_id = 'c'`)
    await setCounter(minus(position, 1))
    await operator.query(`update passport_gateway.revocations set seq = seq - 60000`)
    const again = await revocations.read(position, 1)
    t.match([again.hasMore, idsOf(again)], [true, ['a']])
    const rest = await revocations.read(again.position, 9)
    t.match([rest.hasMore, idsOf(rest)], [false, ['b']])
    t.same(idsOf(await revocations.read(rest.position, 9)), [])
    await clear()
    await setCounter('5')
    t.equal((await revocations.read(position, 9)).position, '0')
  })

  await t.test('after a failure it is read from a minute before', async (t) => {
    for (const id of ['lost', 'fresh', 'long']) await revocations.addToken(token(id))
    const { position } = await revocations.read(undefined, 9)
    // As by a server whose clock is half a minute behind, and is ahead of the position only now.
    const place = (id: string, seq: string) =>
      operator.query('update passport_gateway.revocations set seq = $1 where token_id = $2', [
        seq,
        id,
      ])
    await operator.query(`delete from passport_gateway.revocations where token_id = 'lost'`)
    await place('long', minus(position, 61_000))
    await place('fresh', minus(position, 30_000))
    const other = await operator.connect()
    await other.query('begin; lock table passport_gateway.revocations in access exclusive mode')
    await t.rejects(revocations.read(position, 9), { code: 'store_unavailable' })
    await other.query('rollback')
    other.release()
    t.same(idsOf(await revocations.read(position, 9)), ['fresh'])
    t.same(idsOf(await revocations.read(position, 9)), [], 'once')
  })
})
