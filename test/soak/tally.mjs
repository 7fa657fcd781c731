// What came of each request. One that was not answered, or with 502 or 503, is excused by a restart of
// the service that it met; whatever else is not as it must be is wrong.
import { Broken } from './wire.mjs'

const LIMIT_TOLD = 20

export const createTally = (restarts) => {
  const kinds = new Map()
  let told = 0
  let underWay = 0

  return {
    kinds,
    underWay: () => underWay,
    count: () => [...kinds.values()].reduce((sum, { sent }) => sum + sent, 0),
    wrong: () => [...kinds.values()].reduce((sum, { wrong }) => sum + wrong, 0),
    /** Plays one request, which was due at `dueMs`. */
    play: async (name, work, dueMs) => {
      const row = kinds.get(name) ?? { sent: 0, right: 0, excused: 0, wrong: 0, tookMs: [] }
      kinds.set(name, row)
      row.sent++
      underWay++
      const startMs = performance.now()
      try {
        await work()
        row.right++
        row.tookMs.push(performance.now() - dueMs)
      } catch (error) {
        if (error instanceof Broken && restarts.met(startMs, performance.now())) row.excused++
        else {
          row.wrong++
          if (told++ < LIMIT_TOLD) console.error(`wrong: ${name}: ${error.message}`)
        }
      } finally {
        underWay--
      }
    },
  }
}
