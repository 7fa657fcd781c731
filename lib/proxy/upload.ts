import type { ClientRequest } from 'node:http'
import type { Exchange } from '../http/exchange.js'
import type { KeptBody } from './kept-body.js'
import { startPump, type Pump } from './pump.js'
import { passableTrailers } from './trailers.js'

export interface UploadOptions {
  exchange: Exchange
  outbound: ClientRequest
  /** What came of the body before is sent first; what comes is kept. */
  kept: KeptBody
  /** The largest body, in bytes. */
  limitBytes: number
  /** Called whenever bytes move. */
  onActivity: () => void
  /** Called when the body is larger than it may be. */
  onTooLarge: () => void
  /** Called when the last byte was read. */
  onRead: () => void
  /** Called when the last byte was taken by the system. */
  onSent: () => void
}

/** Streams the body of the client's request to a target. */
export const startUpload = (options: UploadOptions): Pump => {
  const { exchange, outbound, kept, limitBytes, onActivity, onTooLarge, onRead, onSent } = options
  const { request } = exchange
  const finish = (): void => {
    onRead()
    const trailers = passableTrailers(request.rawTrailers)
    if (trailers.length > 0) outbound.addTrailers(trailers)
    outbound.end(onSent)
  }
  outbound.flushHeaders()
  if (kept.content.length > 0) outbound.write(kept.content)
  const pump = startPump({
    from: request,
    to: outbound,
    pass: (chunk) => {
      kept.add(chunk)
      return chunk
    },
    onActivity: () => {
      exchange.awaitsContinue = false // a client may grow tired of waiting
      if (kept.bytes > limitBytes) onTooLarge()
      else onActivity()
    },
    onEnd: finish,
  })
  if (request.readableEnded) finish()
  else request.resume()
  return pump
}
