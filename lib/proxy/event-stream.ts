import type { Exchange } from '../http/exchange.js'
import { valuesOf } from '../http/headers.js'
import { TOKEN_ENDS, type TokenWatch } from './token-watch.js'
import type { UpstreamAnswer } from './upstream-answer.js'

/**
 * Ends a stream of server-sent events (HTML Standard Section 9.2) when the caller's token does: with
 * a last comment line, and `onEnd`. Another answer is not ended: it was granted whole. Gives what
 * stops it, or `undefined`.
 */
export const endWithToken = (
  exchange: Exchange,
  answer: UpstreamAnswer,
  token: TokenWatch | undefined,
  isBetweenLines: () => boolean,
  onEnd: (reason: string) => void,
): (() => void) | undefined => {
  const { response } = exchange
  if (!token || !isEventStream(answer)) return undefined
  if (valuesOf(answer.rawHeaders, 'content-length').length > 0) return undefined
  const isPlain = valuesOf(answer.rawHeaders, 'content-encoding').length === 0
  return token.watch((end) => {
    const { farewell, reason } = TOKEN_ENDS[end]
    // An event that is under way stays without the empty line that would complete it, so that the
    // client drops it.
    if (isPlain) response.write(`${isBetweenLines() ? '' : '\n'}: ${farewell}\n`)
    onEnd(reason)
  })
}

/** Whether the client asks for such a stream, as `EventSource` does. */
export const asksForEvents = ({ request }: Exchange): boolean =>
  EVENT_STREAM.test(request.headers.accept ?? '')

const EVENT_STREAM = /^text\/event-stream[ \t]*(;|,|$)/i

const isEventStream = ({ rawHeaders }: UpstreamAnswer): boolean => {
  const [type = ''] = valuesOf(rawHeaders, 'content-type')
  return EVENT_STREAM.test(type)
}
