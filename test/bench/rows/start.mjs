// From the start of the process until it has answered the first proxied request; it is tried from the
// start on, time and again.
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../faults/processes.mjs'
import { get } from '../../load/requests.mjs'
import { CORES } from '../cpu.mjs'
import { startProgram } from '../processes.mjs'
import { createToken, SECRET } from '../tokens.mjs'
import { atMost, shown } from '../verdicts.mjs'

const LIMIT_MS = 200
const STARTS = 11
const PATIENCE_MS = 10_000
const BIN = fileURLToPath(new URL('../../../dist/bin/passport-gateway.js', import.meta.url))
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
  const port = await freePort()
  const text = get('/v1/proxy/small', { token: createToken() })
  const startMs = performance.now()
  const child = startProgram(process.execPath, argsOf(port), {
    core: CORES.contender,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { PATH: process.env.PATH, JWT_SECRET: SECRET },
  })
  while (!(await isAnswered(port, text))) {
    if (child.exitCode !== null || performance.now() - startMs > PATIENCE_MS)
      throw new Error('a process did not start')
    await sleep(1)
  }
  const tookMs = performance.now() - startMs
  child.kill()
  await once(child, 'exit')
  return tookMs
}

const isAnswered = (port, text) =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    const end = (isGood) => {
      socket.destroy()
      resolve(isGood)
    }
    socket.on('connect', () => socket.write(text))
    socket.on('data', (bytes) => end(bytes.latin1Slice(0, 13) === 'HTTP/1.1 200 '))
    socket.on('error', () => end(false))
    socket.on('close', () => end(false))
  })
