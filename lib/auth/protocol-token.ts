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
 * WebSocket's request. `undefined` where there is none, `two_tokens` for more than one.
 */
export const protocolToken = (raw: RawHeaders): ProtocolToken | 'two_tokens' | undefined => {
  const offered = valuesOf(raw, 'sec-websocket-protocol')
    .flatMap((value) => value.split(','))
    .map((protocol) => protocol.trim())
  const at = offered.indexOf(TOKEN_PROTOCOL)
  const token = at < 0 ? undefined : offered[at + 1]
  if (!token) return undefined
  if (offered.lastIndexOf(TOKEN_PROTOCOL) > at) return 'two_tokens'
  const offeredProtocols = offered.filter((_, i) => i !== at && i !== at + 1).join(', ')
  return { token, offeredProtocols }
}
