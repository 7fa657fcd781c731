/** The status line and the fields of an answer (RFC 9112 Sections 4 and 5). */
export interface AnswerHead {
  readonly statusCode: number
  /** The reason phrase; empty where there is none. */
  readonly statusMessage: string
  readonly versionMinor: number
  /** Names and values in turn. */
  readonly rawHeaders: string[]
}

/** Why an answer cannot be read; safe to log. */
export class AnswerError extends Error {
  readonly code: string

  constructor(code: string) {
    super(code)
    this.code = code
  }
}

/**
 * Reads a header section, without the empty line behind it: its bytes as Latin-1.
 * @throws AnswerError where it is not one, byte for byte
 */
export const parseAnswerHead = (text: string): AnswerHead => {
  if (!HEAD.test(text)) throw new AnswerError('invalid_answer_head')
  const lineEnd = text.indexOf(CRLF)
  const line = lineEnd < 0 ? text : text.slice(0, lineEnd)
  return {
    statusCode: Number(line.slice(9, 12)),
    statusMessage: line.slice(13),
    versionMinor: line[7] === '0' ? 0 : 1,
    rawHeaders: lineEnd < 0 ? [] : parseFieldLines(text, lineEnd + 2),
  }
}

/**
 * Reads one field line, without its end.
 * @throws AnswerError where it is none
 */
export const parseFieldLine = (line: string): string[] => {
  if (!FIELD.test(line)) throw new AnswerError('invalid_answer_head')
  return parseFieldLines(line, 0)
}

// Of checked lines, from `start` on.
const parseFieldLines = (text: string, start: number): string[] => {
  const fields: string[] = []
  for (let at = start; at < text.length;) {
    const colon = text.indexOf(':', at)
    const crlf = text.indexOf(CRLF, colon)
    const end = crlf < 0 ? text.length : crlf
    fields.push(text.slice(at, colon), withoutSpace(text, colon + 1, end))
    at = end + 2
  }
  return fields
}

const withoutSpace = (text: string, start: number, end: number): string => {
  while (start < end && isSpace(text.charCodeAt(start))) start++
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

const isSpace = (code: number): boolean => code === 0x20 || code === 0x09

const CRLF = '\r\n'

// No whitespace before a colon, no folded line, no bare CR or LF, no control character: what one
// recipient reads in one way and the next in another is an answer of no one.
const FIELD_LINE = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+:[\\t\\x20-\\x7e\\x80-\\xff]*"
const FIELD = new RegExp(`^${FIELD_LINE}$`)
const HEAD = new RegExp(
  `^HTTP/1\\.[01] [1-9][0-9]{2}(?: [\\t\\x20-\\x7e\\x80-\\xff]*)?(?:\\r\\n${FIELD_LINE})*$`,
)
