import { AnswerError } from './answer-head.js'

/** The longest header section of an answer, in bytes. */
export const LIMIT_HEAD_BYTES = 16_384

/** Gathers the bytes of a line, or of a header section, up to what ends it. */
export class HeadBytes {
  /** What stands before the end, as Latin-1; `undefined` as long as that has not come. */
  text: string | undefined
  readonly #end: string
  #before = ''

  constructor(end: string) {
    this.#end = end
  }

  /** What came of it so far. */
  get begun(): string {
    return this.#before
  }

  /**
   * Reads from `at` on; gives where it stopped.
   * @throws AnswerError where it is longer than it may be
   */
  read(bytes: Buffer, at: number): number {
    const before = this.#before
    // No more than it may have is looked at.
    const most = Math.min(bytes.length, at + LIMIT_HEAD_BYTES + this.#end.length - before.length)
    const text = before + bytes.toString('latin1', at, most)
    const end = text.indexOf(this.#end, Math.max(0, before.length - this.#end.length + 1))
    if (end >= 0) {
      this.text = text.slice(0, end)
      return at + end + this.#end.length - before.length
    }
    if (text.length >= LIMIT_HEAD_BYTES + this.#end.length)
      throw new AnswerError('answer_head_too_large')
    this.#before = text
    return most
  }
}
