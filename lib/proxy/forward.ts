import type { Agent, ClientRequest, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { ErrorCode } from '../errors.js'
import type { Deadline } from '../http/deadlines.js'
import type { Exchange } from '../http/exchange.js'
import { finishAfterRest, sendProblem } from '../http/respond.js'
import type { Identity } from './outbound-headers.js'
import { startPump, type Pump } from './pump.js'
import { responseHeaders } from './response-headers.js'
import type { Upstream } from './upstream.js'
import { openRequest } from './upstream-request.js'

export interface ForwardOptions {
  upstream: Upstream
  timeouts: {
    /** How long connecting may take, in milliseconds. */
    connectMs: number
    /** How long the response headers may take once the request is sent, in milliseconds. */
    responseHeadersMs: number
    /** How long a body may stand still, in milliseconds; a slow but steady one is never cut. */
    idleBodyMs: number
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
  #upstreamRequest: ClientRequest | undefined
  #deadline: Deadline | undefined
  #upload: Pump | undefined
  #download: Pump | undefined
  #isResent = false
  #bytesReadBefore = 0

  constructor(options: ForwardOptions, exchange: Exchange, path: string, identity: Identity) {
    this.#options = options
    this.#exchange = exchange
    this.#identity = identity
    this.#path = options.upstream.basePath + path
    exchange.response.once('close', () => this.#finish())
  }

  send(agent: Agent | false): void {
    const upstreamRequest = openRequest(this.#options, this.#exchange, {
      agent,
      path: this.#path,
      identity: this.#identity,
    })
    this.#upstreamRequest = upstreamRequest
    upstreamRequest
      .once('socket', (socket) => this.#reach(socket))
      .once('response', (upstreamResponse) => this.#receive(upstreamResponse))
      .on('continue', () => this.#continue())
      .on('error', (error) => this.#fail(error))
      // Nothing asked for an upgrade, and without a listener an unexpected one would hang.
      .once('upgrade', (_response, socket) => {
        socket.destroy()
        this.#giveUp('upstream_failed', 'unexpected_upgrade')
      })
    this.#enter('connecting', this.#options.timeouts.connectMs)
    if (this.#exchange.framing.kind === 'none') upstreamRequest.end()
  }

  #reach(socket: Socket): void {
    this.#bytesReadBefore = socket.bytesRead
    if (socket.connecting) socket.once('connect', () => this.#connected())
    else this.#connected()
  }

  #connected(): void {
    const upstreamRequest = this.#upstreamRequest as ClientRequest // made by `send`
    const { responseHeadersMs, idleBodyMs } = this.#options.timeouts
    if (this.#phase !== 'connecting') return
    if (this.#exchange.framing.kind === 'none') return this.#enter('waiting', responseHeadersMs)
    this.#enter('sending', idleBodyMs)
    upstreamRequest.flushHeaders()
    this.#upload = startPump({
      from: this.#exchange.request,
      to: upstreamRequest,
      onActivity: () => {
        this.#exchange.awaitsContinue = false // a client may grow tired of waiting
        this.#deadline?.touch()
      },
      onEnd: () => {
        upstreamRequest.end()
        if (this.#phase === 'sending') this.#enter('waiting', responseHeadersMs)
      },
    })
  }

  #continue(): void {
    if (!this.#exchange.awaitsContinue) return
    this.#exchange.awaitsContinue = false
    this.#exchange.response.writeContinue()
  }

  #receive(upstreamResponse: IncomingMessage): void {
    upstreamResponse.on('error', (error) => this.#fail(error))
    if (this.#phase === 'finished') return
    const { response, requestId, isDraining } = this.#exchange
    const status = upstreamResponse.statusCode as number // set on every response
    const headers = responseHeaders(upstreamResponse.rawHeaders, {
      segment: this.#identity.segment,
      requestId,
      hasNoContent: status === 204,
    })
    // What is left of the request could be read as the next one.
    if (this.#isUploading() || isDraining()) headers.push('Connection', 'close')
    try {
      response.writeHead(status, upstreamResponse.statusMessage, headers)
    } catch (error) {
      return this.#fail(error as Error) // a reason phrase or a field that cannot be written
    }
    this.#enter('streaming', this.#options.timeouts.idleBodyMs)
    this.#download = startPump({
      from: upstreamResponse,
      to: response,
      onActivity: () => this.#deadline?.touch(),
      onEnd: () => this.#complete(),
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

  #expire(): void {
    const isClientSlow =
      this.#phase === 'sending' && !this.#upload?.isBlocked() && !this.#exchange.awaitsContinue
    this.#giveUp(isClientSlow ? 'request_timeout' : 'upstream_timeout', 'timeout')
  }

  #fail(error: NodeJS.ErrnoException): void {
    if (this.#phase === 'finished') return
    if (this.#isStale()) {
      this.#isResent = true
      return this.send(false)
    }
    const code = this.#phase === 'connecting' ? 'upstream_unreachable' : 'upstream_failed'
    this.#giveUp(code, error.code ?? error.name)
  }

  // A kept connection that the service closed while it was idle. Only what is safe to send twice is
  // sent again, once, and only when not a byte of an answer came (RFC 9110 Section 9.2.2).
  #isStale(): boolean {
    const { request, framing } = this.#exchange
    return (
      this.#phase !== 'streaming' &&
      !this.#isResent &&
      this.#upstreamRequest?.reusedSocket === true &&
      this.#upstreamRequest.socket?.bytesRead === this.#bytesReadBefore &&
      framing.kind === 'none' &&
      IDEMPOTENT.has(request.method as string)
    )
  }

  #giveUp(code: ErrorCode, cause: string): void {
    if (this.#phase === 'finished') return
    const { log, requestId } = this.#exchange
    log({ event: 'upstream_failed', requestId, phase: this.#phase, cause })
    this.#finish()
    if (this.#exchange.response.headersSent) this.#cut(code)
    else sendProblem(this.#exchange, code)
  }

  // Half an answer must not look whole.
  #cut(code: ErrorCode): void {
    const { request, response } = this.#exchange
    this.#exchange.reason = code
    const { socket } = request
    // An HTTP/1.0 body ends with its connection; only a reset tells that it did not.
    if (request.httpVersionMinor === 0 && !('encrypted' in socket)) socket.resetAndDestroy()
    else response.destroy()
  }

  #finish(): void {
    if (this.#phase === 'finished') return
    this.#phase = 'finished'
    this.#deadline?.clear()
    this.#upload?.stop()
    this.#download?.stop()
    // Never ended: half a request must not look whole. Once it is answered in full, this does nothing.
    this.#upstreamRequest?.destroy()
  }
}

const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])
