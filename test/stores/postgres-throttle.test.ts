import t from 'tap'
import { postgresEngine, postgresOperator, postgresServer } from '../support/postgres-engines.js'

t.test(
  'who waited for the row of a window counts in it, although it began a little later',
  async (t) => {
    const { port } = await postgresServer(t)
    const engine = postgresEngine(t, port)
    await engine.open()
    await postgresOperator(t, port).query(
      `insert into passport_gateway.throttle values
      ('k', 1, passport_gateway.now_ms() + 1500), ('old', 1, passport_gateway.now_ms() + 999999)`,
    )
    const { count, resetMs } = await engine.throttle.count('k', 1_000)
    t.equal(count, 2)
    t.equal(resetMs, 1_000)
    t.match(await engine.throttle.count('old', 1_000), { count: 1 }, 'a clock was set back')
  },
)
