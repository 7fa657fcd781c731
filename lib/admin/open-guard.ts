import { isIP } from 'node:net'
import { valuesOf } from '../http/headers.js'
import { sendProblem } from '../http/respond.js'
import type { Guard } from './guard.js'

/**
 * The guard where there is no token of operators: lets whoever reaches the listener through, who names
 * it by an IP address or as `localhost`. A page of some other origin cannot, even where the name of its
 * own host suddenly resolves to this machine (DNS rebinding).
 */
export const openGuard: Guard = (handler) => (exchange) => {
  const [host = ''] = valuesOf(exchange.request.rawHeaders, 'host') // there is exactly one
  return isPlainAddress(host) ? handler(exchange) : sendProblem(exchange, 'misdirected_request')
}

const isPlainAddress = (host: string): boolean => {
  const name = host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1')
  return name.toLowerCase() === 'localhost' || isIP(name) !== 0
}
