import type { Socket } from 'node:net'
import type { ErrorCode } from '../errors.js'
import type { Deadline } from '../http/deadlines.js'
import { cut, cutOnGoodbye } from '../http/cut.js'
import type { Exchange } from '../http/exchange.js'
import { finishAfterRest, sendProblem } from '../http/respond.js'
import { Delivery, type DeliveryEvents } from './delivery.js'
import { Download, writeAnswerHead, type DownloadEvents } from './download.js'
import { endWithToken } from './event-stream.js'
import { FAILURES } from './failures.js'
import type { ForwardOptions } from './forward-options.js'
import type { Identity } from './outbound-headers.js'
import { queueFor, type QueueEnd } from './queueing.js'
import type { Slots } from './slots.js'
import type { UpstreamAnswer } from './upstream-answer.js'

/** Sends a request on to the service behind, as `path` there, and streams the answer back. */
export type Forward = (exchange: Exchange, path: string, identity: Identity) => void

export const createForward =
  (options: ForwardOptions): Forward =>
  (exchange, path, identity) =>
    new Forwarding(options, exchange, path, identity).begin()

/** One request on its way to the service, and its answer on the way back. It ends in one `#finish`. */
class Forwarding implements DeliveryEvents, DownloadEvents {
  readonly #options: ForwardOptions
  readonly #exchange: Exchange
  readonly #identity: Identity
  readonly #delivery: Delivery
  /** Where the user's place is, once it is taken. */
  #places: Slots | undefined
  #leaveQueue: (() => void) | undefined
  #answer: UpstreamAnswer | undefined
  #deadline: Deadline | undefined
  #download: Download | undefined
  #stopWatch: (() => void) | undefined
  #isFinished = false

  constructor(options: ForwardOptions, exchange: Exchange, path: string, identity: Identity) {
    this.#options = options
    this.#exchange = exchange
    this.#identity = identity
    this.#delivery = new Delivery(options, exchange, path, identity, this)
    exchange.response.on('close', () => this.#finish())
    cutOnGoodbye(exchange)
  }

  begin(): void {
    const { framing } = this.#exchange
    const { places, limitBodyBytes } = this.#options
    const hasRoom = places.enter()
    if (framing.kind === 'length' && framing.bytes > limitBodyBytes)
      return this.failed('body_too_large')
    if (!hasRoom) return this.#refuse('overloaded', 'route_full')
    const ofUser = places.of(this.#identity.user)
    if (ofUser.isFull) return this.#wait(ofUser)
    ofUser.take()
    this.#start(ofUser)
  }

  #wait(slots: Slots): void {
    this.#leaveQueue = queueFor(slots, {
      identity: this.#identity,
      deadlines: this.#exchange.deadlines,
      limitMs: this.#options.timeouts.targetQueueMs,
      onTaken: () => this.#start(slots),
      onEnd: (end) => this.#turnAway('too_many_in_flight', 'user_queue_', end),
    })
  }

  #start(taken: Slots): void {
    this.#places = taken
    const { upgrade } = this.#exchange
    if (upgrade && !this.#options.tunnels.reserve(this.#exchange))
      this.#refuse('overloaded', 'tunnels_full')
    else this.#delivery.begin()
  }

  turnedAway(end: QueueEnd): void {
    this.#turnAway('overloaded', 'target_queue_', end)
  }

  #turnAway(code: ErrorCode, queue: string, end: QueueEnd): void {
    if (end === 'full' || end === 'late') return this.#refuse(code, queue + end)
    this.#finish()
    this.#options.refuse(this.#exchange, end)
  }

  /** Tells the log more than the client. */
  #refuse(code: ErrorCode, reason: string): void {
    this.#exchange.reason = reason
    this.failed(code)
  }

  answered(answer: UpstreamAnswer): void {
    const { segment, token } = this.#identity
    this.#answer = answer
    // What is left of the request could be read as the next one.
    const isLast = this.#isUploading() || this.#exchange.isDraining()
    const problem = writeAnswerHead(this.#exchange, answer, { segment, isLast })
    if (problem) return this.#giveUp('upstream_failed', problem)
    if (FAILURES.has(answer.statusCode)) this.#delivery.rate(false)
    const download = new Download(this.#exchange, answer, this.#options, this)
    this.#download = download
    this.#stopWatch = endWithToken(
      this.#exchange,
      answer,
      token,
      () => download.isBetweenLines(),
      (reason) => {
        this.#exchange.reason = reason
        this.ended()
      },
    )
  }

  upgraded(answer: UpstreamAnswer, upstream: Socket, head: Buffer): void {
    const { segment, token, confirmedProtocol } = this.#identity
    const { idleTunnelMs } = this.#options.timeouts
    const problem = this.#options.tunnels.open(this.#exchange, {
      answer,
      upstream,
      head,
      segment,
      token,
      confirmedProtocol,
      idleMs: idleTunnelMs,
    })
    if (!problem) return this.#delivery.rate(true)
    upstream.destroy()
    this.#giveUp('upstream_failed', problem)
  }

  unended(): void {
    const { deadlines } = this.#exchange
    this.#deadline = deadlines.start(this.#options.timeouts.idleBodyMs, () => this.#expire())
  }

  ended(): void {
    const isUploading = this.#isUploading()
    if (!FAILURES.has(this.#answer?.statusCode)) this.#delivery.rate(true)
    this.#finish()
    if (!isUploading) return this.#download?.end()
    this.#download?.flush()
    finishAfterRest(this.#exchange)
  }

  tooSlow(): void {
    this.failed('request_timeout')
  }

  #isUploading(): boolean {
    return this.#exchange.framing.kind !== 'none' && !this.#exchange.request.complete
  }

  activity(): void {
    const { idleBodyMs, blockedBodyMs } = this.#options.timeouts
    const isBlocked = this.#delivery.isBlocked() || this.#download?.isBlocked
    this.#deadline?.touch(isBlocked ? blockedBodyMs : idleBodyMs)
  }

  #expire(): void {
    if (this.#download?.isBlocked) this.failed('request_timeout')
    else this.#giveUp('upstream_timeout', 'timeout')
  }

  broke(cause: string): void {
    this.#giveUp('upstream_failed', cause)
  }

  #giveUp(code: ErrorCode, cause: string): void {
    this.#delivery.report(cause)
    this.failed(code)
  }

  failed(code: ErrorCode): void {
    this.#finish()
    if (!this.#exchange.response.headersSent) return sendProblem(this.#exchange, code)
    this.#exchange.reason = code
    cut(this.#exchange)
  }

  #finish(): void {
    if (this.#isFinished) return
    this.#isFinished = true
    this.#deadline?.clear()
    this.#stopWatch?.()
    this.#download?.stop()
    this.#delivery.stop()
    this.#leaveQueue?.()
    this.#places?.release()
    this.#options.places.leave()
  }
}
