// Reads HTTP/1.1 messages out of text in which each character is one byte (latin1). Fields are shown
// as they came, for each case to judge; chunks that are not well-formed make a message `broken`.

/**
 * The message that begins at `from`, as far as it has come; undefined while its head is incomplete.
 * `answerTo` is the method that it answers, undefined for a request; `ended` says that a FIN came.
 */
export const parseMessage = (text, from, { answerTo, ended = false } = {}) => {
  const headEnd = text.indexOf('\r\n\r\n', from)
  if (headEnd < 0) return undefined
  const head = text.slice(from, headEnd)
  const [startLine, ...lines] = head.split('\r\n')
  const message = { head, startLine, fields: lines.map(parseField) }
  if (answerTo === undefined)
    [message.method, message.target, message.version] = startLine.split(' ')
  else message.status = Number(startLine.split(' ')[1])
  const framing = framingOf(message, answerTo)
  return { ...message, framing, ...READERS[framing](text, headEnd + 4, { message, ended }) }
}

/** The values of all field lines with this name, in order. */
export const valuesOf = (message, name) =>
  message.fields
    .filter(([key]) => key.toLowerCase() === name.toLowerCase())
    .map(([, value]) => value)

/** Whether a list such as that of Connection or TE has this member. */
export const lists = (message, name, member) =>
  valuesOf(message, name)
    .flatMap((value) => value.split(','))
    .some((value) => value.trim().toLowerCase() === member.toLowerCase())

const parseField = (line) => {
  const colon = line.indexOf(':')
  return [line.slice(0, colon), line.slice(colon + 1).trim()]
}

// RFC 9112 Section 6.3, in its order.
const framingOf = (message, answerTo) => {
  const { status } = message
  if (status === 101) return 'tunnel'
  if (answerTo === 'HEAD' || status < 200 || status === 204 || status === 304) return 'none'
  if (valuesOf(message, 'transfer-encoding').length > 0) return 'chunked'
  if (valuesOf(message, 'content-length').length > 0) return 'length'
  return answerTo === undefined ? 'none' : 'close'
}

const CHUNK_LINE = /^[\da-f]+(;[^\r\n\0]*)?$/i

const READERS = {
  none: (_text, at) => ({ body: '', complete: true, next: at }),
  tunnel: (text, at) => ({ body: text.slice(at), complete: true, next: text.length }),
  close: (text, at, { ended }) => ({ body: text.slice(at), complete: ended, next: text.length }),
  length: (text, at, { message }) => {
    const next = at + Number(valuesOf(message, 'content-length')[0])
    return { body: text.slice(at, next), complete: text.length >= next, next }
  },
  chunked: (text, at) => {
    let body = ''
    const partial = (isBroken) => ({ body, complete: false, broken: isBroken, next: at })
    for (;;) {
      const lineEnd = text.indexOf('\r\n', at)
      if (lineEnd < 0) return partial(text.includes('\n', at))
      const line = text.slice(at, lineEnd)
      const size = Number.parseInt(line, 16)
      if (!CHUNK_LINE.test(line) || !Number.isSafeInteger(size)) return partial(true)
      if (size === 0) return { body, ...trailersOf(text, lineEnd + 2) }
      const dataEnd = lineEnd + 2 + size
      body += text.slice(lineEnd + 2, dataEnd)
      if (text.length < dataEnd + 2) return partial(false)
      if (!text.startsWith('\r\n', dataEnd)) return partial(true)
      at = dataEnd + 2
    }
  },
}

const trailersOf = (text, at) => {
  const trailers = []
  for (;;) {
    const lineEnd = text.indexOf('\r\n', at)
    if (lineEnd < 0) return { trailers, complete: false, next: at }
    if (lineEnd === at) return { trailers, complete: true, next: at + 2 }
    trailers.push(parseField(text.slice(at, lineEnd)))
    at = lineEnd + 2
  }
}
