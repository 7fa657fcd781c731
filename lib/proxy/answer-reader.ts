import { answerFraming, type AnswerFraming } from './answer-framing.js'
import { AnswerError, parseAnswerHead, type AnswerHead } from './answer-head.js'
import { ChunkedBody } from './chunked-body.js'
import { HeadBytes } from './head-bytes.js'

/** Hears what stands in an answer. */
export interface AnswerSink {
  /** An answer that is not yet the answer (RFC 9110 Section 15.2). */
  informed(head: AnswerHead): void
  /** 101: what is behind it is no HTTP any more, and is not read. */
  switched(head: AnswerHead): void
  began(head: AnswerHead, framing: AnswerFraming): void
  /** A piece of the body, good for the time of the call; gives whether more is wanted now. */
  took(content: Buffer): boolean
  /** It is whole. */
  finished(trailers: readonly string[]): void
}

/** Reads the answer to one request out of the bytes of a connection (RFC 9112). */
export class AnswerReader {
  readonly #method: string
  readonly #sink: AnswerSink
  readonly #head = new HeadBytes(HEAD_END)
  #framing: AnswerFraming['kind'] | 'switched' | 'over' | undefined
  #leftBytes = 0
  #chunked: ChunkedBody | undefined
  #wantsMore = true

  constructor(method: string, sink: AnswerSink) {
    this.#method = method
    this.#sink = sink
  }

  /** Whether the answer ends with its connection. */
  get isOpenEnded(): boolean {
    return this.#framing === 'close'
  }

  /**
   * Reads until the answer is over, or no more is wanted; gives how far it came.
   * @throws AnswerError for what is no answer
   */
  read(bytes: Buffer): number {
    let at = 0
    this.#wantsMore = true
    while (at < bytes.length && this.#wantsMore && !this.#isBehind())
      at = this.#framing === undefined ? this.#readHead(bytes, at) : this.#readBody(bytes, at)
    return at
  }

  /** The connection has ended: gives whether the answer is whole. */
  end(): boolean {
    if (this.#framing === 'close') this.#finish([])
    return this.#framing === 'over'
  }

  #isBehind(): boolean {
    return this.#framing === 'over' || this.#framing === 'switched'
  }

  #readHead(bytes: Buffer, at: number): number {
    const end = this.#head.read(bytes, at)
    const { text } = this.#head
    if (text === undefined) {
      if (!BEGIN.startsWith(this.#head.begun.slice(0, BEGIN.length)))
        throw new AnswerError('invalid_answer_head')
      return end
    }
    const head = parseAnswerHead(text)
    const framing = answerFraming(head, this.#method)
    if (head.statusCode === 101) {
      this.#framing = 'switched'
      this.#sink.switched(head)
    } else if (head.statusCode < 200) this.#sink.informed(head)
    else this.#begin(head, framing)
    return end
  }

  #begin(head: AnswerHead, framing: AnswerFraming): void {
    this.#framing = framing.kind
    if (framing.kind === 'length') this.#leftBytes = framing.bytes
    else if (framing.kind === 'chunked') this.#chunked = new ChunkedBody()
    this.#sink.began(head, framing)
    if (framing.kind === 'none') this.#finish([])
  }

  #readBody(bytes: Buffer, at: number): number {
    if (this.#chunked) return this.#readChunks(this.#chunked, bytes, at)
    if (this.#framing === 'close') {
      this.#take(at === 0 ? bytes : bytes.subarray(at))
      return bytes.length
    }
    const end = Math.min(bytes.length, at + this.#leftBytes)
    this.#leftBytes -= end - at
    this.#take(bytes.subarray(at, end))
    if (this.#leftBytes === 0) this.#finish([])
    return end
  }

  #readChunks(chunked: ChunkedBody, bytes: Buffer, at: number): number {
    const end = chunked.read(bytes, at, (content) => this.#take(content))
    if (chunked.isDone) this.#finish(chunked.trailers)
    return end
  }

  #take(content: Buffer): boolean {
    return (this.#wantsMore = this.#sink.took(content))
  }

  #finish(trailers: readonly string[]): void {
    this.#framing = 'over'
    this.#sink.finished(trailers)
  }
}

const HEAD_END = '\r\n\r\n'

// What speaks first and is no HTTP would be waited for in vain.
const BEGIN = 'HTTP/1.'
