// Memory of a connection that is kept, and has had an answer: what those take that come to a thousand
// others, with which the process has filled the room that it had left over. It is looked at behind a
// collection of garbage, once it neither grows nor shrinks.
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { addresses, get } from '../../load/requests.mjs'
import { CORES } from '../cpu.mjs'
import { loaded } from '../load.mjs'
import { forkModule } from '../processes.mjs'
import { createToken } from '../tokens.mjs'
import { atMost } from '../verdicts.mjs'

const LIMIT_KB = 12
const FIRST = 1_000
const WARM_SECONDS = 2
/** They differ little, and take their time. */
const MOST_ROUNDS = 3
/** Longer than the gateway keeps connections to the service that are idle. */
const REST_MS = 6_000
const LOOKS = { everyMs: 250, alike: 4, most: 40 }
const OPTIONS = {
  limits: { connections: 20_000, connectionsPerAddress: 20_000 },
  timeouts: { keepAliveMs: 600_000 },
}

export const idle = {
  name: 'idle',
  title: 'Connections that are kept',
  rivals: ['gateway'],
  measure: async ({ start, connections, rounds }) => {
    const sizes = []
    for (let round = 0; round < Math.min(rounds, MOST_ROUNDS); round++) {
      const gateway = await start('gateway', { options: OPTIONS, nodeFlags: ['--expose-gc'] })
      sizes.push((await growth(gateway, connections)) / 1_024)
      console.error(`  ${connections} connections: ${sizes.at(-1).toFixed(1)} KB each`)
      gateway.stop()
    }
    const what = `${connections} idle connections, each`
    return { verdicts: [atMost(what, sizes, LIMIT_KB, { digits: 1, unit: ' KB' })] }
  },
}

/** Bytes for each of so many connections. */
const growth = async (gateway, count) => {
  const [token, path] = [createToken(), '/v1/proxy/small']
  await loaded(gateway, { path, token }, WARM_SECONDS)
  const text = get(path, { token })
  const first = await openCrowd(gateway, FIRST, text)
  const before = await settled(gateway)
  const second = await openCrowd(gateway, count, text)
  const after = await settled(gateway)
  await first.finish()
  await second.finish()
  return (after - before) / count
}

const openCrowd = async ({ port }, count, text) => {
  const child = forkModule('../load/client.mjs', [], { core: CORES.others })
  const options = { port, count, addresses: addresses(50), perSecond: 2_000, text }
  child.send({ role: 'idle', options })
  await once(child, 'message')
  const finish = async () => {
    child.send('finish')
    const [figures] = await once(child, 'message')
    child.kill()
    const { answered, held } = figures
    if (held !== count || answered !== count)
      throw new Error(`${answered} of ${count} answered, ${held} kept`)
  }
  return { finish }
}

/** Resident memory in bytes once it stays within a hundredth for a while. */
const settled = async (gateway) => {
  await sleep(REST_MS)
  const looks = []
  while (looks.length < LOOKS.most) {
    looks.push(await gateway.rssBytes())
    const last = looks.slice(-LOOKS.alike)
    const [least, most] = [Math.min(...last), Math.max(...last)]
    if (last.length === LOOKS.alike && most - least < least / 100) return looks.at(-1)
    await sleep(LOOKS.everyMs)
  }
  throw new Error('the memory of the gateway does not come to rest')
}
