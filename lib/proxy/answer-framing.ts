import { valuesOf } from '../http/headers.js'
import { AnswerError, type AnswerHead } from './answer-head.js'

/** Where the body of an answer ends (RFC 9112 Section 6.3). */
export type AnswerFraming =
  | { kind: 'none' }
  | { kind: 'length'; bytes: number }
  | { kind: 'chunked' }
  /** With its connection. */
  | { kind: 'close' }

/**
 * How the body of an answer to a request with `method` is framed.
 * @throws AnswerError where it is said in two ways, or in one that cannot be
 */
export const answerFraming = (
  { statusCode, versionMinor, rawHeaders }: AnswerHead,
  method: string,
): AnswerFraming => {
  const codings = valuesOf(rawHeaders, 'transfer-encoding')
  const lengths = valuesOf(rawHeaders, 'content-length')
  // Two of them, or both, are how one answer is made into two for whoever reads the other one.
  if (lengths.length > 1 || (lengths.length > 0 && codings.length > 0))
    throw new AnswerError('ambiguous_answer_length')
  const [length] = lengths
  const bytes = length === undefined ? undefined : Number(length)
  if (length !== undefined && !(/^[0-9]+$/.test(length) && Number.isSafeInteger(bytes)))
    throw new AnswerError('invalid_content_length')
  const isChunked = versionMinor === 1 && /^chunked$/i.test(codings.join(','))
  // HTTP/1.0 has no codings: one that is named there frames nothing (RFC 9112 Section 6.1). Of others
  // than chunked nothing tells whether all of it came.
  if (codings.length > 0 && !isChunked) throw new AnswerError('unknown_transfer_coding')
  if (method === 'HEAD' || statusCode < 200 || statusCode === 204 || statusCode === 304) return NONE
  if (bytes !== undefined) return bytes === 0 ? NONE : { kind: 'length', bytes }
  return isChunked ? CHUNKED : CLOSE
}

/** Whether the connection may be used again, and for how long as the service says, in milliseconds. */
export const keptFor = ({ versionMinor, rawHeaders }: AnswerHead): number => {
  const options = valuesOf(rawHeaders, 'connection').join(',').toLowerCase()
  if (/(^|[,\s])close($|[,\s])/.test(options)) return 0
  if (versionMinor === 0 && !/(^|[,\s])keep-alive($|[,\s])/.test(options)) return 0
  const [hint = ''] = valuesOf(rawHeaders, 'keep-alive')
  const seconds = /(?:^|[,\s])timeout=(\d{1,9})/i.exec(hint)?.[1]
  return seconds === undefined ? Infinity : Math.max(0, Number(seconds) * 1_000 - HASTE_MS)
}

const NONE: AnswerFraming = { kind: 'none' }
const CHUNKED: AnswerFraming = { kind: 'chunked' }
const CLOSE: AnswerFraming = { kind: 'close' }

// A request that goes out in the last moment meets a closed connection.
const HASTE_MS = 1_000
