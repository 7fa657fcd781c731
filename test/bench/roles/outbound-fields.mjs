import { randomUUID } from 'node:crypto'
import { passportOf, segmentOf } from '../tokens.mjs'

/** Sets what the service behind is told, on a request of `http-proxy`. */
export const setFields = (outgoing, claims, via) => {
  outgoing.removeHeader('Authorization')
  outgoing.setHeader('X-Passport', passportOf(claims))
  outgoing.setHeader('X-Proxy-State', segmentOf(claims))
  outgoing.setHeader('X-Request-Id', randomUUID())
  outgoing.setHeader('Via', via)
}
