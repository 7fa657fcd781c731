// Tokens that were revoked, and who still accepts them.
import { setTimeout as sleep } from 'node:timers/promises'

const PAUSE_MS = 50
/** Tokens that are watched at once; others are only looked at in the end. */
const LIMIT_WATCHED = 60
const AT_ONCE = 16

export const createRevoked = ({ clients, outages }) => {
  const tokens = []
  const late = new Set()
  let watched = 0
  let isOver = false
  let slowestMs = 0

  /** Whether it is accepted still; if so, it is noted how late that was. */
  const probe = async (entry, client) => {
    const { status, startMs } = await client.proxy(entry.token)
    if (status !== 200) return status !== 401
    const lateMs = startMs - outages.runsFromMs(entry.revokedMs, client.gateway)
    if (lateMs > outages.boundMs) late.add(`${client.gateway.name} ${entry.token}`)
    slowestMs = Math.max(slowestMs, lateMs)
    return true
  }

  const watch = async (entry, client) => {
    while ((await probe(entry, client)) && !isOver) await sleep(PAUSE_MS)
  }

  return {
    /** Adds a token whose revocation was acknowledged at this moment. */
    add: async (token, revokedMs) => {
      const entry = { token, revokedMs }
      tokens.push(entry)
      if (watched >= LIMIT_WATCHED) return
      watched++
      await Promise.all(clients.map((client) => watch(entry, client)))
      watched--
    },
    /** Looks at every one of them at each gateway. */
    finish: async () => {
      isOver = true
      await sleep(outages.boundMs + PAUSE_MS)
      const left = clients.flatMap((client) => tokens.map((entry) => [entry, client]))
      const look = async () => {
        for (let next = left.pop(); next; next = left.pop()) await probe(...next)
      }
      await Promise.all(Array.from({ length: AT_ONCE }, look))
    },
    count: () => tokens.length,
    acceptedLate: () => late.size,
    slowestMs: () => slowestMs,
  }
}
