// From the start of the process until it has answered the first proxied request; it is tried from the
// start on, time and again.
import { BIN, startCommand } from '../command.mjs'
import { CORES } from '../cpu.mjs'
import { atMost, shown } from '../verdicts.mjs'

const LIMIT_MS = 200
const STARTS = 11
const BARE = `require('node:http').createServer((_, response) => response.end()).listen(+process.argv[1], '127.0.0.1')`

export const start = {
  name: 'start',
  title: 'Start of the process',
  rivals: ['gateway'],
  measure: async ({ service }) => {
    const flagsOf = (port) => [BIN, '--port', String(port), '--upstream', service.url]
    const times = { gateway: [], bare: [] }
    for (let number = 0; number < STARTS; number++) {
      times.bare.push(await timeOf((port) => ['-e', BARE, String(port)]))
      times.gateway.push(await timeOf(flagsOf))
    }
    return {
      verdicts: [
        atMost(`of ${STARTS} starts`, times.gateway, LIMIT_MS, { digits: 0, unit: ' ms' }),
        shown('of a bare server of node:http', times.bare, { digits: 0, unit: ' ms' }),
      ],
    }
  },
}

const timeOf = async (argsOf) => {
  const { tookMs, stop } = await startCommand(argsOf, { core: CORES.contender })
  await stop()
  return tookMs
}
