import { request, type Agent, type ClientRequest } from 'node:http'
import type { Exchange } from '../http/exchange.js'
import { outboundHeaders, type Identity } from './outbound-headers.js'
import type { Upstream } from './upstream.js'

export interface UpstreamRequestOptions {
  /** `false` for a fresh connection that is not kept. */
  agent: Agent | false
  /** The path and query at the service behind. */
  path: string
  identity: Identity
}

/** Opens the request to the service behind, in the name of the client's; its body is yet to come. */
export const openRequest = (
  { upstream, passAuthorization }: { upstream: Upstream; passAuthorization: boolean },
  exchange: Exchange,
  { agent, path, identity }: UpstreamRequestOptions,
): ClientRequest => {
  const upstreamRequest = request({
    agent,
    hostname: upstream.hostname,
    port: upstream.port,
    method: exchange.request.method,
    path,
    headers: outboundHeaders(exchange, {
      authority: upstream.authority,
      identity,
      passAuthorization,
    }),
    setHost: false,
  })
  // Fields that the parser hides would still frame the body.
  upstreamRequest.maxHeadersCount = 0
  return upstreamRequest
}
