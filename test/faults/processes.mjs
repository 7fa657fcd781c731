// Starts processes, and sees that none of them is left behind.
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const createProcesses = () => {
  const children = new Set()
  const directory = mkdtempSync(join(tmpdir(), 'faults-'))

  const watch = (child) => {
    children.add(child)
    child.once('exit', () => children.delete(child))
    return child
  }
  const stop = () => {
    for (const child of children) child.kill('SIGKILL')
    rmSync(directory, { recursive: true, force: true })
  }
  process.once('exit', stop)

  return {
    /** `output` is the descriptor of a file: a pipe that is read too late would hold it up. */
    fork: (path, args, { env, output = 'ignore', execArgv = [] } = {}) =>
      watch(
        fork(path, args, {
          env: { ...process.env, ...env },
          stdio: ['ignore', output, 'inherit', 'ipc'],
          execArgv,
        }),
      ),
    /** Another program, whose words are written to the descriptor `output`. */
    spawn: (command, args, { output }) =>
      watch(spawn(command, args, { stdio: ['ignore', output, output] })),
    fileOf: (name) => join(directory, name),
    stop,
  }
}

/**
 * A port that is free, below those that the system gives to connections: one of these could take it
 * while nobody listens there, or even be connected to itself.
 */
export const freePort = async () => {
  for (let tries = 0; tries < 100; tries++) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    const server = createServer().listen(port, '127.0.0.1')
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    )
    if (!isFree) continue
    server.close()
    await once(server, 'close')
    return port
  }
  throw new Error('no port is free')
}
