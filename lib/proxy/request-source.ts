import type { IncomingMessage } from 'node:http'
import { GatheringMessage } from '../http/request-body.js'
import type { Source, Taker } from './pump.js'
import { StreamSource } from './stream-source.js'

/**
 * The body of a client's request as what a pump reads from: as it is parsed, and from when it is first
 * paused on as the stream that it is. That would hand on its first piece some turns later, with the
 * connection paused meanwhile, and take a dozen events for it all.
 */
export class RequestSource implements Source {
  readonly #request: IncomingMessage
  #handing: GatheringMessage | undefined
  #taker: Taker | undefined
  #stream: StreamSource | undefined

  constructor(request: IncomingMessage) {
    this.#request = request
  }

  start(taker: Taker): void {
    const request = this.#request
    this.#taker = taker
    if (request instanceof GatheringMessage && request.handTo(taker)) this.#handing = request
    else this.#read(taker).resume()
  }

  stop(): void {
    this.#handing?.handBack()
    this.#stream?.stop()
  }

  pause(): void {
    this.#request.pause()
    if (this.#stream) return
    this.#handing?.handBack()
    this.#read(this.#taker as Taker) // it is paused by it
  }

  resume(): void {
    this.#request.resume()
  }

  #read(taker: Taker): StreamSource {
    this.#stream = new StreamSource(this.#request)
    this.#stream.start(taker)
    return this.#stream
  }
}
