import type { Socket } from 'node:net'
import type { Departing } from '../http/departures.js'
import { keptFor, type AnswerFraming } from './answer-framing.js'
import { AnswerError, type AnswerHead } from './answer-head.js'
import { AnswerReader, type AnswerSink } from './answer-reader.js'
import { RequestBody } from './request-body.js'
import { requestHead } from './request-head.js'
import type { Target } from './target.js'
import { UpstreamAnswer } from './upstream-answer.js'
import type { Connection, ConnectionUser } from './upstream-connection.js'

export interface UpstreamRequestOptions {
  target: Target
  /** Whether it goes out on a connection of its own, not on a kept one. */
  isFresh: boolean
  method: string
  /** The path and query, as the target receives them. */
  path: string
  /** Names and values in turn. */
  headers: readonly string[]
  /** How its body is framed. */
  framing: 'none' | 'length' | 'chunked'
}

/** What becomes of a request; after `failed` nothing else comes. */
export interface UpstreamEvents {
  connected(): void
  /** The service asks for the body (RFC 9110 Section 10.1.1). */
  continued(): void
  /** An answer that is not yet the answer (RFC 9110 Section 15.2). */
  informed(information: AnswerHead): void
  answered(answer: UpstreamAnswer): void
  /** The service has switched protocols; `head` came behind its answer. */
  upgraded(answer: UpstreamAnswer, socket: Socket, head: Buffer): void
  /** `cause` is safe to log. */
  failed(cause: string): void
}

/**
 * A request to a target (RFC 9112); its body is yet to come.
 * @throws an error with a `code` for what would not be one request
 */
export class UpstreamRequest implements ConnectionUser, AnswerSink, Departing {
  readonly body: RequestBody
  /** Whether it goes out on a kept connection, which may have died unseen. */
  readonly wasKept: boolean
  readonly #events: UpstreamEvents
  readonly #target: Target
  readonly #isFresh: boolean
  readonly #hasBody: boolean
  readonly #connection: Connection
  readonly #reader: AnswerReader
  readonly #head: string
  #answer: UpstreamAnswer | undefined
  #keptForMs = 0
  #hasDeparted = false
  #hasHeard = false
  #isOver = false
  #isAbandoned = false
  #switch: AnswerHead | undefined

  constructor(options: UpstreamRequestOptions, events: UpstreamEvents) {
    const { target, isFresh, method, framing } = options
    this.#head = requestHead(options)
    this.#events = events
    this.#target = target
    this.#isFresh = isFresh
    this.#hasBody = framing !== 'none'
    this.#reader = new AnswerReader(method, this)
    this.#connection = isFresh ? target.pool.open() : target.pool.take()
    this.wasKept = this.#connection.isConnected
    this.#connection.use(this)
    this.body = new RequestBody(this.#connection.socket, framing === 'chunked')
  }

  /** Sends its head at the end of this turn of the event loop, as soon as there is a connection. */
  begin(): void {
    if (this.#hasBody) this.body.begin(this.#head)
    this.#target.pool.departures.add(this)
    if (this.wasKept) this.#events.connected()
  }

  depart(): void {
    if (this.#isOver || this.#isAbandoned) return
    // After a reset its close is told later in this turn, when it would look as if something had been sent.
    if (this.#connection.socket.destroyed) return
    this.#hasDeparted = true
    if (this.#hasBody) this.body.depart()
    else this.#connection.socket.write(this.#head, 'latin1')
  }

  /** Whether not a byte of it was written: its connection closed before. */
  get isUnsent(): boolean {
    return !this.#hasDeparted
  }

  /** Whether not a byte of an answer came. */
  isUnanswered(): boolean {
    return !this.#hasHeard
  }

  /** No event comes any more; what is under way is cut. */
  abandon(): void {
    this.#isAbandoned = true
    if (!this.#isOver) this.#connection.destroy()
  }

  connected(): void {
    this.#events.connected()
  }

  received(bytes: Buffer): number {
    // An answer to what was not asked yet would be another's, or anybody's.
    if (!this.#hasDeparted) {
      this.closed('unasked_answer')
      return bytes.length
    }
    this.#hasHeard = true
    let taken: number
    try {
      taken = this.#reader.read(bytes)
    } catch (error) {
      if (!(error instanceof AnswerError)) throw error
      this.closed(error.code)
      return bytes.length
    }
    if (this.#switch) this.#hand(this.#switch, bytes.subarray(taken))
    else if (this.#isOver) this.#release(taken === bytes.length)
    else {
      this.#answer?.rest()
      if (this.#reader.isOpenEnded) this.#connection.readShortly()
    }
    return taken
  }

  halfClosed(): void {
    if (this.#reader.end()) this.#release(false)
    else this.closed('ECONNRESET')
  }

  closed(cause: string): void {
    this.#isOver = true
    this.#connection.destroy()
    if (!this.#isAbandoned) this.#events.failed(cause)
  }

  informed(head: AnswerHead): void {
    if (this.#isAbandoned) return
    if (head.statusCode === 100) this.#events.continued()
    else this.#events.informed(head)
  }

  switched(head: AnswerHead): void {
    this.#switch = head
  }

  began(head: AnswerHead, { kind }: AnswerFraming): void {
    this.#keptForMs = this.#isFresh || kind === 'close' ? 0 : keptFor(head)
    this.#answer = new UpstreamAnswer(head, this.#connection)
    this.#events.answered(this.#answer)
  }

  took(content: Buffer): boolean {
    return !this.#isAbandoned && this.#answer?.pass(content) === true && !this.#isAbandoned
  }

  finished(trailers: readonly string[]): void {
    this.#isOver = true
    if (!this.#isAbandoned) this.#answer?.end(trailers)
  }

  #release(isClean: boolean): void {
    if (isClean && (!this.#hasBody || this.body.isSent))
      this.#target.pool.keep(this.#connection, this.#keptForMs)
    else this.#connection.destroy()
  }

  #hand(head: AnswerHead, behind: Buffer): void {
    this.#isOver = true
    const answer = new UpstreamAnswer(head, this.#connection)
    const early = Buffer.from(behind)
    const socket = this.#connection.detach()
    if (this.#isAbandoned) socket.destroy()
    else this.#events.upgraded(answer, socket, early)
  }
}
