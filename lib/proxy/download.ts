import type { IncomingMessage } from 'node:http'
import type { Exchange } from '../http/exchange.js'
import { tryWriteHead } from '../http/respond.js'
import { startPump, type Pump } from './pump.js'
import { isPlainlyFramed, responseHeaders } from './response-headers.js'
import { passableTrailers } from './trailers.js'

export interface AnswerHeadOptions {
  /** The value of `X-Proxy-State`, for the hop in front. */
  segment: string
  /** Whether the connection to the client is closed behind the answer. */
  isLast: boolean
}

/** Writes the head of the service's answer to the client; gives why when it cannot be relayed. */
export const writeAnswerHead = (
  exchange: Exchange,
  answer: IncomingMessage,
  { segment, isLast }: AnswerHeadOptions,
): string | undefined => {
  const { rawHeaders } = answer
  const status = answer.statusCode as number // set on every response
  if (status < 200) return 'unexpected_upgrade'
  if (!isPlainlyFramed(rawHeaders)) return 'unknown_transfer_coding'
  const headers = responseHeaders(exchange, rawHeaders, { status, segment })
  if (isLast) headers.push('Connection', 'close')
  return tryWriteHead(exchange, status, answer.statusMessage as string, headers)
}

export interface DownloadEvents {
  /** Bytes moved. */
  activity(): void
  /** The last byte and the trailers were written; the response is not ended. */
  ended(): void
}

/** Streams the body of the service's answer to the client. */
export const startDownload = (
  { response }: Exchange,
  answer: IncomingMessage,
  events: DownloadEvents,
): Pump => {
  const pump = startPump({
    from: answer,
    to: response,
    onActivity: () => events.activity(),
    onEnd: () => {
      const trailers = passableTrailers(answer.rawTrailers)
      if (trailers.length > 0) response.addTrailers(trailers)
      events.ended()
    },
  })
  // Headers do not wait for a body that is slow to come; one that is here already goes with them.
  setImmediate(() => !response.writableEnded && response.flushHeaders())
  return pump
}
