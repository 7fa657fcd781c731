// POST with a body that is passed on.
import { createToken } from '../tokens.mjs'
import { inTurns, ratiosOf } from '../turns.mjs'
import { atMost } from '../verdicts.mjs'

const LIMIT = 0.9
const BODIES = [
  ['1 KB', 1_024],
  ['64 KB', 65_536],
]

export const post = {
  name: 'post',
  title: 'POST with a body',
  rivals: ['pipe', 'gateway'],
  measure: async ({ start, rounds, seconds }) => {
    const contenders = [
      ['pipe', await start('pipe')],
      ['gateway', await start('gateway')],
    ]
    const token = createToken()
    const sides = BODIES.flatMap(([size, bodyBytes]) =>
      contenders.map(([name, contender]) => ({
        name: `${name}, ${size}`,
        contender,
        request: { method: 'POST', path: '/v1/proxy/small', token, bodyBytes },
      })),
    )
    const figures = await inTurns(sides, { rounds, seconds })
    const verdicts = BODIES.map(([size]) =>
      atMost(
        `${size}: gateway ÷ pipe`,
        ratiosOf(figures, `gateway, ${size}`, `pipe, ${size}`),
        LIMIT,
      ),
    )
    return { figures, verdicts }
  },
}
