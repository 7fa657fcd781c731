import type { Test } from 'tap'
import type { GatewayOptions } from '../../lib/index.js'
import { SAMPLE_MS } from '../../lib/overload/overload.js'
import { cheapHasher, startGateway, type RunningGateway } from './gateways.js'
import { AUTHORIZATION } from './raw-requests.js'
import { connectRaw, type RawClient } from './raw-client.js'
import { startService } from './services.js'
import { until } from './until.js'

/** The bytes of a request; the last of `rest` is its body. */
export const requestBytes = (line: string, ...rest: string[]): string =>
  [`${line} HTTP/1.1`, 'Host: a', ...(rest.length > 0 ? rest : ['', ''])].join('\r\n')

export const HEALTH = requestBytes('GET /healthz')
export const QUICK = requestBytes('GET /v1/proxy/quick', AUTHORIZATION, '', '')
const HELD = requestBytes('GET /v1/proxy/held', AUTHORIZATION, '', '')

const UNENDING = { responseHeadersMs: 2e9 }

/** A gateway in front of a service that answers `/held` only when it is let go. */
export const startHeld = async (
  t: Test,
  options: Partial<GatewayOptions>,
  passwordHasher = cheapHasher(),
) => {
  const held: Array<() => void> = []
  const service = await startService(t, ({ url }, response) => {
    if (url === '/held') held.push(() => response.end('released'))
    else response.end('quick')
  })
  const gateway = await startGateway(
    t,
    { upstream: service.url, timeouts: UNENDING, ...options },
    { passwordHasher },
  )
  const hold = async (): Promise<RawClient> => {
    const before = held.length
    const client = connectRaw(t, gateway.port)
    client.send(HELD)
    await until('it is in flight', () => held.length > before)
    return client
  }
  return { ...gateway, service, held, hold }
}

/** What was told of levels, a line each. */
export const levelsOf = ({ events }: Pick<RunningGateway, 'events'>): string[] =>
  events.flatMap((event) =>
    event.event === 'overload_began' || event.event === 'overload_ended'
      ? [`${event.resource} ${event.limit} ${event.event.slice(9)} ${event.value}`]
      : [],
  )

/** Takes samples until a level has begun or ended. */
export const sampleUntil = (gateway: RunningGateway, last: RegExp): Promise<void> =>
  until(String(last), () => {
    if (last.test(levelsOf(gateway).at(-1) ?? '')) return true
    gateway.clock.advance(SAMPLE_MS)
    return false
  })
