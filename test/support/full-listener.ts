import { fork } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { until } from './until.js'

const BACKLOG = 1

if (process.argv[2] === 'listen') {
  const { createServer } = await import('node:net')
  const server = createServer().listen({ port: 0, host: '127.0.0.1', backlog: BACKLOG })
  await once(server, 'listening')
  process.send?.(server.address(), () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0) // and never accepts
  })
}

/** The URL of a service whose queue of connections is full: connecting to it takes for ever. */
export const startFullListener = async (t: Test): Promise<string> => {
  const child = fork(fileURLToPath(import.meta.url), ['listen'], { execArgv: process.execArgv })
  t.teardown(() => void child.kill('SIGKILL'))
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  let connected = 0
  for (let i = 0; i < BACKLOG + 3; i++) {
    const socket = connect(port, '127.0.0.1', () => connected++)
    socket.on('error', () => {})
    t.teardown(() => void socket.destroy())
  }
  await until('the queue is full', () => connected > BACKLOG)
  return `http://127.0.0.1:${port}`
}
