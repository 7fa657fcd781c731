import type { Exchange } from '../http/exchange.js'
import { tryWriteHead } from '../http/respond.js'
import { AnswerBody } from './answer-body.js'
import { createPace, type Pace } from './pace.js'
import { startPump, type Pump } from './pump.js'
import { isPlainlyFramed, responseHeaders } from './response-headers.js'
import { passableTrailers } from './trailers.js'
import type { UpstreamAnswer } from './upstream-answer.js'

export interface AnswerHeadOptions {
  /** The value of `X-Proxy-State`, for the hop in front. */
  segment: string
  /** Whether the connection to the client is closed behind the answer. */
  isLast: boolean
}

/** Writes the head of the service's answer to the client; gives why when it cannot be relayed. */
export const writeAnswerHead = (
  exchange: Exchange,
  answer: UpstreamAnswer,
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
  /** The client takes it too slowly. */
  tooSlow(): void
}

export interface Download extends Pump {
  /** Holds nothing back of what came. */
  flush(): void
  /** Ends the response. */
  end(): void
}

/** Streams the body of the service's answer to the client, who must take it so fast or faster. */
export const startDownload = (
  exchange: Exchange,
  answer: UpstreamAnswer,
  leastBytesPerSecond: number,
  events: DownloadEvents,
): Download => {
  const { response } = exchange
  const { socket } = exchange.request
  const takenBytes = (): number => socket.bytesWritten - socket.writableLength
  const body = new AnswerBody(response)
  let pace: Pace | undefined
  const hold = (): Pace =>
    (pace ??= createPace(exchange, {
      bytesPerSecond: leastBytesPerSecond,
      moved: takenBytes,
      creditBytes: takenBytes(),
      limitCreditBytes: HIDDEN_BYTES,
      onTooSlow: () => events.tooSlow(),
    }))
  const pump = startPump({
    from: answer,
    to: body,
    onTurn: (isBlocked) => (isBlocked ? hold().wait() : hold().rest()),
    onActivity: () => events.activity(),
    onEnd: () => {
      const trailers = passableTrailers(answer.rawTrailers)
      if (trailers.length > 0) response.addTrailers(trailers)
      events.ended()
    },
  })
  return {
    ...pump,
    flush: () => body.flush(),
    end: () => body.end(),
    stop: () => {
      pace?.stop()
      pump.stop()
    },
  }
}

// What the system took may not have reached the client: it says so only once a third of it has.
const HIDDEN_BYTES = 1_048_576
