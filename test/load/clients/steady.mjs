// Somebody else, who asks for little and gets it: GETs by a schedule, every second of which ends its
// connection, so that a fresh one is needed for the next, unless all are `kept`.
import { createLoad } from '../../faults/load.mjs'
import { get } from '../requests.mjs'

const HOUR_SECONDS = 3_600
const PATIENCE_MS = 10_000
const BODY = 'hello'

/** Times are those of the wall clock, in milliseconds. */
export const startSteady = async (options) => {
  const { port, path, token, localAddress, ratePerSecond, warmSeconds = 0, kept = false } = options
  const texts = [get(path, { token }), get(path, { token, lines: ['Connection: close'] })]
  const load = createLoad({
    port,
    localAddress,
    ratePerSecond,
    patienceMs: PATIENCE_MS,
    requestOf: (number) => ({ text: texts[kept ? 0 : number % 2] }),
  })
  await load.warmUp(warmSeconds)
  const first = load.requests.length
  const running = load.run(HOUR_SECONDS)
  return {
    finish: async () => {
      load.stop()
      await running
      load.close()
      const sent = load.requests.slice(first)
      return sent.map(({ dueMs, sentMs = dueMs, endMs = performance.now(), answer }) => ({
        status: statusOf(answer),
        dueMs: performance.timeOrigin + dueMs,
        latencyMs: endMs - dueMs,
        lateMs: sentMs - dueMs,
      }))
    },
  }
}

const statusOf = (answer) => {
  if (!answer?.isWhole) return 'cut'
  return answer.status === 200 && answer.body !== BODY ? 'wrong' : answer.status
}
