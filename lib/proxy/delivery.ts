import type { Socket } from 'node:net'
import type { ErrorCode } from '../errors.js'
import type { Exchange } from '../http/exchange.js'
import { Attempt, type AttemptEvents } from './attempt.js'
import { codeOf, FAILURES } from './failures.js'
import type { ForwardOptions } from './forward-options.js'
import { NO_BODY, type KeptBody } from './kept-body.js'
import type { Identity } from './outbound-headers.js'
import { queueFor, type QueueEnd } from './queueing.js'
import { isRepeatable } from './resend.js'
import type { Slots } from './slots.js'
import type { Target } from './target.js'
import type { UpstreamAnswer } from './upstream-answer.js'

/** What becomes of a request on its way. */
export interface DeliveryEvents {
  answered(answer: UpstreamAnswer): void
  /** The target has switched protocols; `head` came behind its answer. */
  upgraded(answer: UpstreamAnswer, socket: Socket, head: Buffer): void
  /** No answer came, and none will; `code` is what the client is told. */
  failed(code: ErrorCode): void
  /** The connection failed under the answer; `cause` is safe to log. */
  broke(cause: string): void
  /** It has waited for a target in vain. */
  turnedAway(end: QueueEnd): void
  /** Bytes of the request went on under the answer. */
  activity(): void
}

/** Brings one request to a target, or to another when that cannot have begun with it. */
export class Delivery implements AttemptEvents {
  readonly #options: ForwardOptions
  readonly #exchange: Exchange
  readonly #identity: Identity
  readonly #path: string
  readonly #events: DeliveryEvents
  readonly #kept: KeptBody
  #tried: readonly Target[] = NONE
  #target: Target | undefined
  /** Gives up the place at the target, or in its queue. */
  #leaveTarget: (() => void) | undefined
  #attempt: Attempt | undefined
  #isResent = false
  #isTrial = false
  #isOver = false

  constructor(
    options: ForwardOptions,
    exchange: Exchange,
    path: string,
    identity: Identity,
    events: DeliveryEvents,
  ) {
    this.#options = options
    this.#exchange = exchange
    this.#path = path
    this.#identity = identity
    this.#events = events
    const hasBody = exchange.framing.kind !== 'none'
    this.#kept = hasBody ? options.replayMemory.open(isRepeatable(exchange)) : NO_BODY
  }

  begin(): void {
    const { upstream } = this.#options
    upstream.retryBudget.earn()
    const target = upstream.choose(NONE)
    if (target) this.#goTo(target)
    else this.#giveUp('upstream_unavailable', 'no_target')
  }

  /** Whether the target is what the upload waits for. */
  isBlocked(): boolean {
    return this.#attempt?.isBlocked() === true
  }

  /** Notes for the target whether it did its work. */
  rate(isGood: boolean): void {
    if (isGood) this.#target?.record.succeeded()
    else this.#target?.record.failed()
  }

  /** Logs what the target did wrong, and notes it; `cause` is safe to log. */
  report(cause: string): void {
    const { log, requestId, trace } = this.#exchange
    const target = this.#target?.name ?? '-'
    const phase = this.#attempt?.phase ?? 'choosing'
    log({ event: 'upstream_failed', requestId, target, phase, cause })
    this.#target?.tally.failed(phase, cause)
    trace.failed(cause)
    this.rate(false)
  }

  /** Nothing more is sent or heard. */
  stop(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#kept.drop()
    this.#leave()
  }

  #goTo(target: Target): void {
    const { slots, record } = target
    this.#target = target
    this.#isTrial = record.begin()
    if (slots.isFull) return this.#wait(slots)
    slots.take()
    this.#arrive(slots)
  }

  #wait(slots: Slots): void {
    this.#leaveTarget = queueFor(slots, {
      identity: this.#identity,
      deadlines: this.#exchange.deadlines,
      limitMs: this.#options.timeouts.targetQueueMs,
      onTaken: () => this.#arrive(slots),
      onEnd: (end) => this.#events.turnedAway(end),
    })
  }

  #arrive(slots: Slots): void {
    this.#leaveTarget = () => slots.release()
    this.#try(this.#exchange.upgrade !== undefined)
  }

  #try(isFresh: boolean): void {
    const isAgain = this.#attempt !== undefined
    try {
      this.#attempt = new Attempt(
        {
          forwarding: this.#options,
          exchange: this.#exchange,
          identity: this.#identity,
          target: this.#target as Target, // a place at it was taken
          isFresh,
          isAgain,
          path: this.#path,
          kept: this.#kept,
        },
        this,
      )
    } catch (error) {
      // What node does not even try: it may come in the turn of another request.
      this.#giveUp('upstream_failed', String((error as NodeJS.ErrnoException).code))
    }
  }

  answered(answer: UpstreamAnswer): void {
    // A trial does not wait for the end of an answer, which may be a stream without any.
    if (this.#isTrial && !FAILURES.has(answer.statusCode)) this.rate(true)
    this.#events.answered(answer)
  }

  upgraded(answer: UpstreamAnswer, socket: Socket, head: Buffer): void {
    this.#events.upgraded(answer, socket, head)
  }

  activity(): void {
    this.#events.activity()
  }

  refused(code: ErrorCode): void {
    this.stop()
    this.#events.failed(code)
  }

  failed(cause: string): void {
    const attempt = this.#attempt as Attempt // it has just said so
    const { phase } = attempt
    if (phase === 'answered') return this.#events.broke(cause)
    const isUntouched = attempt.takeBack() || (attempt.canRepeat() && isRepeatable(this.#exchange))
    const isLate = phase !== 'connecting' && cause === 'timeout'
    // A kept connection that the service closed while it was idle: it did not fail, and is asked
    // again, once, on a fresh one (RFC 9112 Section 9.3.1).
    if (isUntouched && !isLate && attempt.wasKept() && !this.#isResent) {
      this.#isResent = true
      this.#exchange.trace.failed(cause)
      attempt.stop()
      return this.#try(true)
    }
    const next = phase === 'connecting' || (isUntouched && !isLate) ? this.#nextTarget() : undefined
    if (!next) return this.#giveUp(codeOf(phase, cause), cause)
    this.report(cause)
    this.#leave()
    this.#goTo(next)
  }

  #nextTarget(): Target | undefined {
    const { upstream, limitRetries } = this.#options
    if (this.#tried.length >= limitRetries) return undefined
    this.#tried = [...this.#tried, this.#target as Target] // it has just failed
    const next = upstream.choose(this.#tried)
    return next && upstream.retryBudget.spend() ? next : undefined
  }

  #giveUp(code: ErrorCode, cause: string): void {
    this.report(cause)
    this.refused(code)
  }

  #leave(): void {
    this.#attempt?.stop()
    this.#leaveTarget?.()
    this.#leaveTarget = undefined
    if (this.#isTrial) this.#target?.record.abandonTrial()
    this.#isTrial = false
  }
}

const NONE: readonly Target[] = []
