import type { Exchange } from '../http/exchange.js'
import { tryWriteHead } from '../http/respond.js'
import { AnswerBody } from './answer-body.js'
import { createPace, type Pace } from './pace.js'
import type { PieceBuffers } from './piece-buffers.js'
import { Pump, type PumpEvents } from './pump.js'
import { responseHeaders } from './response-headers.js'
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
  const { statusCode: status, statusMessage, rawHeaders } = answer
  const headers = responseHeaders(exchange, rawHeaders, { status, segment })
  if (isLast) headers.push('Connection', 'close')
  return tryWriteHead(exchange, status, statusMessage, headers)
}

export interface DownloadEvents {
  /** It was not all here at once. */
  unended(): void
  /** Bytes moved. */
  activity(): void
  /** The last byte and the trailers were written; the response is not ended. */
  ended(): void
  /** The client takes it too slowly. */
  tooSlow(): void
}

export interface DownloadOptions {
  /** How fast the client must take it, in bytes a second; 0 lets him take his time. */
  leastBytesPerSecond: number
  buffers: PieceBuffers
}

/** Streams the body of the service's answer to the client, who must take it so fast or faster. */
export class Download implements PumpEvents {
  readonly #exchange: Exchange
  readonly #answer: UpstreamAnswer
  readonly #leastBytesPerSecond: number
  readonly #events: DownloadEvents
  readonly #body: AnswerBody
  readonly #pump: Pump
  #pace: Pace | undefined
  #isUnended = false
  #lastByte = LINE_FEED

  constructor(
    exchange: Exchange,
    answer: UpstreamAnswer,
    { leastBytesPerSecond, buffers }: DownloadOptions,
    events: DownloadEvents,
  ) {
    this.#exchange = exchange
    this.#answer = answer
    this.#leastBytesPerSecond = leastBytesPerSecond
    this.#events = events
    this.#body = new AnswerBody(exchange, buffers)
    this.#pump = new Pump(answer, this.#body, this)
  }

  /** Whether the client is what is waited for. */
  get isBlocked(): boolean {
    return this.#pump.isBlocked
  }

  /** Holds nothing back of what came. */
  flush(): void {
    this.#body.flush()
  }

  /** Ends the response. */
  end(): void {
    this.#body.end()
  }

  stop(): void {
    this.#pace?.stop()
    this.#pump.stop()
  }

  /** Whether nothing came yet, or the last byte was a line feed. */
  isBetweenLines(): boolean {
    return this.#lastByte === LINE_FEED
  }

  pass(chunk: Buffer): Buffer {
    this.#lastByte = chunk[chunk.length - 1] as number // a chunk is never empty
    return chunk
  }

  turned(isBlocked: boolean): void {
    if (isBlocked) this.#hold().wait()
    else this.#hold().rest()
  }

  rested(): void {
    if (this.#isUnended) return
    this.#isUnended = true
    this.#body.flush()
    this.#events.unended()
  }

  moved(): void {
    this.#events.activity()
  }

  ended(): void {
    const trailers = passableTrailers(this.#answer.rawTrailers)
    if (trailers.length > 0) this.#exchange.response.addTrailers(trailers)
    this.#events.ended()
  }

  #hold(): Pace {
    const { socket } = this.#exchange.request
    const takenBytes = (): number => socket.bytesWritten - socket.writableLength
    return (this.#pace ??= createPace(this.#exchange, {
      bytesPerSecond: this.#leastBytesPerSecond,
      moved: takenBytes,
      creditBytes: takenBytes(),
      limitCreditBytes: HIDDEN_BYTES,
      onTooSlow: () => this.#events.tooSlow(),
    }))
  }
}

const LINE_FEED = 10

// What the system took may not have reached the client: it says so only once a third of it has.
const HIDDEN_BYTES = 1_048_576
