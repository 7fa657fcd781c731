// A gateway on the clock of the machine, in front of targets that can be killed, with a page to look at.
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { createGateway, type GatewayOptions, type LogEvent } from '../../lib/index.js'
import { bearer, cheapHasher, mint, SECRET } from './gateways.js'
import { operatorOf, WITH_ADMIN } from './operator.js'

export interface LiveTarget {
  url: string
  kill: () => Promise<void>
  revive: () => Promise<void>
}

/** A service that answers everything at once, as long as it lives. */
export const startTarget = async (t: Test): Promise<LiveTarget> => {
  let server: Server
  let port = 0
  const revive = async (): Promise<void> => {
    server = createServer((_, response) => response.end('ok'))
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  }
  const kill = async (): Promise<void> => {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  await revive()
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${port}`, kill, revive }
}

export interface LiveGateway {
  /** Of the listener for operators. */
  adminOrigin: string
  /** Sends a request with a token, a good one unless it is told. */
  ask: (token?: string, headers?: Record<string, string>) => Promise<Response>
  /** Sends requests one after another, about a hundred a second, until the test ends. */
  keepAsking: () => void
}

export const startLiveGateway = async (
  t: Test,
  options: Partial<GatewayOptions>,
): Promise<LiveGateway> => {
  const events: LogEvent[] = []
  const gateway = createGateway(
    { jwtSecret: SECRET, ...WITH_ADMIN, ...options },
    { log: (event) => void events.push(event), passwordHasher: cheapHasher() },
  )
  const { port } = await gateway.listen(0)
  let isOver = false
  t.teardown(async () => {
    isOver = true
    await gateway.close()
  })
  const good = tokenFor(3_600)
  const ask: LiveGateway['ask'] = async (token = good, headers = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}/v1/proxy/`, {
      headers: { ...bearer(token), ...headers },
    })
    await response.arrayBuffer()
    return response
  }
  const run = async (): Promise<void> => {
    while (!isOver) {
      await ask().catch(() => {}) // the end of the test
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
  return { adminOrigin: operatorOf({ events }).origin, ask, keepAsking: () => void run() }
}

/** A token that ends so many seconds from now; for the past, one that has been good. */
export const tokenFor = (seconds: number): string => {
  const now = Math.floor(Date.now() / 1_000)
  return mint({ iat: now - 7_200, exp: now + seconds })
}
