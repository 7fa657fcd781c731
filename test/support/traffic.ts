// Clients that ask again and again, and count whatever is no answer.
import { Agent, request } from 'node:http'

export interface Traffic {
  answered: number
  /** Of connections that were opened. */
  opened: number
  failures: string[]
  stop(): Promise<void>
}

interface TrafficOptions {
  headers: Record<string, string>
  /** Clients that keep their connection, and those that open one for each request. */
  kept: number
  fresh: number
  /** Between two requests of a client, in milliseconds. */
  pauseMs?: number
}

export const startTraffic = (url: string, options: TrafficOptions): Traffic => {
  const { headers, kept, fresh, pauseMs = 5 } = options
  let isOver = false
  const traffic: Traffic = {
    answered: 0,
    opened: 0,
    failures: [],
    stop: async () => {
      isOver = true
      await Promise.all(clients)
    },
  }

  const ask = (agent: Agent | false): Promise<void> =>
    new Promise((resolve) => {
      const asking = request(url, { agent, headers }, (response) => {
        response.on('error', (error) => fail(error))
        response.resume().once('end', () => {
          if (response.statusCode === 200) traffic.answered++
          else traffic.failures.push(`${response.statusCode}`)
          resolve()
        })
      })
      const fail = ({ code, message }: NodeJS.ErrnoException): void => {
        traffic.failures.push(`${code ?? message}${asking.reusedSocket ? ' kept' : ''}`)
        resolve()
      }
      asking.on('error', fail)
      asking.on('socket', (socket) => {
        if (!asking.reusedSocket) socket.once('connect', () => traffic.opened++)
      })
      asking.end()
    })

  const client = async (agent: Agent | false): Promise<void> => {
    while (!isOver) {
      await ask(agent)
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
    if (agent) agent.destroy()
  }

  const clients = [
    ...Array.from({ length: kept }, () => client(new Agent({ keepAlive: true, maxSockets: 1 }))),
    ...Array.from({ length: fresh }, () => client(false)),
  ]
  return traffic
}
