// One end of a TCP connection that remembers all its bytes, so that a case can look at exactly what
// came, and when. Both the client and the service of the runner are made of it.
import { connect } from 'node:net'
import { parseMessage } from './message.mjs'

/** Those who wait are asked again whenever something happens on any wire of the same watch. */
export const createWatch = () => {
  const waiting = new Set()
  return {
    changed: () => {
      for (const check of waiting) check()
    },
    /** Resolves with what `condition` gives once it is truthy, or with undefined after `ms`. */
    until: (condition, ms = 2_000) =>
      new Promise((resolve) => {
        const finish = (value) => {
          clearTimeout(timer)
          waiting.delete(check)
          resolve(value)
        }
        const check = () => {
          const value = condition()
          if (value) finish(value)
        }
        const timer = ms === Infinity ? undefined : setTimeout(finish, ms)
        waiting.add(check)
        check()
      }),
  }
}

export class Wire {
  received = ''
  sent = ''
  /** A FIN came: the other side has said all it wanted to say. */
  ended = false
  closed = false

  constructor(socket, watch) {
    this.socket = socket.setNoDelay(true)
    socket.on('data', (bytes) => {
      this.received += bytes.toString('latin1')
      watch.changed()
    })
    socket.on('end', () => {
      this.ended = true
      watch.changed()
    })
    // What broke the connection is seen as `closed` without `ended`.
    socket.on('error', () => {})
    socket.on('close', () => {
      this.closed = true
      watch.changed()
    })
  }

  get gone() {
    return this.ended || this.closed
  }

  send(text) {
    this.sent += text
    this.socket.write(text, 'latin1')
    return this
  }

  /** Sends a FIN, and reads on. */
  end() {
    this.socket.end()
  }

  /** Closes both directions at once. */
  close() {
    this.socket.destroy()
  }

  /** Breaks the connection off with a RST. */
  reset() {
    this.socket.resetAndDestroy()
  }

  /** All answers so far, interim ones too. `methods` are those of the requests, GET if not given. */
  answers(...methods) {
    const found = []
    for (let at = 0, finals = 0; ; at = found.at(-1).next) {
      const answerTo = methods[finals] ?? 'GET'
      const answer = parseMessage(this.received, at, { answerTo, ended: this.ended })
      if (!answer) return found
      found.push(answer)
      if (!answer.complete || answer.framing === 'tunnel') return found
      if (answer.status >= 200) finals++
    }
  }

  /** The answer with this index among the whole final ones; negative counts from the last. */
  final(index = 0, ...methods) {
    return this.answers(...methods)
      .filter(({ status, complete }) => complete && (status >= 200 || status === 101))
      .at(index)
  }
}

/** Opens a connection; fails when nobody listens. */
export const openWire = (port, host, watch) =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host, allowHalfOpen: true })
    socket.once('error', reject)
    socket.once('connect', () => resolve(new Wire(socket, watch)))
  })

/**
 * Writes until the other side has taken nothing for 700 ms, or `limit` bytes are written.
 * Resolves with how many bytes were written; a case compares that with `limit`.
 */
export const flood = async ({ socket }, limit, encode = (block) => block) => {
  const block = encode(Buffer.alloc(65_536, 'x'))
  const before = socket.bytesWritten
  while (socket.bytesWritten - before < limit && !socket.destroyed) {
    if (!socket.write(block) && !(await drained(socket))) break
  }
  return socket.bytesWritten - before
}

const drained = (socket) =>
  new Promise((resolve) => {
    const finish = (result) => {
      clearTimeout(timer)
      socket.off('drain', onDrain)
      resolve(result)
    }
    const onDrain = () => finish(true)
    const timer = setTimeout(finish, 700, false)
    socket.on('drain', onDrain)
  })
