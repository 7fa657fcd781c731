import type { Exchange } from '../http/exchange.js'
import type { KeptBody } from './kept-body.js'
import { createPace } from './pace.js'
import { Pump } from './pump.js'
import type { RequestBody } from './request-body.js'
import { streamSource } from './stream-source.js'
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
  /** Called whenever bytes move. */
  onActivity: () => void
  /** Called when the body is larger than it may be. */
  onTooLarge: () => void
  /** Called when the body arrives too slowly. */
  onTooSlow: () => void
  /** Called when the last byte was read. */
  onRead: () => void
  /** Called when the last byte was taken by the system. */
  onSent: () => void
}

export interface Upload {
  /** Whether the target is what is waited for. */
  readonly isBlocked: boolean
  stop(): void
  /** The client, which waited to be asked for the body, has been. */
  asked(): void
}

/** Streams the body of the client's request to a target. */
export const startUpload = (options: UploadOptions): Upload => {
  const { exchange, outbound, kept, limitBytes, onActivity, onTooLarge, onRead, onSent } = options
  const { request } = exchange
  const { leastBytesPerSecond, onTooSlow } = options
  const pace = createPace(exchange, {
    bytesPerSecond: request.complete ? 0 : leastBytesPerSecond,
    moved: () => kept.bytes,
    creditBytes: 0,
    limitCreditBytes: CREDIT_SECONDS * leastBytesPerSecond,
    onTooSlow,
  })
  const finish = (): void => {
    pace.stop()
    onRead()
    const trailers = passableTrailers(request.rawTrailers)
    if (trailers.length > 0) outbound.addTrailers(trailers)
    outbound.end(onSent)
  }
  if (kept.content.length > 0) outbound.write(kept.content)
  const pump = new Pump(streamSource(request), outbound, {
    pass: (chunk) => {
      kept.add(chunk)
      return chunk
    },
    turned: (isBlocked) => (isBlocked ? pace.rest() : pace.wait()),
    moved: () => {
      if (exchange.awaitsContinue) asked() // a client may grow tired of waiting
      if (kept.bytes > limitBytes) onTooLarge()
      else onActivity()
    },
    ended: finish,
  })
  const asked = (): void => {
    exchange.awaitsContinue = false
    pace.wait()
  }
  if (request.readableEnded) finish()
  else {
    request.resume()
    if (!exchange.awaitsContinue) pace.wait()
  }
  return {
    get isBlocked() {
      return pump.isBlocked
    },
    asked,
    stop: () => {
      pace.stop()
      pump.stop()
    },
  }
}

// Whoever was ahead may stand still for as long, if `timeouts.idleBodyMs` lets him.
const CREDIT_SECONDS = 60
