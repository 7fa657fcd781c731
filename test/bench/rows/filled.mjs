// A gateway with much to look up, beside one that has nothing and gets the same request.
import { importUsers, revokeTokens } from '../fill.mjs'
import { createToken } from '../tokens.mjs'
import { inFreshTurns, ratiosOf } from '../turns.mjs'
import { atMost } from '../verdicts.mjs'

const LIMIT = 1.05
const ADMIN_TOKEN = 'the-token-of-operators-in-a-benchmark'
const ROUTES = 1_000
const REVOCATIONS = 100_000

export const filled = {
  name: 'filled',
  title: 'Users, routes and revocations in memory',
  rivals: ['gateway'],
  measure: async ({ start, service, users, rounds, seconds }) => {
    const routes = Array.from({ length: ROUTES }, (_, i) => ({
      path: `/route-${i}`,
      upstream: service.url,
    }))
    const limits = { users: users + ROUTES }
    const startFilled = async () => {
      const full = await start('gateway', { options: { adminToken: ADMIN_TOKEN, routes, limits } })
      await importUsers(full, ADMIN_TOKEN, users)
      await revokeTokens(full, REVOCATIONS)
      return full
    }
    const token = createToken(`user_${Math.floor(users / 2)}`)
    const request = { path: `/v1/proxy/route-${ROUTES / 2}/small`, token }
    const figures = await inFreshTurns(
      [
        { name: 'empty', start: () => start('gateway'), request },
        { name: 'filled', start: startFilled, request },
      ],
      { rounds, seconds },
    )
    const what = `${users} users, ${ROUTES} routes, ${REVOCATIONS} revocations ÷ none`
    return { figures, verdicts: [atMost(what, ratiosOf(figures, 'filled', 'empty'), LIMIT)] }
  },
}
