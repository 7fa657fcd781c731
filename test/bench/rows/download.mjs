// One long answer, of chunks of 64 KB: how fast it comes, and what it takes.
import { once } from 'node:events'
import { CORES } from '../cpu.mjs'
import { forkModule } from '../processes.mjs'
import { createToken } from '../tokens.mjs'
import { atLeast, shown } from '../verdicts.mjs'

const LIMIT = 1
const GIGABYTE = 1e9
const WARM_BYTES = 1e8

export const download = {
  name: 'download',
  title: 'Download',
  rivals: ['pipe', 'gateway'],
  measure: async ({ start, rounds, megabytes }) => {
    const reader = forkModule('./reader.mjs', [], { core: CORES.others })
    const token = createToken()
    const read = async (contender, bytes) => {
      const before = await contender.cpuMicroseconds()
      reader.send({ port: contender.port, path: `/v1/proxy/download/${bytes}`, token, bytes })
      const [{ seconds, failure }] = await once(reader, 'message')
      if (failure) throw new Error(`a download failed: ${failure}`)
      const cpuSeconds = ((await contender.cpuMicroseconds()) - before) / 1e6
      return { rate: bytes / seconds / 1e6, cost: (cpuSeconds * GIGABYTE) / bytes }
    }
    const sides = []
    for (const name of ['pipe', 'gateway'])
      sides.push({ name, contender: await start(name), rates: [], costs: [] })
    for (const { contender } of sides) await read(contender, WARM_BYTES)
    for (let round = 1; round <= rounds; round++) {
      for (const { contender, rates, costs } of sides) {
        const { rate, cost } = await read(contender, megabytes * 1e6)
        rates.push(rate)
        costs.push(cost)
      }
      const told = sides.map(({ name, rates }) => `${name} ${rates.at(-1).toFixed(0)}`)
      console.error(`  round ${round}, MB/s: ${told.join(', ')}`)
    }
    reader.kill()
    const [pipe, gateway] = sides
    const ratios = gateway.rates.map((rate, round) => rate / pipe.rates[round])
    return {
      verdicts: [
        atLeast(`${megabytes} MB: gateway ÷ pipe`, ratios, LIMIT),
        ...sides.flatMap(({ name, rates, costs }) => [
          shown(name, rates, { digits: 0, unit: ' MB/s' }),
          shown(name, costs, { unit: ' s of CPU a GB' }),
        ]),
      ],
    }
  },
}
