// The ways in which a target does not do its work.
import { numberOf } from './messages.mjs'

const TRICKLED_BYTES = 5

/** Answers in this way, if at all; gives whether it did. `complete` is called when all was sent. */
export const misbehave = (way, answer) => WAYS[way](answer)

const WAYS = {
  well: () => false,

  silent: () => true,

  hangup: ({ response }) => response.socket.end(),

  /** Every second answer breaks off in its body, framed in each of the three ways in turn. */
  reset: ({ id, body, response }) => {
    const number = numberOf(id)
    if (number % 2 === 1) return false
    writeHead(response, body, ['length', 'chunked', 'close'][number % 3])
    // A byte before the end is the hardest to notice; without a chunk's worth even more so.
    response.write(body.slice(0, number % 4 === 0 ? -1 : body.length / 2))
    // At once, so that the other side reads the last bytes and the reset together, or a little later.
    if (number % 4 === 0) setTimeout(reset, 5, response.socket)
    else setImmediate(reset, response.socket)
    return true
  },

  /** One of five is reset before it is answered, another one when it is sent again. */
  unsteady: ({ response }) => {
    if (Math.random() >= 0.2) return false
    reset(response.socket)
    return true
  },

  garbage: ({ id, response }) => {
    const { socket } = response
    socket.write(GARBAGE[numberOf(id) % GARBAGE.length], 'latin1')
    // Some say goodbye behind it, some leave that to the other side.
    if (numberOf(id) % 2 === 0) socket.end()
    return true
  },

  /** The last bytes come one a second. */
  trickle: ({ body, response, complete }) => {
    writeHead(response, body, 'length')
    response.write(body.slice(0, -TRICKLED_BYTES))
    const rest = body.slice(-TRICKLED_BYTES).split('')
    const timer = setInterval(() => {
      response.write(rest.shift())
      if (rest.length > 0) return
      clearInterval(timer)
      complete()
      response.end()
    }, 1_000)
    response.once('close', () => clearInterval(timer))
    return true
  },
}

// `resetAndDestroy` would say goodbye first, which ends a body that only the connection ends.
const reset = (socket) => {
  socket.resetAndClosing = true
  socket.destroy()
}

const writeHead = (response, body, framing) => {
  if (framing === 'length') response.setHeader('Content-Length', body.length)
  if (framing === 'close') response.setHeader('Connection', 'close')
  // Without both the body ends with the connection.
  if (framing === 'close') response.removeHeader('Transfer-Encoding')
  response.writeHead(200)
}

const GARBAGE = [
  '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'.padEnd(200, '\xfe'),
  'SSH-2.0-OpenSSH_9.6\r\n',
  '\0\0\0\0\0\0\0\0',
  'HTTP/1.1 2x0 OK\r\nContent-Length: 2\r\n\r\nok',
  'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok',
]
