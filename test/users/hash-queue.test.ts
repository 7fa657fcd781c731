import fc from 'fast-check'
import t from 'tap'
import { createHashQueue } from '../../lib/users/hash-queue.js'

t.test(
  'whoever comes, leaves or waits too long: the line is what a plain list would be',
  async (t) => {
    const [CONCURRENCY, LIMIT_WAITING] = [2, 3]
    let isSeen = { left: false, late: false, refused: false }
    const step = fc.record({
      what: fc.constantFrom('join', 'join', 'leave', 'expire', 'finish'),
      at: fc.nat(5),
    })
    const play = async (steps: Array<{ what: string; at: number }>): Promise<void> => {
      const expiries = new Map<number, () => void>()
      const controllers: AbortController[] = []
      const finishes: Array<() => void> = []
      const started: number[] = []
      const refused: number[] = []
      let turns = 0
      const queue = createHashQueue({
        concurrency: CONCURRENCY,
        limitWaiting: LIMIT_WAITING,
        limitWaitMs: 1,
        startTimer: (_, onExpired) => {
          const number = controllers.length - 1
          expiries.set(number, onExpired)
          return { clear: () => expiries.delete(number) }
        },
        nowMs: () => 0,
        onTurn: () => turns++,
      })
      const running: number[] = []
      const waiting: number[] = []
      const expected = { started: [] as number[], refused: [] as number[] }
      const begin = (number: number): void => {
        running.push(number)
        expected.started.push(number)
      }
      const takeOut = (list: number[], at: number): number | undefined =>
        list.splice(list.length && at % list.length, 1)[0]
      for (const { what, at } of steps) {
        if (what === 'join') {
          const number = controllers.push(new AbortController()) - 1
          const work = (): Promise<void> => {
            started.push(number)
            return new Promise((resolve) => (finishes[number] = resolve))
          }
          queue
            .run(work, controllers[number]?.signal as AbortSignal)
            .catch(() => refused.push(number))
          if (running.length < CONCURRENCY) begin(number)
          else if (waiting.length < LIMIT_WAITING) waiting.push(number)
          else expected.refused.push(number)
        } else if (what === 'finish') {
          const number = takeOut(running, at)
          if (number !== undefined) finishes[number]?.()
          const next = number === undefined ? undefined : waiting.shift()
          if (next !== undefined) begin(next)
        } else {
          const number = takeOut(waiting, at)
          if (number === undefined) continue
          if (what === 'leave') controllers[number]?.abort()
          else expiries.get(number)?.()
          expected.refused.push(number)
          isSeen = { ...isSeen, ...(what === 'leave' ? { left: true } : { late: true }) }
        }
        await new Promise(setImmediate)
        // Only who waits has a timer.
        const { waiting: inLine, running: atWork } = queue
        const found = JSON.stringify({
          started,
          refused,
          waiting: [...expiries.keys()],
          counts: [inLine, atWork, turns],
        })
        const wanted = JSON.stringify({
          ...expected,
          waiting,
          counts: [waiting.length, running.length, expected.started.length],
        })
        if (found !== wanted) throw new Error(`${found}, not ${wanted}`)
      }
      isSeen.refused ||= refused.length > 0
    }
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), play), {
      numRuns: 60,
    })
    t.same(isSeen, { left: true, late: true, refused: true })
  },
)
