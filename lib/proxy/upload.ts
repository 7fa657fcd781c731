import type { Exchange } from '../http/exchange.js'
import type { KeptBody } from './kept-body.js'
import { createPace, type Pace } from './pace.js'
import { Pump, type PumpEvents } from './pump.js'
import type { RequestBody } from './request-body.js'
import { RequestSource } from './request-source.js'
import { passableTrailers } from './trailers.js'

export interface UploadOptions {
  exchange: Exchange
  outbound: RequestBody
  /** What came of the body before is sent first; what comes is kept. */
  kept: KeptBody
  /** The largest body, in bytes. */
  limitBytes: number
  /** How fast it must arrive, in bytes a second; 0 lets it take its time. */
  leastBytesPerSecond: number
}

export interface UploadEvents {
  /** Bytes moved. */
  uploading(): void
  /** The body is larger than it may be. */
  tooLarge(): void
  /** It arrives too slowly. */
  tooSlow(): void
  /** The last byte was read. */
  uploadRead(): void
  /** The last byte was taken by the system. */
  uploadSent(): void
}

/** Streams the body of the client's request to a target. */
export class Upload implements PumpEvents {
  readonly #options: UploadOptions
  readonly #events: UploadEvents
  readonly #pace: Pace
  readonly #pump: Pump

  constructor(options: UploadOptions, events: UploadEvents) {
    this.#options = options
    this.#events = events
    const { exchange, outbound, kept, leastBytesPerSecond } = options
    const { request } = exchange
    this.#pace = createPace(exchange, {
      bytesPerSecond: request.complete ? 0 : leastBytesPerSecond,
      moved: () => kept.bytes,
      creditBytes: 0,
      limitCreditBytes: CREDIT_SECONDS * leastBytesPerSecond,
      onTooSlow: () => events.tooSlow(),
    })
    if (kept.content.length > 0) outbound.write(kept.content)
    kept.rewritten()
    this.#pump = new Pump(new RequestSource(request), outbound, this)
    if (request.readableEnded) this.ended()
    else if (!exchange.awaitsContinue) this.#pace.wait()
  }

  /** Whether the target is what is waited for. */
  get isBlocked(): boolean {
    return this.#pump.isBlocked
  }

  /** The client, which waited to be asked for the body, has been. */
  asked(): void {
    this.#options.exchange.awaitsContinue = false
    this.#pace.wait()
  }

  stop(): void {
    this.#pace.stop()
    this.#pump.stop()
  }

  pass(chunk: Buffer): Buffer {
    this.#options.kept.add(chunk)
    return chunk
  }

  turned(isBlocked: boolean): void {
    if (isBlocked) this.#pace.rest()
    else this.#pace.wait()
  }

  moved(): void {
    const { exchange, kept, limitBytes } = this.#options
    if (exchange.awaitsContinue) this.asked() // a client may grow tired of waiting
    if (kept.bytes > limitBytes) this.#events.tooLarge()
    else this.#events.uploading()
  }

  ended(): void {
    const { exchange, outbound } = this.#options
    this.#pace.stop()
    this.#events.uploadRead()
    const trailers = passableTrailers(exchange.request.rawTrailers)
    if (trailers.length > 0) outbound.addTrailers(trailers)
    outbound.end(() => this.#events.uploadSent())
  }
}

// Whoever was ahead may stand still for as long, if `timeouts.idleBodyMs` lets him.
const CREDIT_SECONDS = 60
