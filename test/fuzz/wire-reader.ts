// HTTP/1.1 read strictly from its RFCs, by nothing that the gateway reads it with. Text is latin1.
import { METHODS } from 'node:http'

export interface Message {
  /** The request line or status line. */
  start: string
  fields: ReadonlyArray<readonly [name: string, value: string]>
  body: string
}

export interface Reading {
  messages: Message[]
  /** What is behind the last whole message. */
  rest: string
  /** Why the rest can be no message, nor become one. */
  fault?: string
}

/** How the body of a message is delimited: `close` where the connection does it. */
type Framing = number | 'chunked' | 'close' | 'tunnel'
type Frame = (start: string, message: Message) => Framing | { fault: string }

const FIELD = /^([\w!#$%&'*+.^`|~-]+):[ \t]*((?:[\t -~\x80-\xff]*[!-~\x80-\xff])?)[ \t]*$/

// A little less than the gateway takes, of which no case comes near.
const LIMIT_HEAD_BYTES = 16_000

const readAll = (text: string, isEnded: boolean, startLine: RegExp, frame: Frame): Reading => {
  const messages: Message[] = []
  let rest = text
  const broken = (fault: string): Reading => ({ messages, rest, fault })
  for (;;) {
    rest = rest.replace(/^[\r\n]+/, '') // empty lines before a request are to be ignored
    const end = rest.indexOf('\r\n\r\n')
    if (end < 0) return rest.length > LIMIT_HEAD_BYTES ? broken('long') : { messages, rest }
    if (end > LIMIT_HEAD_BYTES) return broken('long')
    const [start = '', ...lines] = rest.slice(0, end).split('\r\n')
    if (!startLine.test(start)) return broken('start line')
    const found = lines.map((line) => FIELD.exec(line))
    if (found.includes(null)) return broken('field')
    const fields = found.map((match) => [match?.[1] ?? '', match?.[2] ?? ''] as const)
    const message = { start, fields, body: '' }
    const framing = frame(start, message)
    if (typeof framing === 'object') return broken(framing.fault)
    const behind = rest.slice(end + 4)
    if (framing === 'tunnel') return { messages: [...messages, message], rest: behind }
    if (framing === 'close') {
      if (!isEnded) return { messages, rest }
      return { messages: [...messages, { ...message, body: behind }], rest: '' }
    }
    const body =
      framing === 'chunked'
        ? readChunks(behind)
        : { content: behind.slice(0, framing), length: framing }
    if (typeof body === 'string') return broken(body)
    if (!body || body.length > behind.length) return { messages, rest }
    messages.push({ ...message, body: body.content })
    rest = behind.slice(body.length)
  }
}

/** The content and how long it is on the wire; why it is none; `undefined` while it is not whole. */
const readChunks = (text: string): { content: string; length: number } | string | undefined => {
  let at = 0
  let content = ''
  for (;;) {
    const end = text.indexOf('\r\n', at)
    const line = end < 0 ? text.slice(at).replace(/\r$/, '') : text.slice(at, end)
    if (!/^0*[\da-f]{0,13}(?:;[\w!#$%&'*+.^`|~-][\t -~\x80-\xff]*)?$/i.test(line))
      return 'chunk size'
    if (end < 0) return undefined
    if (!/^[\da-f]/i.test(line)) return 'chunk size'
    const size = parseInt(line, 16)
    at = end + 2
    if (size === 0) break
    content += text.slice(at, at + size)
    const close = text.slice(at + size, at + size + 2)
    if (close.length < 2) return undefined
    if (close !== '\r\n') return 'chunk end'
    at += size + 2
  }
  for (;;) {
    const end = text.indexOf('\r\n', at)
    if (end < 0) return undefined
    if (end === at) return { content, length: at + 2 }
    if (!FIELD.test(text.slice(at, end))) return 'trailer'
    at = end + 2
  }
}

/** The values of a field. */
export const valuesIn = ({ fields }: Message, name: string): string[] =>
  fields.filter(([own]) => own.toLowerCase() === name).map(([, value]) => value)

// Several spaces are as one (RFC 9112 Section 3).
export const readRequests = (text: string): Reading =>
  readAll(
    text,
    false,
    /^[\w!#$%&'*+.^`|~-]+ +(?:\/[!-~]*|[a-z]+:\/\/[\w.~-][!-~]*|\*) +HTTP\/1\.[01]$/,
    (start, message) => {
      if (!METHODS.includes(start.split(' ')[0] ?? '')) return { fault: 'method' }
      const codings = valuesIn(message, 'transfer-encoding')
      const lengths = valuesIn(message, 'content-length')
      const [length = '0'] = lengths
      if (codings.length + lengths.length > 1 || !/^\d{1,15}$/.test(length))
        return { fault: 'framing' }
      if (codings.length > 0)
        return start.endsWith('1') && codings[0]?.toLowerCase() === 'chunked'
          ? 'chunked'
          : { fault: 'coding' }
      const isUpgrade = start.endsWith('1') && valuesIn(message, 'upgrade').some(Boolean)
      return Number(length) === 0 && isUpgrade ? 'tunnel' : Number(length)
    },
  )

/** `methods` are those that were asked with, in turn; `isEnded` that no more will come. */
export const readAnswers = (
  text: string,
  methods: readonly string[],
  isEnded: boolean,
): Reading => {
  let at = 0
  return readAll(text, isEnded, /^HTTP\/1\.1 \d{3} [\t\x20-\xff]*$/, (start, message) => {
    const status = Number(start.slice(9, 12))
    if (status === 101) return 'tunnel'
    if (status < 200) return 0
    const method = methods[at++]
    if (status === 204 || status === 304 || method === 'HEAD') return 0
    const [coding] = valuesIn(message, 'transfer-encoding')
    const [length, ...more] = valuesIn(message, 'content-length')
    if (coding !== undefined)
      return coding === 'chunked' && !length ? 'chunked' : { fault: 'coding' }
    if (length === undefined) return 'close'
    return more.length === 0 && /^\d+$/.test(length) ? Number(length) : { fault: 'length' }
  })
}
