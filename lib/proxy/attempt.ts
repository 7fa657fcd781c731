import type { Socket } from 'node:net'
import type { ErrorCode } from '../errors.js'
import type { Deadline } from '../http/deadlines.js'
import type { Exchange } from '../http/exchange.js'
import type { Framing } from '../http/framing.js'
import type { ForwardOptions } from './forward-options.js'
import type { AnswerHead } from './answer-head.js'
import { writeInformation } from './informational.js'
import type { KeptBody } from './kept-body.js'
import { outboundHeaders, type Identity } from './outbound-headers.js'
import type { Target } from './target.js'
import { Upload, type UploadEvents } from './upload.js'
import type { UpstreamAnswer } from './upstream-answer.js'
import { UpstreamRequest, type UpstreamEvents } from './upstream-request.js'

/** What becomes of one try. */
export interface AttemptEvents {
  answered(answer: UpstreamAnswer): void
  /** The target has switched protocols; `head` came behind its answer. */
  upgraded(answer: UpstreamAnswer, socket: Socket, head: Buffer): void
  /** The target failed, before its answer or under it; `cause` is safe to log. */
  failed(cause: string): void
  /** It is the client's fault, which no other target would mend. */
  refused(code: ErrorCode): void
  /** Bytes of the request went on under the answer. */
  activity(): void
}

export interface AttemptOptions {
  /** What holds for every request of the route. */
  forwarding: ForwardOptions
  exchange: Exchange
  /** Whether the request was sent before, to this target or another. */
  isAgain: boolean
  identity: Identity
  target: Target
  /** Whether it goes out on a connection of its own, not on a kept one. */
  isFresh: boolean
  /** The path and query, below those of the target. */
  path: string
  kept: KeptBody
}

type Phase = 'connecting' | 'sending' | 'waiting' | 'answered' | 'over'

/**
 * One try to bring a request to one target; each of its phases has its time.
 * @throws what node throws for a request that it does not make
 */
export class Attempt implements UpstreamEvents, UploadEvents {
  readonly #options: AttemptOptions
  readonly #events: AttemptEvents
  readonly #hasBody: boolean
  readonly #sent: UpstreamRequest
  readonly #sentAtMs: number
  #phase: Phase = 'connecting'
  #deadline: Deadline | undefined
  #upload: Upload | undefined
  #isSwitched = false

  constructor(options: AttemptOptions, events: AttemptEvents) {
    this.#options = options
    this.#events = events
    const { exchange, forwarding } = options
    const { connectMs } = forwarding.timeouts
    this.#hasBody = exchange.framing.kind !== 'none'
    exchange.trace.tried(options.target)
    this.#sent = this.#open()
    this.#sentAtMs = exchange.clock.monotonic()
    options.target.tally.sent(options.isAgain)
    if (!this.#sent.wasKept)
      this.#deadline = exchange.deadlines.start(connectMs, () => this.#expire())
    this.#sent.begin()
  }

  get phase(): Phase {
    return this.#phase
  }

  /** Whether the target is what the upload waits for. */
  isBlocked(): boolean {
    return this.#upload?.isBlocked === true
  }

  /** Whether nothing of it was sent, not even its head: then it can be sent anew, whatever it asks for. */
  takeBack(): boolean {
    if (!this.#sent.isUnsent) return false
    this.#options.kept.restore(this.#sent.body.joining)
    return this.#options.kept.isComplete
  }

  /** Whether no byte of an answer came, and all that was sent is kept. */
  canRepeat(): boolean {
    return this.#sent.isUnanswered() && this.#options.kept.isComplete
  }

  /** Whether it went out on a kept connection, which may have died unseen. */
  wasKept(): boolean {
    return this.#sent.wasKept
  }

  /** Nothing more is sent or heard. What is half sent is cut, so that it cannot look whole. */
  stop(): void {
    this.#phase = 'over'
    this.#options.exchange.trace.left()
    this.#deadline?.clear()
    this.#upload?.stop()
    if (this.#hasBody) this.#options.exchange.request.pause()
    // After an upgrade the connection has another owner.
    if (!this.#isSwitched) this.#sent.abandon()
  }

  connected(): void {
    const { exchange, kept, forwarding } = this.#options
    const { limitBodyBytes, leastBytesPerSecond, timeouts } = forwarding
    if (!this.#hasBody) return this.#enter('waiting', timeouts.responseHeadersMs)
    this.#enter('sending', timeouts.idleBodyMs)
    this.#upload = new Upload(
      {
        exchange,
        outbound: this.#sent.body,
        kept,
        limitBytes: limitBodyBytes,
        leastBytesPerSecond,
      },
      this,
    )
  }

  uploading(): void {
    this.#touch()
  }

  tooLarge(): void {
    this.#events.refused('body_too_large')
  }

  tooSlow(): void {
    this.#events.refused('request_timeout')
  }

  uploadRead(): void {
    if (this.#phase !== 'sending') return
    this.#deadline?.touch(this.#options.forwarding.timeouts.blockedBodyMs)
  }

  uploadSent(): void {
    if (this.#phase !== 'sending') return
    this.#enter('waiting', this.#options.forwarding.timeouts.responseHeadersMs)
  }

  continued(): void {
    const { exchange } = this.#options
    if (!exchange.awaitsContinue) return
    this.#upload?.asked()
    exchange.response.writeContinue()
  }

  informed(information: AnswerHead): void {
    writeInformation(this.#options.exchange, information)
  }

  answered(answer: UpstreamAnswer): void {
    this.#settle(answer)
    this.#events.answered(answer)
  }

  upgraded(answer: UpstreamAnswer, socket: Socket, head: Buffer): void {
    this.#settle(answer)
    this.#isSwitched = true
    this.#events.upgraded(answer, socket, head)
  }

  failed(cause: string): void {
    this.#events.failed(cause)
  }

  #open(): UpstreamRequest {
    const { forwarding, exchange, identity, target, isFresh, isAgain } = this.#options
    const { authority } = target
    const path = target.basePath + this.#options.path
    const method = exchange.request.method as string // set on every server-side request
    const headers = outboundHeaders(exchange, { authority, path, identity, isAgain }, forwarding)
    const framing = exchange.framing.kind as Framing['kind'] // it was checked
    return new UpstreamRequest({ target, isFresh, method, path, headers, framing }, this)
  }

  #settle({ statusCode }: UpstreamAnswer): void {
    const { exchange, target } = this.#options
    target.tally.answered(statusCode, exchange.clock.monotonic() - this.#sentAtMs)
    this.#phase = 'answered'
    exchange.trace.answered(statusCode)
    this.#deadline?.clear()
    this.#options.kept.drop()
  }

  #enter(phase: Phase, limitMs: number): void {
    this.#phase = phase
    this.#deadline?.clear()
    this.#deadline = this.#options.exchange.deadlines.start(limitMs, () => this.#expire())
  }

  #touch(): void {
    const { idleBodyMs, blockedBodyMs } = this.#options.forwarding.timeouts
    if (this.#phase === 'answered') this.#events.activity()
    else this.#deadline?.touch(this.isBlocked() ? blockedBodyMs : idleBodyMs)
  }

  #expire(): void {
    const { awaitsContinue, request } = this.#options.exchange
    const isAwaited = !awaitsContinue && !request.complete && !this.isBlocked()
    if (this.#phase === 'sending' && isAwaited) this.#events.refused('request_timeout')
    else this.#events.failed('timeout')
  }
}
