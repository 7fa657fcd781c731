import { connect, type Socket } from 'node:net'
import type { Test } from 'tap'
import { until } from './until.js'

/** A client that writes bytes as they are and keeps what comes back, as latin1 text. */
export interface RawClient {
  readonly socket: Socket
  readonly received: string
  /** Whether the other side has ended or cut the connection. */
  readonly isClosed: boolean
  /** Whether it was cut by a reset. */
  readonly isReset: boolean
  send(...lines: string[]): void
  /** Resolves to what came, once it matches. */
  until(pattern: RegExp): Promise<string>
  /** Resolves to all that came, once the connection is closed. */
  untilClosed(): Promise<string>
}

/** Connects from an address of this machine. */
export const connectRaw = (t: Test, port: number, localAddress = '127.0.0.1'): RawClient => {
  const socket = connect({ port, host: '127.0.0.1', localAddress })
  const chunks: string[] = []
  let isClosed = false
  let isReset = false
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => void chunks.push(chunk))
  socket.on('error', (error: NodeJS.ErrnoException) => (isReset ||= error.code === 'ECONNRESET'))
  socket.on('end', () => (isClosed = true))
  socket.on('close', () => (isClosed = true))
  t.teardown(() => void socket.destroy())
  const received = (): string => chunks.join('')
  return {
    socket,
    get received() {
      return received()
    },
    get isClosed() {
      return isClosed
    },
    get isReset() {
      return isReset
    },
    send: (...lines) => void socket.write(lines.join('\r\n'), 'latin1'),
    until: async (pattern) => {
      await until(`${pattern} in ${JSON.stringify(received())}`, () => pattern.test(received()))
      return received()
    },
    untilClosed: async () => {
      await until('the connection to close', () => isClosed)
      return received()
    },
  }
}

/** Sends one request on a connection of its own, and resolves to all that comes back until it closes. */
export const exchangeRaw = (t: Test, port: number, ...lines: string[]): Promise<string> => {
  const client = connectRaw(t, port)
  client.send(...lines)
  return client.untilClosed()
}

/** How many answers there are in what came. */
export const countAnswers = (received: string): number =>
  received.match(/HTTP\/1\.1 \d{3} /g)?.length ?? 0

/** Sends a request whose body is waited for when its client leaves. */
export const leaveWithinBody = async (
  t: Test,
  port: number,
  line: string,
  ...fields: string[]
): Promise<void> => {
  const client = connectRaw(t, port)
  client.send(
    `${line} HTTP/1.1`,
    'Host: a',
    ...fields,
    'Content-Type: application/json',
    'Content-Length: 90',
    'Expect: 100-continue',
    '',
    '',
  )
  await client.until(/100 Continue/)
  client.send('{"email":')
  client.socket.destroy()
}
