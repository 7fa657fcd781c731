import { connect, type Socket } from 'node:net'
import type { Test } from 'tap'
import { createPassportReader } from '../../lib/passport/index.js'
import type { LogEvent } from '../../lib/index.js'
import { START_SECONDS } from '../support/manual-clock.js'
import { startGateway } from '../support/gateways.js'
import { secretOf } from '../support/secrets.js'
import { startRawService, type RawConnection } from '../support/services.js'
import { readRequests, valuesIn, type Message } from './wire-reader.js'

/** What a service got of one user. */
export interface Arrived {
  user: string
  serial: number
  message: Message
}

export interface Scene {
  port: number
  events: LogEvent[]
  /** Whole requests, in their order; whoever judges takes his out. */
  arrived: Arrived[]
  /** What was wrong with what the service got, whoever sent it. */
  faults: string[]
  close(): Promise<void>
}

const secret = secretOf('wire')

/** A gateway, and behind it a service that reads strictly and answers each request with its number. */
export const openScene = async (): Promise<Scene> => {
  const ends: Array<() => unknown> = []
  const t = { teardown: (end: () => unknown) => void ends.unshift(end) } as unknown as Test // no more is used
  const arrived: Arrived[] = []
  const faults: string[] = []
  const read = createPassportReader({ secret, now: () => START_SECONDS * 1_000 })
  let serials = 0

  const take = (connection: RawConnection, message: Message): void => {
    const passport = read(message.fields.flat())
    const ours = message.fields.filter(([name]) =>
      /^x[^a-z0-9](?:passport.*|proxy[^a-z0-9]state)$/i.test(name),
    )
    if (!passport.ok || ours.length !== 3 || ours.some(([, value]) => value.includes('FORGED')))
      return void faults.push(`identity: ${JSON.stringify(message)}`)
    const serial = ++serials
    arrived.push({ user: passport.passport.user_id, serial, message })
    const [offered] = valuesIn(message, 'upgrade').flatMap((value) => value.split(', '))
    const isUpgrade = offered !== undefined
    const head = isUpgrade
      ? `HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: ${offered}`
      : `HTTP/1.1 200 OK\r\nContent-Length: ${String(serial).length}`
    const body = isUpgrade || message.start.startsWith('HEAD') ? '' : String(serial)
    connection.socket.write(`${head}\r\nX-Serial: ${serial}\r\n\r\n${body}`, 'latin1')
  }
  const tunnels = new WeakSet<RawConnection>()
  const service = await startRawService(t, (connection) => {
    if (tunnels.has(connection)) return
    const { messages, rest, fault } = readRequests(connection.received)
    connection.received = rest
    for (const message of messages) {
      if (valuesIn(message, 'upgrade').length > 0) tunnels.add(connection)
      take(connection, message)
    }
    if (fault && !tunnels.has(connection)) faults.push(`${fault}: ${JSON.stringify(rest)}`)
  })
  const { port, events } = await startGateway(t, {
    upstream: service.url,
    passportSecret: secret,
    ejection: { maxPercent: 0 },
  })
  return {
    port,
    events,
    arrived,
    faults,
    close: async () => {
      for (const end of ends) await end()
    },
  }
}

export interface Heard {
  text: string
  isHung: boolean
}

/**
 * Sends bytes on a connection, in two parts cut at `cut`; ends it as soon as `isEnough` or when it has been
 * still for `stillMs`, and hears until the gateway closes it.
 */
export const send = (
  port: number,
  bytes: string,
  cut: number,
  isEnough: (text: string) => boolean,
  stillMs: number,
): Promise<Heard> =>
  new Promise((resolve) => {
    const socket: Socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    let text = ''
    const finish = (isHung: boolean): void => {
      clearTimeout(still)
      clearTimeout(limit)
      socket.destroy()
      resolve({ text, isHung })
    }
    const end = (): void => void socket.end()
    const limit = setTimeout(() => finish(true), HUNG_MS)
    const still = setTimeout(end, stillMs)
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      text += chunk
      still.refresh()
      if (isEnough(text)) end()
    })
    socket.on('end', () => finish(false))
    socket.on('close', () => finish(false))
    socket.on('error', () => finish(false))
    socket.write(bytes.slice(0, cut), 'latin1')
    setImmediate(() => socket.writable && socket.write(bytes.slice(cut), 'latin1'))
  })

const HUNG_MS = 15_000
