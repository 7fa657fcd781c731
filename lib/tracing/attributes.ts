import type { IncomingMessage } from 'node:http'
import type { Client } from '../http/client-address.js'
import type { TraceTarget } from '../http/trace.js'
import type { Attributes } from './opentelemetry.js'

// The names are those of OpenTelemetry's stable conventions for HTTP. What could hold a secret or names
// a person is left out, as it is of the log: path and query, the client's address, the user.

/** What is known of a request as it comes. */
export const serverAttributes = (request: IncomingMessage, client: Client): Attributes => {
  const { proto, host = '' } = client
  const [, address, port = proto === 'https' ? '443' : '80'] = HOST.exec(host) ?? []
  const userAgent = request.headers['user-agent']
  return {
    ...methodAttributes(request),
    'url.scheme': proto,
    'network.protocol.version': request.httpVersion,
    ...(address !== undefined && {
      'server.address': address.replace(/^\[|\]$/g, ''),
      'server.port': Number(port),
    }),
    ...(userAgent !== undefined && { 'user_agent.original': userAgent.slice(0, USER_AGENT_CHARS) }),
  }
}

/** What is known of the `resendCount`th time that a request is sent again, 0 for the first. */
export const clientAttributes = (
  request: IncomingMessage,
  { connect }: TraceTarget,
  resendCount: number,
): Attributes => ({
  ...methodAttributes(request),
  'network.protocol.version': '1.1',
  ...('host' in connect
    ? { 'server.address': connect.host, 'server.port': connect.port }
    : { 'server.address': connect.path }),
  ...(resendCount > 0 && { 'http.request.resend_count': resendCount }),
})

/** How a span is called whose request has this method, as far as that is one of HTTP. */
export const nameOf = ({ method = '' }: IncomingMessage): string =>
  KNOWN_METHODS.has(method) ? method : 'HTTP'

const methodAttributes = ({ method = '' }: IncomingMessage): Attributes =>
  KNOWN_METHODS.has(method)
    ? { 'http.request.method': method }
    : { 'http.request.method': '_OTHER', 'http.request.method_original': method }

// RFC 9110 Section 9, and PATCH (RFC 5789).
const KNOWN_METHODS: ReadonlySet<string> = new Set(
  'CONNECT DELETE GET HEAD OPTIONS PATCH POST PUT TRACE'.split(' '),
)

const USER_AGENT_CHARS = 256

const HOST = /^([\w.-]{1,253}|\[[\da-f:.]{2,45}\])(?::(\d{1,5}))?$/i
