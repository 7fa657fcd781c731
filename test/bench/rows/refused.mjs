// Requests that are refused: with a signature that is another's, and without a token; each beside a bare
// server that refuses the same request.
import { createForgedToken } from '../tokens.mjs'
import { inTurns, ratiosOf } from '../turns.mjs'
import { atMost } from '../verdicts.mjs'

const LIMIT = 1.25

export const refused = {
  name: 'refused',
  title: 'Refused request',
  rivals: ['gateway', 'refuse'],
  measure: async ({ start, rounds, seconds }) => {
    const [gateway, refuse] = [await start('gateway'), await start('refuse')]
    const request = { path: '/v1/proxy/small', isRefused: true }
    const forged = { ...request, token: createForgedToken() }
    const figures = await inTurns(
      [
        { name: 'refuse, bad signature', contender: refuse, request: forged },
        { name: 'bad signature', contender: gateway, request: forged },
        { name: 'refuse, no token', contender: refuse, request },
        { name: 'no token', contender: gateway, request },
      ],
      { rounds, seconds },
    )
    const verdicts = ['bad signature', 'no token'].map((name) =>
      atMost(`${name} ÷ refuse`, ratiosOf(figures, name, `refuse, ${name}`), LIMIT),
    )
    return { figures, verdicts }
  },
}
