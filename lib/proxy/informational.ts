import { STATUS_CODES } from 'node:http'
import type { Exchange } from '../http/exchange.js'
import { pushEndToEnd } from '../http/headers.js'
import type { AnswerHead } from './answer-head.js'
import { isReserved } from './reserved-names.js'

/**
 * Relays an answer that is not yet the answer (RFC 9110 Section 15.2), such as 103 Early Hints. 100
 * is left out: whether the client waits for it is known elsewhere.
 */
export const writeInformation = (exchange: Exchange, information: AnswerHead): void => {
  const { request, response } = exchange
  const { statusCode, rawHeaders } = information
  const { socket } = response
  // An HTTP/1.0 client knows none, and a client that does not read need not be told more.
  if (statusCode === 100 || request.httpVersionMinor === 0 || !socket || socket.writableNeedDrain)
    return
  const fields: string[] = []
  pushEndToEnd(fields, rawHeaders, (name) => isReserved(name) || name === 'x-request-id')
  let head = `HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode] ?? ''}\r\n`
  for (let i = 0; i < fields.length; i += 2) head += `${fields[i]}: ${fields[i + 1]}\r\n`
  socket.write(`${head}\r\n`, 'latin1')
}
