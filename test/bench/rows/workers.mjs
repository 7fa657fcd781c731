// How much more two workers answer than one. On two cores the load and the service behind take their share
// of both, so that is taken out: what counts is how many requests a second of CPU time answers, the
// primary's included, times the cores that there are for it.
import { BIN, startCommand } from '../command.mjs'
import { CORES, isCpuTold } from '../cpu.mjs'
import { createToken } from '../tokens.mjs'
import { inTurns, ratiosOf } from '../turns.mjs'
import { atLeast } from '../verdicts.mjs'

const LIMIT = 1.8
const WORKERS = 2

export const workers = {
  name: 'workers',
  title: 'Two workers',
  rivals: ['gateway'],
  measure: async ({ service, rounds, seconds }) => {
    if (!isCpuTold()) throw new Error('the CPU time of other processes is not told here')
    const argsOf = (count) => (port) => [
      BIN,
      '--port',
      String(port),
      '--upstream',
      service.url,
      '--workers',
      String(count),
    ]
    const one = await startCommand(argsOf(1), { core: CORES.contender })
    const two = await startCommand(argsOf(WORKERS))
    const request = { path: '/v1/proxy/small', token: createToken() }
    const figures = await inTurns(
      [
        { name: 'one', contender: one, request },
        { name: 'two', contender: two, request },
      ],
      { rounds, seconds },
    )
    await one.stop()
    await two.stop()
    const more = ratiosOf(figures, 'one', 'two').map((ratio) => WORKERS * ratio)
    return { figures, verdicts: [atLeast('two workers ÷ one', more, LIMIT)] }
  },
}
