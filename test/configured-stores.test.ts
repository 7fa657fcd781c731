import t from 'tap'
import { createGateway, type LogEvent } from '../lib/index.js'
import { NOWHERE, SECRET } from './support/gateways.js'
import { redisOperator, redisServer } from './support/redis-engines.js'

t.test('the log says of which store it is not known whether it loses anything', async (t) => {
  const { port } = await redisServer(t)
  const rights = ['on', '>p', '~*', '&*', '+@all', '-config', '-info']
  await redisOperator(t, port).call('ACL', 'SETUSER', 'blind', ...rights)
  const url = `redis://blind:p@127.0.0.1:${port}`
  const events: LogEvent[] = []
  const gateway = createGateway(
    { jwtSecret: SECRET, upstream: NOWHERE, store: url, ephemeralStore: `${url}/1` },
    { log: (event) => void events.push(event) },
  )
  t.teardown(() => gateway.close())
  await gateway.listen(0)
  const doubts = events.flatMap((event) => (event.event === 'store_doubtful' ? [event] : []))
  t.same(doubts.map(({ option }) => option).toSorted(), ['ephemeralStore', 'store'])
  for (const { cause } of doubts) t.match(cause, /^redis does not tell whether /)
})
