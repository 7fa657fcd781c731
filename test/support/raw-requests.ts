import type { Test } from 'tap'
import { bearer } from './gateways.js'
import { exchangeRaw } from './raw-client.js'
import { startRawService, type RawConnection, type RawService } from './services.js'

/** The line of a good token. */
export const AUTHORIZATION = `Authorization: ${bearer().Authorization}`

/** Sends one request to `/a` that closes its connection; `lines` are its further fields and body. */
export const sendRaw = (
  t: Test,
  port: number,
  method: string,
  ...lines: string[]
): Promise<string> =>
  exchangeRaw(
    t,
    port,
    `${method} /v1/proxy/a HTTP/1.1`,
    'Host: a',
    AUTHORIZATION,
    'Connection: close',
    ...(lines.length > 0 ? lines : ['', '']),
  )

/** The lines of a request for an upgrade. */
export const upgradeRequest = (...fields: string[]): string[] => [
  'GET /v1/proxy/a HTTP/1.1',
  'Host: a',
  AUTHORIZATION,
  'Connection: upgrade',
  ...fields,
  '',
  '',
]

/** The answer of a service that switches to `talk`. */
export const SWITCH =
  'HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: talk\r\nX-P: 1\r\n\r\n'

export const hasHead = ({ received }: RawConnection): boolean => received.includes('\r\n\r\n')

/** A service that takes the request and resets the connection, or ends it after `answer`. */
export const startBroken = (t: Test, answer = ''): Promise<RawService> =>
  startRawService(t, (connection) => {
    const { socket } = connection
    if (!hasHead(connection)) return
    if (answer === '') socket.resetAndDestroy()
    else socket.end(answer)
  })
