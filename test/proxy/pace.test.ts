import t from 'tap'
import { createDeadlines } from '../../lib/http/deadlines.js'
import { createPace, type PaceOptions } from '../../lib/proxy/pace.js'
import { createManualClock } from '../support/manual-clock.js'
import { pass } from '../support/ticks.js'

t.test('what moves is paid in up to a bound, and waiting is paid out', async (t) => {
  const rows: Array<[string, Partial<PaceOptions>, (step: Step) => Promise<void>, boolean]> = [
    ['nothing moves', {}, ({ wait, pass }) => (wait(), pass(6)), true],
    ['a credit from the start', { creditBytes: 300 }, ({ wait, pass }) => (wait(), pass(7)), false],
    [
      'of which there is a bound',
      { creditBytes: 9_999 },
      ({ wait, pass }) => (wait(), pass(10)),
      true,
    ],
    [
      'a burst counts up to it',
      {},
      async ({ wait, move, pass }) => {
        wait()
        move(99_999)
        await pass(6)
        await pass(10)
      },
      true,
    ],
    [
      'rest costs nothing',
      {},
      async ({ wait, rest, pass }) => {
        wait()
        await pass(3)
        rest()
        rest()
        await pass(30)
        wait()
        wait()
        await pass(1)
      },
      false,
    ],
    [
      'and gives nothing back',
      {},
      async ({ wait, rest, pass }) => {
        wait()
        await pass(3)
        rest()
        await pass(30)
        wait()
        await pass(4)
      },
      true,
    ],
    [
      'what moves before it is waited for is no merit of the time after',
      {},
      async ({ wait, rest, move, pass }) => {
        wait()
        rest()
        move(99_999)
        wait()
        await pass(6)
        await pass(5)
      },
      true,
    ],
    [
      'what is stopped is not looked at',
      {},
      ({ wait, stop, pass }) => (wait(), stop(), pass(9)),
      false,
    ],
  ]
  for (const [name, options, act, expected] of rows) {
    const clock = createManualClock()
    let moved = 0
    let isTooSlow = false
    const pace = createPace(
      { clock, deadlines: createDeadlines(clock) },
      {
        bytesPerSecond: 100,
        moved: () => moved,
        creditBytes: 0,
        limitCreditBytes: 400,
        onTooSlow: () => (isTooSlow = true),
        ...options,
      },
    )
    await act({
      wait: () => pace.wait(),
      rest: () => pace.rest(),
      stop: () => pace.stop(),
      move: (bytes) => (moved += bytes),
      pass: (seconds) => pass(clock, seconds),
    })
    t.equal(isTooSlow, expected, name)
  }
})

interface Step {
  wait: () => void
  rest: () => void
  stop: () => void
  move: (bytes: number) => void
  pass: (seconds: number) => Promise<void>
}
