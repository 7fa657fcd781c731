import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

const HALF = 'HTTP/1.1 200 OK\r\n\r\nhalf'
const ASKED_MS = 20
const HALVED_MS = 5
const STANDSTILL_MS = 100

if (process.argv[2] === 'serve') {
  const server = createServer((socket: Socket & { resetAndClosing?: boolean }) => {
    socket.once('data', () => {
      process.send?.('asked')
      setTimeout(() => {
        socket.write(HALF)
        setTimeout(() => {
          socket.resetAndClosing = true
          socket.destroy()
        }, HALVED_MS)
      }, ASKED_MS)
    })
  }).listen(0, '127.0.0.1', () => process.send?.(server.address()))
  process.on('disconnect', () => process.exit())
}

/**
 * The URL of a service that gives half an answer, which its connection delimits, and resets that.
 * Meanwhile this process stands still, so that it finds both at once.
 */
export const startResettingService = async (t: Test): Promise<string> => {
  const child = fork(fileURLToPath(import.meta.url), ['serve'], { execArgv: process.execArgv })
  t.teardown(() => void child.kill('SIGKILL'))
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  child.on('message', () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STANDSTILL_MS)
  })
  return `http://127.0.0.1:${port}`
}
