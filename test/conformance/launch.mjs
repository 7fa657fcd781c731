// Starts processes and makes directories for them, and sees that nothing of it is left behind.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export const createLauncher = () => {
  const children = new Set()
  const directories = []

  const stop = (signal = 'SIGTERM') => {
    for (const child of children) child.kill(signal)
  }
  const clean = () => {
    for (const directory of directories) rmSync(directory, { recursive: true, force: true })
  }
  // The last resort, if the runner itself breaks: SIGTERM, as a killed nginx orphans its workers.
  process.once('exit', () => {
    stop()
    clean()
  })

  return {
    directory: () => {
      const directory = mkdtempSync(join(tmpdir(), 'conformance-'))
      directories.push(directory)
      return directory
    },
    /** A process whose standard output is `lines`; what it complains of is kept for `failure`. */
    start: (command, args, env = {}) => {
      const child = spawn(command, args, { env: { ...process.env, ...env } })
      const complaints = []
      children.add(child)
      child.on('error', (error) => complaints.push(error.message))
      child.once('exit', () => children.delete(child))
      child.stderr.on('data', (bytes) => complaints.push(bytes.toString()))
      const failure = () => new Error(`${command} did not start: ${complaints.join('')}`)
      return { child, lines: createInterface({ input: child.stdout }), failure }
    },
    stop: async () => {
      const exits = [...children].map((child) => once(child, 'exit'))
      stop()
      const late = setTimeout(stop, 3_000, 'SIGKILL')
      await Promise.all(exits)
      clearTimeout(late)
      clean()
    },
  }
}

/** The port that a process of ours names in a line of JSON. Its output is read on all its life. */
export const portNamedBy = ({ child, lines, failure }) =>
  new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      const { port } = line.startsWith('{') ? JSON.parse(line) : {}
      if (port) resolve(port)
    })
    child.once('exit', () => reject(failure()))
  })

/** A port that was free a moment ago. */
export const freePort = async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

/** Waits until somebody listens on `port`, asking again as long as the process lives. */
export const listening = async (port, { child, failure }) => {
  for (const deadline = Date.now() + 5_000; Date.now() < deadline && child.exitCode === null;) {
    const socket = connect(port, '127.0.0.1')
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (isOpen) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw failure()
}
