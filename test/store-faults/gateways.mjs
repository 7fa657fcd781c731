// The gateways of a scenario: how they are started, killed, and told what time it is.
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { freePort } from '../faults/processes.mjs'

const PROGRAM = fileURLToPath(new URL('./gateway.mjs', import.meta.url))

export const SECRET = 'the secret of the fault runs, 32 bytes or more'
export const ADMIN_TOKEN = 'the-token-of-the-operators-in-the-fault-runs'
/** How long the store may take to answer, in milliseconds. */
export const STORE_MS = 2_000

/** Starts one. Its port and its log outlive it. */
export const startGateway = async (processes, { name, upstream, options }) => {
  const port = await freePort()
  const logFile = processes.fileOf(`${name}.log`)
  const all = {
    jwtSecret: SECRET,
    adminToken: ADMIN_TOKEN,
    admin: { port: 0 },
    upstream,
    timeouts: { storeMs: STORE_MS },
    throttle: { addressAttempts: 1e9, accountAttempts: 1e9 },
    ...options,
  }
  let child
  let adminPort
  let wasKilled = false

  const start = async () => {
    const output = openSync(logFile, 'a')
    child = processes.fork(PROGRAM, [String(port), JSON.stringify(all)], { output })
    closeSync(output)
    wasKilled = false
    const exited = once(child, 'exit').then(() => [])
    ;[adminPort] = await Promise.race([once(child, 'message'), exited])
    if (!adminPort) throw new Error(`${name} did not start: ${readFileSync(logFile, 'utf8')}`)
  }

  await start()
  return {
    name,
    port,
    start,
    adminPort: () => adminPort,
    /** Whether it ended by itself, which it never should. */
    hasDied: () => !wasKilled && (child.exitCode !== null || child.signalCode !== null),
    log: () => readFileSync(logFile, 'utf8'),
    /** Sets its wall clock so far ahead of the right time. */
    setAhead: async (ms) => {
      child.send(ms)
      await once(child, 'message')
    },
    /** By kill -9; resolves when it is dead. */
    kill: async () => {
      wasKilled = true
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
  }
}
