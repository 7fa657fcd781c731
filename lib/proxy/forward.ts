import type { Agent, IncomingMessage } from 'node:http'
import type { ErrorCode } from '../errors.js'
import type { Deadline } from '../http/deadlines.js'
import { cut, cutOnGoodbye } from '../http/cut.js'
import type { Exchange } from '../http/exchange.js'
import { finishAfterRest, sendProblem, writeHead } from '../http/respond.js'
import type { Identity } from './outbound-headers.js'
import { startPump, type Pump } from './pump.js'
import { writeInformation } from './informational.js'
import { isRepeatable } from './resend.js'
import { passableTrailers } from './trailers.js'
import { isPlainlyFramed, responseHeaders } from './response-headers.js'
import type { Upstream } from './upstream.js'
import { openRequest, type UpstreamRequest } from './upstream-request.js'

export interface ForwardOptions {
  upstream: Upstream
  timeouts: {
    /** How long connecting may take, in milliseconds. */
    connectMs: number
    /** How long the response headers may take once the request is sent, in milliseconds. */
    responseHeadersMs: number
    /** How long a body may stand still, in milliseconds; a slow but steady one is never cut. */
    idleBodyMs: number
    /** How long a body may wait for a reader that takes none of it, in milliseconds. */
    blockedBodyMs: number
  }
  /** Whether the service behind may see `Authorization`. */
  passAuthorization: boolean
}

/** Sends a request on to the service behind, as `path` there, and streams the answer back. */
export type Forward = (exchange: Exchange, path: string, identity: Identity) => void

export const createForward =
  (options: ForwardOptions): Forward =>
  (exchange, path, identity) =>
    new Forwarding(options, exchange, path, identity).send(options.upstream.agent)

type Phase = 'connecting' | 'sending' | 'waiting' | 'streaming' | 'finished'

/** One request on its way to the service and back. It ends in exactly one `#finish`. */
class Forwarding {
  readonly #options: ForwardOptions
  readonly #exchange: Exchange
  readonly #identity: Identity
  readonly #path: string
  #phase: Phase = 'connecting'
  #sent: UpstreamRequest | undefined
  #upstreamResponse: IncomingMessage | undefined
  #deadline: Deadline | undefined
  #upload: Pump | undefined
  #download: Pump | undefined
  #isResent = false

  constructor(options: ForwardOptions, exchange: Exchange, path: string, identity: Identity) {
    this.#options = options
    this.#exchange = exchange
    this.#identity = identity
    this.#path = options.upstream.basePath + path
    exchange.response.once('close', () => this.#finish())
    cutOnGoodbye(exchange)
  }

  send(agent: Agent | false): void {
    const { upstream, passAuthorization, timeouts } = this.#options
    this.#sent = openRequest(
      this.#exchange,
      { upstream, agent, path: this.#path, identity: this.#identity, passAuthorization },
      {
        connected: () => this.#connected(),
        continued: () => this.#continue(),
        informed: (information) => writeInformation(this.#exchange, information),
        answered: (upstreamResponse) => this.#receive(upstreamResponse),
        failed: (cause) => this.#fail(cause),
      },
    )
    this.#enter('connecting', timeouts.connectMs)
    if (this.#exchange.framing.kind === 'none') this.#sent.outbound.end()
  }

  #connected(): void {
    const { outbound } = this.#sent as UpstreamRequest // made by `send`
    const { responseHeadersMs, idleBodyMs, blockedBodyMs } = this.#options.timeouts
    if (this.#exchange.framing.kind === 'none') return this.#enter('waiting', responseHeadersMs)
    this.#enter('sending', idleBodyMs)
    outbound.flushHeaders()
    this.#upload = startPump({
      from: this.#exchange.request,
      to: outbound,
      onActivity: () => {
        this.#exchange.awaitsContinue = false // a client may grow tired of waiting
        this.#touch()
      },
      onEnd: () => {
        if (this.#phase === 'sending') this.#deadline?.touch(blockedBodyMs)
        const trailers = passableTrailers(this.#exchange.request.rawTrailers)
        if (trailers.length > 0) outbound.addTrailers(trailers)
        outbound.end(() => this.#phase === 'sending' && this.#enter('waiting', responseHeadersMs))
      },
    })
  }

  #continue(): void {
    if (!this.#exchange.awaitsContinue) return
    this.#exchange.awaitsContinue = false
    this.#exchange.response.writeContinue()
  }

  #receive(upstreamResponse: IncomingMessage): void {
    this.#upstreamResponse = upstreamResponse
    const { response, isDraining } = this.#exchange
    const status = upstreamResponse.statusCode as number // set on every response
    if (status < 200) return this.#giveUp('upstream_failed', 'unexpected_upgrade')
    if (!isPlainlyFramed(upstreamResponse.rawHeaders))
      return this.#giveUp('upstream_failed', 'unknown_transfer_coding')
    const { segment } = this.#identity
    const headers = responseHeaders(this.#exchange, upstreamResponse.rawHeaders, {
      status,
      segment,
    })
    // What is left of the request could be read as the next one.
    if (this.#isUploading() || isDraining()) headers.push('Connection', 'close')
    try {
      writeHead(response, status, upstreamResponse.statusMessage as string, headers)
    } catch (error) {
      // A reason phrase that cannot be written.
      return this.#giveUp('upstream_failed', (error as NodeJS.ErrnoException).code as string)
    }
    this.#enter('streaming', this.#options.timeouts.idleBodyMs)
    this.#download = startPump({
      from: upstreamResponse,
      to: response,
      onActivity: () => this.#touch(),
      onEnd: () => {
        const trailers = passableTrailers(upstreamResponse.rawTrailers)
        if (trailers.length > 0) response.addTrailers(trailers)
        this.#complete()
      },
    })
    // Headers do not wait for a body that is slow to come; one that is here already goes with them.
    setImmediate(() => this.#phase === 'streaming' && response.flushHeaders())
  }

  #complete(): void {
    const isUploading = this.#isUploading()
    this.#finish()
    if (isUploading) finishAfterRest(this.#exchange)
    else this.#exchange.response.end()
  }

  #isUploading(): boolean {
    return this.#exchange.framing.kind !== 'none' && !this.#exchange.request.complete
  }

  #enter(phase: Phase, limitMs: number): void {
    this.#phase = phase
    this.#deadline?.clear()
    this.#deadline = this.#exchange.deadlines.start(limitMs, () => this.#expire())
  }

  #touch(): void {
    const { idleBodyMs, blockedBodyMs } = this.#options.timeouts
    const isBlocked = this.#upload?.isBlocked() || this.#download?.isBlocked()
    this.#deadline?.touch(isBlocked ? blockedBodyMs : idleBodyMs)
  }

  #expire(): void {
    const { awaitsContinue, request } = this.#exchange
    const isAwaited = !awaitsContinue && !request.complete && !this.#upload?.isBlocked()
    const isSenderSlow = this.#phase === 'sending' && isAwaited
    if (isSenderSlow || this.#download?.isBlocked()) this.#end('request_timeout')
    else this.#giveUp('upstream_timeout', 'timeout')
  }

  #fail(cause: string): void {
    if (this.#phase === 'finished') return
    // What comes behind a whole answer harms the connection alone, and node does not keep that.
    if (this.#phase === 'streaming' && this.#upstreamResponse?.complete) return
    if (this.#mayResend()) {
      this.#isResent = true
      return this.send(false)
    }
    const isReached = this.#phase !== 'connecting'
    this.#giveUp(isReached ? 'upstream_failed' : 'upstream_unreachable', cause)
  }

  // A kept connection that the service closed while it was idle. Only what is safe to send twice is
  // sent again, once, and only when not a byte of an answer came (RFC 9110 Section 9.2.2).
  #mayResend(): boolean {
    return !this.#isResent && this.#sent?.isUnanswered() === true && isRepeatable(this.#exchange)
  }

  #giveUp(code: ErrorCode, cause: string): void {
    if (this.#phase === 'finished') return
    const { log, requestId } = this.#exchange
    log({ event: 'upstream_failed', requestId, phase: this.#phase, cause })
    this.#end(code)
  }

  #end(code: ErrorCode): void {
    this.#finish()
    if (!this.#exchange.response.headersSent) return sendProblem(this.#exchange, code)
    this.#exchange.reason = code
    cut(this.#exchange)
  }

  #finish(): void {
    if (this.#phase === 'finished') return
    this.#phase = 'finished'
    this.#deadline?.clear()
    this.#upload?.stop()
    this.#download?.stop()
    // Never ended: half a request must not look whole. Once it is answered in full, this does nothing.
    this.#sent?.outbound.destroy()
  }
}
