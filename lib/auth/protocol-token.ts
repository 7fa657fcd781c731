import { valuesOf, type RawHeaders } from '../http/headers.js'

/** A token that came among the subprotocols of a WebSocket. */
export interface ProtocolToken {
  token: string
  /** The subprotocols that are left, as in `Sec-WebSocket-Protocol`; empty where none is. */
  offeredProtocols: string
}

/** The subprotocol behind which the token stands, and which is confirmed where there is no other. */
export const TOKEN_PROTOCOL = 'bearer'

/**
 * Finds the token in `Sec-WebSocket-Protocol: bearer, <token>`: a browser can set no other field of a
 * WebSocket's request. `undefined` where `bearer` is not offered, and why where it is of no use.
 */
export const protocolToken = (
  raw: RawHeaders,
): ProtocolToken | 'two_tokens' | 'malformed' | undefined => {
  const offered = valuesOf(raw, 'sec-websocket-protocol')
    .flatMap((value) => value.split(','))
    .map((protocol) => protocol.trim())
  const folded = offered.map((protocol) => protocol.toLowerCase())
  const at = folded.indexOf(TOKEN_PROTOCOL)
  if (at < 0) return undefined
  if (folded.lastIndexOf(TOKEN_PROTOCOL) > at) return 'two_tokens'
  const token = offered[at + 1]
  if (!token || offered[at] !== TOKEN_PROTOCOL) return 'malformed'
  const offeredProtocols = offered.filter((_, i) => i !== at && i !== at + 1).join(', ')
  // A part of a text keeps all of it in memory, and a token may be remembered.
  return { token: Buffer.from(token, 'latin1').toString('latin1'), offeredProtocols }
}
