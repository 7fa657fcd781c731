import { AnswerError, type AnswerHead } from '../../lib/proxy/answer-head.js'
import { AnswerReader } from '../../lib/proxy/answer-reader.js'

/** What a reader made of the bytes of a connection. */
export interface ReadAnswer {
  /** The status codes of what was not yet the answer. */
  informed: number[]
  head?: AnswerHead
  /** How its body is framed; `switched` for a 101. */
  framing?: string
  body: string
  /** There once it is whole. */
  trailers?: readonly string[]
  /** Why it cannot be read. */
  error?: string
  /** What was not read, because it stands behind the answer. */
  behind: string
}

export interface ReadOptions {
  method?: string
  /** Whether the connection ends behind the bytes. */
  isEnded?: boolean
}

/** Reads an answer that comes in these pieces. */
export const readAnswer = (
  pieces: readonly string[],
  { method = 'GET', isEnded = false }: ReadOptions = {},
): ReadAnswer => {
  const read: ReadAnswer = { informed: [], body: '', behind: '' }
  const reader = new AnswerReader(method, {
    informed: ({ statusCode }) => void read.informed.push(statusCode),
    switched: (head) => void Object.assign(read, { head, framing: 'switched' }),
    began: (head, { kind }) => void Object.assign(read, { head, framing: kind }),
    took: (content) => {
      read.body += content.toString('latin1')
      return true
    },
    finished: (trailers) => void (read.trailers = [...trailers]),
  })
  try {
    for (const piece of pieces) {
      const bytes = Buffer.from(piece, 'latin1')
      const taken = reader.read(bytes)
      bytes.fill('!', 0, taken) // it is another's now
      read.behind += piece.slice(taken)
    }
    if (isEnded) reader.end()
  } catch (error) {
    if (!(error instanceof AnswerError)) throw error
    read.error = error.code
  }
  return read
}

/** Each way to have `bytes` in two pieces, and the one in pieces of a byte each. */
export const splits = (bytes: string): string[][] => [
  ...Array.from({ length: bytes.length + 1 }, (_, at) => [bytes.slice(0, at), bytes.slice(at)]),
  Array.from(bytes),
]
