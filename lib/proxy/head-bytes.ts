import { AnswerError } from './answer-head.js'

/** The longest header section of an answer, in bytes. */
export const LIMIT_HEAD_BYTES = 16_384

/** Gathers the bytes of lines, or of header sections, one after another, each up to what ends it. */
export class HeadBytes {
  /** What stands before the end, as Latin-1; `undefined` as long as that has not come. */
  text: string | undefined
  readonly #end: string
  #before = ''

  constructor(end: string) {
    this.#end = end
  }

  /** What came so far of one that is not over. */
  get begun(): string {
    return this.#before
  }

  /**
   * Reads from `at` on; gives where it stopped.
   * @throws AnswerError where it is longer than it may be
   */
  read(bytes: Buffer, at: number): number {
    // As a rule all of it is here, and what is behind it need not be looked at.
    const stop = this.#before === '' ? bytes.indexOf(this.#end, at, 'latin1') : -1
    if (stop < 0 || stop > at + LIMIT_HEAD_BYTES) return this.#gather(bytes, at)
    this.text = bytes.toString('latin1', at, stop)
    return stop + this.#end.length
  }

  #gather(bytes: Buffer, at: number): number {
    const before = this.#before
    // No more than it may have is looked at.
    const most = Math.min(bytes.length, at + LIMIT_HEAD_BYTES + this.#end.length - before.length)
    const text = before + bytes.toString('latin1', at, most)
    const end = text.indexOf(this.#end, Math.max(0, before.length - this.#end.length + 1))
    this.text = end < 0 ? undefined : text.slice(0, end)
    this.#before = end < 0 ? text : ''
    if (end >= 0) return at + end + this.#end.length - before.length
    if (text.length >= LIMIT_HEAD_BYTES + this.#end.length)
      throw new AnswerError('answer_head_too_large')
    return most
  }
}
