// Reads answers from the bytes of a connection, by RFC 9112 and nothing else: how an answer is framed
// decides alone whether it is whole.

/**
 * The answer that `text` (latin1) begins with, or undefined as long as its head is not whole.
 * `isEnded` says that a FIN came. `status` is 0 for what is no HTTP.
 */
export const readAnswer = (text, isEnded) => {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd < 0) return undefined
  const head = text.slice(0, headEnd)
  const rest = text.slice(headEnd + 4)
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1] ?? 0)
  if (status >= 100 && status < 200) return readAnswer(rest, isEnded)
  const { body, isWhole } = readBody(head, rest, isEnded)
  return { status, body, isWhole, isLast: /\r\nconnection: *close/i.test(head) }
}

const readBody = (head, rest, isEnded) => {
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) return readChunks(rest)
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  if (length === undefined) return { body: rest, isWhole: isEnded }
  return { body: rest.slice(0, Number(length)), isWhole: rest.length >= Number(length) }
}

const readChunks = (text) => {
  let body = ''
  for (let at = 0; ;) {
    const [line, size] = /^([0-9a-f]+)[^\r\n]*\r\n/i.exec(text.slice(at)) ?? []
    if (!line) return { body, isWhole: false }
    const start = at + line.length
    const bytes = Number.parseInt(size, 16)
    // No trailers are sent here.
    if (bytes === 0) return { body, isWhole: text.startsWith('\r\n', start) }
    body += text.slice(start, start + bytes)
    if (text.length < start + bytes + 2) return { body, isWhole: false }
    at = start + bytes + 2
  }
}
