// The load: closed loop, kept connections, by wrk where it is installed, else by a client of our own.
import { once } from 'node:events'
import { CORES } from './cpu.mjs'
import { forkModule } from './processes.mjs'
import { hasWrk, runWrk } from './wrk.mjs'

export const CONNECTIONS = 64

const withWrk = hasWrk()
export const loadName = () => (withWrk ? 'wrk' : 'a client in node')

/**
 * Sends `request` (`{ method?, path, token?, tokens?, bodyBytes? }`) to a contender for `seconds`, and
 * gives the CPU time of each in microseconds, and how many were answered. Throws where one had another
 * answer than 2xx, or 401 where it `isRefused`.
 */
export const loaded = async (contender, request, seconds) => {
  const before = await contender.cpuMicroseconds()
  const run = await (withWrk ? byWrk : byLoop)(contender.port, request, seconds)
  const after = await contender.cpuMicroseconds()
  return {
    ...run,
    microseconds: (after - before) / run.answered,
    perSecond: run.answered / run.seconds,
  }
}

const byWrk = async (port, request, seconds) => {
  const load = { request, connections: CONNECTIONS, seconds: Math.ceil(seconds) }
  const run = await runWrk(port, load)
  const refusals = request.isRefused ? run.answered : 0
  if (run.broken > 0 || run.refused !== refusals || run.answered === 0)
    throw new Error(`of ${run.answered} answers ${run.refused} refused, ${run.broken} broke off`)
  return run
}

let client
const byLoop = async (port, request, seconds) => {
  client ??= forkModule('./loop-client.mjs', [], { core: CORES.others })
  const status = request.isRefused ? 401 : 200
  client.send({ port, request, connections: CONNECTIONS, seconds, status })
  const ended = once(client, 'exit').then(() => {
    throw new Error('the client ended')
  })
  ended.catch(() => {})
  const [{ count, ...run }] = await Promise.race([once(client, 'message'), ended])
  return { answered: count, ...run }
}

/** Ends what would keep this process running. */
export const endLoad = () => client?.kill()
