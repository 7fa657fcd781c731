// The targets of a scenario: how they are started, told how to behave, killed and started again.
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from './processes.mjs'

const PROGRAM = fileURLToPath(new URL('./target.mjs', import.meta.url))
const STARTS = 20

/**
 * Starts one, which is `program`, called with its port and file, and says when it listens. What it
 * writes down survives it, over all of its lives.
 */
export const startTarget = async (processes, name, program = PROGRAM) => {
  const port = await freePort()
  const file = processes.fileOf(`${name}.ledger`)
  let child

  const start = async () => {
    for (let tries = 0; tries < STARTS; tries++) {
      child = processes.fork(program, [String(port), file])
      const exited = once(child, 'exit').then(() => false)
      if (await Promise.race([once(child, 'message').then(() => true), exited])) return
      await sleep(100)
    }
    throw new Error(`port ${port} was taken by another`)
  }

  await start()
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    start,
    behave: (way) => child.send(way),
    /** Sends a message, and gives the one that comes back. */
    ask: async (what) => {
      child.send(what)
      return (await once(child, 'message'))[0]
    },
    /** By kill -9; resolves when it is dead. */
    kill: async () => {
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
    ledger: () => (existsSync(file) ? readFileSync(file, 'latin1') : ''),
  }
}
