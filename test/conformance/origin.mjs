// The service behind the proxy: raw TCP, so that it sees every byte and may answer with any.
import { createServer } from 'node:net'
import { parseMessage } from './message.mjs'
import { Wire } from './wire.mjs'

/** A whole 200 with this body and these field lines. */
export const ok = (body = 'ok', ...lines) => reply('200 OK', body, ...lines)

export const reply = (status, body, ...lines) =>
  [`HTTP/1.1 ${status}`, `Content-Length: ${body.length}`, ...lines, '', body].join('\r\n')

/** One request as it came on a wire, and what was answered. */
class Exchange {
  sent = ''

  constructor(wire, start) {
    this.wire = wire
    this.start = start
  }

  /** The request as far as it has come. */
  get request() {
    return parseMessage(this.wire.received, this.start)
  }

  get complete() {
    return this.request.complete
  }

  get raw() {
    const { complete, next } = this.request
    return this.wire.received.slice(this.start, complete ? next : undefined)
  }

  /** Whether the connection had carried a request before. */
  get isOnKeptConnection() {
    return this.start > 0
  }

  send(text) {
    this.sent += text
    this.wire.send(text)
  }
}

const answerWhenWhole = async (exchange, until) => {
  await until(() => exchange.complete || exchange.wire.gone, Infinity)
  if (exchange.complete) exchange.send(ok())
}

export const createOrigin = (watch) => {
  const wires = new Set()
  const exchanges = []
  const answers = {}

  // A WebSocket proxy may drop X-Case, and `OPTIONS *` has no path, so either names the case; one
  // that has neither belongs with what came before it.
  const caseOf = ({ request, wire }) =>
    /\/c\/([\w-]+)/.exec(request.target)?.[1] ??
    /x-case: *([\w-]+)/i.exec(request.head)?.[1] ??
    exchanges.findLast((exchange) => exchange.wire === wire)?.caseId

  const serve = async (wire) => {
    for (let start = 0; ;) {
      const exchange = new Exchange(wire, start)
      if (!(await watch.until(() => exchange.request ?? (wire.gone && 'gone'), Infinity)).head)
        break
      exchange.caseId = caseOf(exchange)
      exchanges.push(exchange)
      watch.changed()
      await (answers[exchange.caseId] ?? answerWhenWhole)(exchange, watch.until)
      // From here on both sides of the connection are in the hands of the case.
      if (exchange.sent.startsWith('HTTP/1.1 101')) return
      await watch.until(() => exchange.complete || wire.gone, Infinity)
      if (!exchange.complete) break
      start = exchange.request.next
    }
    wire.end()
  }

  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const wire = new Wire(socket, watch)
    wires.add(wire)
    socket.on('close', () => wires.delete(wire))
    // A case that did not reckon with what came must not end the whole run.
    serve(wire).catch(() => wire.close())
  })

  return {
    listen: (port = 0) =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, '127.0.0.1', () => resolve(server.address().port))
      }),
    /** Closes the port, which it resolves with, and every connection; `listen` opens it again. */
    close: () => {
      const { port } = server.address()
      return new Promise((resolve) => {
        server.close(() => resolve(port))
        for (const wire of wires) wire.close()
      })
    },
    /** What answers the requests of a case, instead of a plain 200 once the request is whole. */
    answer: (caseId, handler) => {
      answers[caseId] = handler
    },
    exchangesOf: (caseId) => exchanges.filter((exchange) => exchange.caseId === caseId),
  }
}
