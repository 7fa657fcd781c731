import { AnswerError, parseFieldLine } from './answer-head.js'
import { HeadBytes, LIMIT_HEAD_BYTES } from './head-bytes.js'

type State = 'size' | 'data' | 'data-end' | 'trailers' | 'done'

/** Undoes the chunked transfer coding (RFC 9112 Section 7.1), as it comes in pieces. */
export class ChunkedBody {
  /** Names and values in turn, once it is done. */
  readonly trailers: string[] = []
  readonly #line = new HeadBytes(CRLF)
  #state: State = 'size'
  #left = 0
  /** Bytes of trailers and of extensions. */
  #besideBytes = 0

  get isDone(): boolean {
    return this.#state === 'done'
  }

  /**
   * Reads from `at` on until it is done or `take`, who gets the content, says that it is enough for now;
   * gives where it stopped.
   * @throws AnswerError for what is not in the coding
   */
  read(bytes: Buffer, at: number, take: (content: Buffer) => boolean): number {
    while (at < bytes.length && this.#state !== 'done') {
      if (this.#state !== 'data') {
        at = this.#readLine(bytes, at)
        continue
      }
      const end = Math.min(bytes.length, at + this.#left)
      const content = bytes.subarray(at, end)
      this.#left -= content.length
      at = end
      if (this.#left === 0) this.#state = 'data-end'
      if (!take(content)) return at
    }
    return at
  }

  #readLine(bytes: Buffer, at: number): number {
    const end = this.#line.read(bytes, at)
    const { text } = this.#line
    if (text === undefined) return end
    if (this.#state === 'size') this.#begin(text)
    else if (this.#state === 'trailers') this.#readTrailer(text)
    else if (text === '') this.#state = 'size'
    else throw new AnswerError('invalid_chunk')
    return end
  }

  #begin(line: string): void {
    const size = CHUNK_SIZE.exec(line)?.[1]
    if (size === undefined) throw new AnswerError('invalid_chunk')
    this.#count(line.length - size.length)
    this.#left = parseInt(size, 16)
    this.#state = this.#left === 0 ? 'trailers' : 'data'
  }

  #readTrailer(line: string): void {
    if (line === '') {
      this.#state = 'done'
      return
    }
    this.#count(line.length + CRLF.length)
    this.trailers.push(...parseFieldLine(line))
  }

  #count(bytes: number): void {
    this.#besideBytes += bytes
    if (this.#besideBytes > LIMIT_HEAD_BYTES) throw new AnswerError('answer_head_too_large')
  }
}

const CRLF = '\r\n'

// 13 digits are what a number holds exactly. Extensions mean nothing here, but must be some; the space in
// them is bad, and to be borne with (RFC 9112 Section 7.1.1).
const TOKEN = "[!#$%&'*+\\-.^_`|~0-9a-z]+"
const QUOTED = '"(?:[\\t\\x20!#-[\\]-~\\x80-\\xff]|\\\\[\\t\\x20-\\x7e\\x80-\\xff])*"'
const EXTENSION = `[ \\t]*;[ \\t]*${TOKEN}(?:[ \\t]*=[ \\t]*(?:${TOKEN}|${QUOTED}))?`
const CHUNK_SIZE = new RegExp(`^([0-9a-f]{1,13})(?:${EXTENSION})*$`, 'i')
