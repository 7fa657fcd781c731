import type { Socket } from 'node:net'
import type { Exchange } from './exchange.js'

/** A request and the answer that is on its way. */
export type Answering = Pick<Exchange, 'request' | 'response' | 'isWhole'>

/** Cuts an answer that is half sent, so that it cannot look whole. */
export const cut = ({ request, response }: Answering): void => {
  // An HTTP/1.0 body ends with its connection; only a reset tells that it did not.
  if (request.httpVersionMinor === 0) reset(request.socket)
  else response.destroy()
}

/**
 * Cuts an answer that is on its way when the client says goodbye (FIN): node would say it back, and
 * to an HTTP/1.0 client that means the answer is whole.
 */
export const cutOnGoodbye = (exchange: Exchange): void => {
  const { request, response, departures } = exchange
  if (request.httpVersionMinor > 0) return
  const { socket } = request
  const leave = (): void => {
    departures.letGo()
    if (response.headersSent && !response.writableEnded) cut(exchange)
  }
  socket.prependOnceListener('end', leave)
  response.once('close', () => socket.off('end', leave))
}

/**
 * Cuts a connection by a reset. `resetAndDestroy` would say goodbye first (FIN), and that is what must
 * not be said. The field is node's own; a socket that knows no reset (TLS, a Unix socket) is
 * destroyed all the same.
 */
export const reset = (socket: Socket & { resetAndClosing?: boolean }): void => {
  if (socket.remoteFamily !== undefined && !('encrypted' in socket)) socket.resetAndClosing = true
  socket.destroy()
}
