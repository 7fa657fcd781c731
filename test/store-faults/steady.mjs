// Requests to the service behind, sent by a schedule to each gateway: no store is asked for them.
import { setTimeout as sleep } from 'node:timers/promises'

const RATE_PER_SECOND = 50

export const startSteady = (clients, token) => {
  const calls = []
  const sent = []
  let isOver = false

  const run = async (client) => {
    const startMs = performance.now()
    for (let count = 0; !isOver; await sleep(2)) {
      const due = ((performance.now() - startMs) * RATE_PER_SECOND) / 1_000
      for (; count < due; count++) {
        const dueMs = startMs + (count * 1_000) / RATE_PER_SECOND
        sent.push(client.proxy(token).then((call) => calls.push({ ...call, dueMs })))
      }
    }
  }

  const loops = clients.map(run)
  return {
    calls,
    stop: async () => {
      isOver = true
      await Promise.all(loops)
      await Promise.all(sent)
    },
  }
}
