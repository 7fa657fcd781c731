// What goes wrong, under load: `fault` happens at a quarter of it and `heal` undoes that at six tenths.
// Each is given the targets and what the log of the gateway says so far. From the end of `heal`, or
// from the time that it gives, there need be no more errors.
import { setTimeout as sleep } from 'node:timers/promises'

/** Between the first targets that come back and the last, in milliseconds. */
const STAGGER_MS = 2_000

const behaves = (way) => ({
  fault: ({ targets }) => targets[0].behave(way),
  heal: ({ targets }) => void targets[0].behave('well'),
})

const dies = {
  fault: ({ targets }) => targets[0].kill(),
  heal: ({ targets }) => targets[0].start(),
}

const allDie = ({ targets }) => Promise.all(targets.map((target) => target.kill()))

/** Starts the targets again that get no requests now, and only later the one that gets them all. */
const startEjectedFirst = async ({ targets, events }) => {
  const ends = new Map()
  for (const { event, target, time, forMs } of events()) {
    if (event === 'target_ejected') ends.set(target, Date.parse(time) + forMs)
  }
  const byEnd = targets.toSorted((a, b) => (ends.get(b.url) ?? 0) - (ends.get(a.url) ?? 0))
  await Promise.all(byEnd.slice(0, -1).map((target) => target.start()))
  const healedMs = performance.now()
  await sleep(STAGGER_MS)
  await byEnd.at(-1).start()
  return healedMs
}

/**
 * `breaksAnswers` says that a target breaks off its answers, so that clients must see them cut;
 * anywhere else an answer that is cut is a lost one.
 */
export const SCENARIOS = [
  { name: 'none', title: 'nothing', fault: () => {}, heal: () => {} },
  { name: 'kill', title: 'kill -9 of one of three', ...dies },
  { name: 'silent', title: 'one accepts, never answers', ...behaves('silent') },
  { name: 'hangup', title: 'one hangs up on each request', ...behaves('hangup') },
  {
    name: 'reset',
    title: 'one resets in half of its bodies',
    breaksAnswers: true,
    ...behaves('reset'),
  },
  { name: 'garbage', title: 'one answers garbage', ...behaves('garbage') },
  { name: 'trickle', title: 'one answers a byte a second', ...behaves('trickle') },
  {
    name: 'all',
    title: 'all three down, and back',
    fault: allDie,
    heal: async ({ targets }) => void (await Promise.all(targets.map((target) => target.start()))),
  },
  {
    name: 'staggered',
    title: 'all down, back one after another',
    fault: allDie,
    heal: startEjectedFirst,
  },
  {
    name: 'checked',
    title: 'kill -9 with health checks',
    flags: ['--health-check-path', '/health', '--health-check-interval-ms', '500'],
    ...dies,
  },
]
