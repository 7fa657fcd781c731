import type { IncomingMessage } from 'node:http'
import type { Exchange } from '../http/exchange.js'
import { valuesOf } from '../http/headers.js'
import { startExpiry } from './expiry.js'

/**
 * Ends a stream of server-sent events (HTML Standard Section 9.2) when the caller's token does: with
 * a last comment line, and `onExpired`. Another answer is not ended: it was granted whole. Gives what
 * stops it, or `undefined`.
 */
export const endWithToken = (
  exchange: Exchange,
  answer: IncomingMessage,
  expiresAtSeconds: number | undefined,
  onExpired: () => void,
): (() => void) | undefined => {
  const { response } = exchange
  if (expiresAtSeconds === undefined || !isEventStream(answer)) return undefined
  if (valuesOf(answer.rawHeaders, 'content-length').length > 0) return undefined
  const isPlain = valuesOf(answer.rawHeaders, 'content-encoding').length === 0
  let last = LINE_FEED
  // A chunk is never empty.
  answer.on('data', (chunk: Buffer) => (last = chunk[chunk.length - 1] as number))
  return startExpiry(exchange, expiresAtSeconds, () => {
    // An event that is under way stays without the empty line that would complete it, so that the
    // client drops it.
    if (isPlain) response.write(`${last === LINE_FEED ? '' : '\n'}${LAST_LINE}`)
    onExpired()
  })
}

const LINE_FEED = 10
const LAST_LINE = ': the token has expired\n'

const isEventStream = ({ rawHeaders }: IncomingMessage): boolean => {
  const [type = ''] = valuesOf(rawHeaders, 'content-type')
  return /^text\/event-stream[ \t]*(;|$)/i.test(type)
}
