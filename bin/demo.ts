import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Settings } from '../lib/config.js'
import { demoText, originFor } from './demo-text.js'
import { createEchoService } from './echo-service.js'

/** What a demonstration supplies. */
export interface Demo {
  /** In place of options that nobody gave. */
  stopgaps: ReadonlyMap<string, string>
  /** Tells what runs, where, and what to try. Ends the service that echoes, where there is another. */
  tell(settings: Settings, ports: { port: number; admin: number }): void
}

/** The stopgaps of a demonstration whose service listens on a port. */
export const demoStopgaps = (echoPort: number): Map<string, string> =>
  new Map([
    ['upstream', `http://127.0.0.1:${echoPort}`],
    ['jwtSecret', randomBytes(32).toString('base64url')],
  ])

/** Starts the service that echoes. */
export const startDemo = async (write: (text: string) => unknown): Promise<Demo> => {
  const echo: Server = createEchoService().listen(0, '127.0.0.1')
  await once(echo, 'listening')
  const stopgaps = demoStopgaps((echo.address() as AddressInfo).port) // it listens
  return {
    stopgaps,
    tell: ({ host, upstream = [], jwtSecret, tls, admin }, ports) => {
      const urls = upstream.map(({ url }) => url)
      const isEchoUsed = stopgaps.get('upstream') === urls[0]
      if (!isEchoUsed) echo.close()
      const secret = stopgaps.get('jwtSecret')
      const isSecretUsed = Buffer.from(jwtSecret ?? []).toString() === secret
      write(
        demoText({
          origin: originFor(tls.certFile ? 'https' : 'http', host, ports.port),
          statusPage: `${originFor('http', admin.host, ports.admin)}/`,
          upstream: isEchoUsed ? undefined : urls.join(', '),
          secret: isSecretUsed ? secret : undefined,
        }),
      )
    },
  }
}
