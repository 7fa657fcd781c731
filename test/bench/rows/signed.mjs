// What it takes to sign passports.
import { createToken } from '../tokens.mjs'
import { inFreshTurns, ratiosOf } from '../turns.mjs'
import { atMost } from '../verdicts.mjs'

const LIMIT = 1.05
const SIGNED = { passportSecret: 'the secret of passports of a benchmark, 32 bytes' }

export const signed = {
  name: 'signed',
  title: 'Signed passports',
  rivals: ['gateway'],
  measure: async ({ start, rounds, seconds }) => {
    const request = { path: '/v1/proxy/small', token: createToken() }
    const figures = await inFreshTurns(
      [
        { name: 'unsigned', start: () => start('gateway'), request },
        { name: 'signed', start: () => start('gateway', { options: SIGNED }), request },
      ],
      { rounds, seconds },
    )
    return {
      figures,
      verdicts: [atMost('signed ÷ unsigned', ratiosOf(figures, 'signed', 'unsigned'), LIMIT)],
    }
  },
}
