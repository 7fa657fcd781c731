// The command as it is built, from its start until it answers.
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '../faults/processes.mjs'
import { get } from '../load/requests.mjs'
import { cpuMicrosecondsOf } from './cpu.mjs'
import { startProgram } from './processes.mjs'
import { createToken, SECRET } from './tokens.mjs'

export const BIN = fileURLToPath(new URL('../../dist/bin/passport-gateway.js', import.meta.url))

const PATIENCE_MS = 10_000

/**
 * Starts node with the arguments that `argsOf` gives for a port, and tries it time and again until it has
 * answered a proxied request. Gives it as a contender, and how long it took in milliseconds.
 */
export const startCommand = async (argsOf, { core } = {}) => {
  const port = await freePort()
  const text = get('/v1/proxy/small', { token: createToken() })
  const startMs = performance.now()
  const child = startProgram(process.execPath, argsOf(port), {
    core,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { PATH: process.env.PATH, JWT_SECRET: SECRET },
  })
  while (!(await isAnswered(port, text))) {
    if (child.exitCode !== null || performance.now() - startMs > PATIENCE_MS)
      throw new Error('a process did not start')
    await sleep(1)
  }
  return {
    tookMs: performance.now() - startMs,
    port,
    cpuMicroseconds: async () => cpuMicrosecondsOf(child.pid),
    stop: async () => {
      child.kill()
      await once(child, 'exit')
    },
  }
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
