// How late others are answered while many log in at once.
import { setTimeout as sleep } from 'node:timers/promises'
import { spread } from '../../faults/figures.mjs'
import { addresses, postJson } from '../requests.mjs'

const WATCH = { ms: 5_000, ratePerSecond: 300 }
/** As many from each address, each to an account of his own, as the limits of attempts want it. */
const PER_ADDRESS = 10

export const loginsOf = (count, turn) =>
  Array.from({ length: count }, (_, i) =>
    postJson('/v1/auth/login', {
      email: `user-${turn}-${i}@example.com`,
      password: 'correct horse',
    }),
  )

/** Of each turn the p99 in milliseconds `without` and `beside` so many logins, and how many `errors` others had. */
export const watchLogins = async (scene, { turns, count }) => {
  const subject = await scene.startSubject([await scene.startService()])
  const watch = async () => {
    const { ratePerSecond } = WATCH
    const steady = await scene.startSteady(subject, { ratePerSecond, kept: true })
    await sleep(WATCH.ms)
    const requests = await steady.finish()
    return { requests, ...spread(requests.map(({ latencyMs }) => latencyMs)) }
  }
  const seen = { without: [], beside: [], errors: 0 }
  const perTurn = Math.ceil(count / PER_ADDRESS)
  for (let turn = 0; turn < turns; turn++) {
    const calm = await watch()
    const crowd = await scene.startClient('asking', {
      port: subject.port,
      count,
      addresses: addresses(turns * perTurn).slice(turn * perTurn, (turn + 1) * perTurn),
      texts: loginsOf(count, turn),
      patienceMs: 0,
    })
    const busy = await watch()
    await crowd.finish()
    seen.errors += [...calm.requests, ...busy.requests].filter(
      ({ status }) => status !== 200,
    ).length
    seen.without.push(calm.p99)
    seen.beside.push(busy.p99)
  }
  return seen
}
