// A client that measures others and costs little itself: each connection sends its next request as soon
// as it is answered.
import { connect } from 'node:net'

/**
 * Sends what `next` gives for `seconds`, or until it gives nothing more: `{ text, status, onBody? }`.
 * Resolves to how many were answered, and in how many seconds. Rejects where an answer has another
 * status.
 */
export const closedLoop = async ({ port, connections, seconds }, next) => {
  const startMs = performance.now()
  const isOver = () => performance.now() - startMs >= seconds * 1_000
  let count = 0
  const lanes = Array.from({ length: connections }, () =>
    createLane(port, () => {
      const request = isOver() ? undefined : next()
      if (request) count++
      return request
    }),
  )
  try {
    await Promise.all(lanes.map(({ done }) => done))
  } finally {
    for (const { close } of lanes) close()
  }
  return { count, seconds: (performance.now() - startMs) / 1_000 }
}

const createLane = (port, next) => {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true }).setEncoding('latin1')
  const done = new Promise((resolve, reject) => {
    let request
    let received = ''
    const send = () => {
      request = next()
      if (request) socket.write(request.text)
      else resolve()
    }
    socket.on('connect', send)
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('a connection was closed')))
    socket.on('data', (text) => {
      received += text
      const body = bodyOf(received)
      if (body === undefined) return
      const status = Number(received.slice(9, 12))
      received = ''
      if (status !== request.status) return reject(new Error(`${status} ${body}`))
      try {
        request.onBody?.(body)
      } catch (error) {
        return reject(error)
      }
      send()
    })
  })
  return { done, close: () => socket.destroy() }
}

/** The body of an answer of the gateway; `undefined` as long as it is not whole. */
const bodyOf = (text) => {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(text)?.[1] ?? 0)
  return text.length - end - 4 < length ? undefined : text.slice(end + 4)
}

/** The text of a request. */
export const requestText = (method, path, { headers = {}, json, body = textOf(json) } = {}) => {
  const type = json === undefined ? {} : { 'Content-Type': 'application/json' }
  const fields = { Host: 'bench', ...headers, ...type, 'Content-Length': Buffer.byteLength(body) }
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`
}

const textOf = (json) => (json === undefined ? '' : JSON.stringify(json))
