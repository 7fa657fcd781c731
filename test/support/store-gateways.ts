import type { Test } from 'tap'
import type { GatewayOptions } from '../../lib/index.js'
import { ADA } from './accounts.js'
import {
  bearer,
  postJson,
  startGateway,
  type ManualParts,
  type RunningGateway,
} from './gateways.js'
import { startHttpService } from './services.js'

/** A gateway over stores, in front of a service that answers everything. */
export const startOver = async (
  t: Test,
  stores: ManualParts,
  options: Partial<GatewayOptions> = {},
): Promise<RunningGateway> => {
  const service = await startHttpService(t, (_, response) => response.end('ok'))
  return startGateway(t, { upstream: service.url, ...options }, stores)
}

/** Posts to an endpoint under `/v1/auth/`. */
export const auth = ({ origin }: RunningGateway, name: string, body: unknown = ADA, headers = {}) =>
  postJson(`${origin}/v1/auth/${name}`, body, headers)

/** The status of a proxied request. */
export const proxied = async ({ origin }: RunningGateway, token?: string): Promise<number> => {
  const response = await fetch(`${origin}/v1/proxy/`, { headers: bearer(token) })
  await response.arrayBuffer()
  return response.status
}

/** What `/readyz` answers, and with which status. */
export const readiness = async ({ origin }: RunningGateway): Promise<unknown> => {
  const response = await fetch(`${origin}/readyz`)
  return { code: response.status, ...((await response.json()) as object) }
}
