// The service behind. It is written on sockets, so that it never is what a proxy waits for: it takes
// requests that come one after another on a connection, with any body, and the end of the path says
// what it answers: `/seen` the head as it came, `/download/<bytes>` so many, and anything else a word.
import { createServer } from 'node:net'
import { listen } from './listen.mjs'

const END = '\r\n\r\n'
const LAST_CHUNK = Buffer.from('0\r\n\r\n')
const CHUNK = Buffer.alloc(65_536, 'x')

const head = (length, type) => `HTTP/1.1 200 OK\r
Content-Type: ${type}\r
Date: ${new Date().toUTCString()}\r
Connection: keep-alive\r
Keep-Alive: timeout=120\r
Content-Length: ${length}\r
\r
`

let word
setInterval(() => (word = undefined), 1_000).unref()

const answer = (socket, text) => {
  const path = text.slice(0, text.indexOf(' HTTP/'))
  const [, bytes] = /\/download\/(\d+)$/.exec(path) ?? []
  if (bytes) download(socket, Number(bytes))
  else if (path.endsWith('/seen')) {
    const json = JSON.stringify(text.split('\r\n'))
    socket.write(head(Buffer.byteLength(json), 'application/json') + json)
  } else socket.write((word ??= Buffer.from(`${head(5, 'text/plain')}hello`)))
}

const download = (socket, bytes) => {
  let left = bytes
  const pour = () => {
    while (left > 0) {
      const chunk = left < CHUNK.length ? CHUNK.subarray(0, left) : CHUNK
      left -= chunk.length
      if (!socket.write(chunk)) return socket.once('drain', pour)
    }
  }
  socket.write(head(bytes, 'application/octet-stream'))
  pour()
}

const serve = (socket) => {
  let text = ''
  /** Bytes of the body that are still to come; NaN where it is chunked. */
  let left = 0
  let tail = Buffer.alloc(0)
  const finish = () => {
    answer(socket, text)
    text = ''
    left = 0
  }
  const takeBody = (bytes) => {
    if (Number.isNaN(left)) {
      tail = Buffer.concat([tail, bytes]).subarray(-LAST_CHUNK.length)
      if (tail.equals(LAST_CHUNK)) finish()
    } else if ((left -= bytes.length) <= 0) finish()
  }
  const takeHead = (bytes) => {
    text += bytes.latin1Slice()
    const end = text.indexOf(END)
    if (end < 0) return
    const body = Buffer.from(text.slice(end + END.length), 'latin1')
    text = text.slice(0, end)
    if (text.startsWith('GET ')) return finish()
    const isChunked = /^transfer-encoding: *chunked/im.test(text)
    left = isChunked ? NaN : Number(/^content-length: *(\d+)/im.exec(text)?.[1] ?? 0)
    tail = Buffer.alloc(0)
    takeBody(body)
  }
  const isInBody = () => text !== '' && left !== 0
  socket.setNoDelay(true)
  socket.on('data', (bytes) => (isInBody() ? takeBody(bytes) : takeHead(bytes)))
  socket.on('error', () => {})
}

export const start = () => listen(createServer(serve))
